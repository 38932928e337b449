"""Cards and what banks say to them."""
