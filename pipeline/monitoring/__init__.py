"""What a worker says of itself: health and readiness, metrics, logs."""
