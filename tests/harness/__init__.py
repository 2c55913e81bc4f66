"""What several integration tests need: a worker as a process of its own, and readers of what it publishes."""
