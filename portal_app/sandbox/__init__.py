"""A pocket Stripe over HTTP. May import: nothing of ours."""
