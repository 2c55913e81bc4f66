"""Reading the live figures back from Redis, and how they are worded for people."""
