"""The table of topics, the comparison of the broker with it, and how far the pipeline is behind."""
