"""State logs: the records, how they are written and read, and the recovery from them."""
