"""The audit: every published figure, recomputed in SQL from the topics; see docs/architecture.md."""
