"""A simulated sales floor, as a stream of events."""
