"""A self-hosted customer portal for subscription businesses, on Stripe."""
