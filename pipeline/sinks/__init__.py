"""Where figures go: Redis, the topics, Prometheus."""
