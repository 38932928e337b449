"""Who you are and how often you may ask. May import: kit, models."""
