"""Floor 1: the only SQL. Sets, keyset, no commits; the edge that opened a transaction ends it."""
