"""Arrangements; the sitemap; owns reflex. May import: kit, components, state."""
