"""The only door to Stripe; owns the stripe package. May import: kit."""
