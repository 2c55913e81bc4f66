"""What is known to be wrong: each test says what would be right, and is expected to fail until it is."""
