"""Pieces of a page; owns reflex. May import: kit, state."""
