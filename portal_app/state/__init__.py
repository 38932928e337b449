"""The visitor's session; turns numbers into words; owns reflex. May import: kit, services."""
