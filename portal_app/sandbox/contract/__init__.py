"""What Stripe's wire looks like at the pinned API version, read off the installed SDK instead of written down again."""
