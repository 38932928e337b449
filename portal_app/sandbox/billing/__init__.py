"""How money comes to be owed and paid: the rules behind the operations."""
