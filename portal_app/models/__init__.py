"""Tables. May import: kit."""
