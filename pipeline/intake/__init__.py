"""Which records of a source log are accepted, what becomes of the others, and when that halts a worker."""
