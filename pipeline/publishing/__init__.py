"""When figures are published: the publisher of a lease, and its CPU budget."""
