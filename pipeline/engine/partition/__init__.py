"""What runs for each partition that is held: the pump, the ticker, and their task."""
