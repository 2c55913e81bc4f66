"""Live figures and the graph as people read them: read back from Redis, drawn, and put into words."""
