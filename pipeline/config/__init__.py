"""Settings, read once, and how clients reach Kafka and Redis by them."""
