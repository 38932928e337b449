"""Pages of the merchant's desk; customers never fetch them. May import: kit, components, state."""
