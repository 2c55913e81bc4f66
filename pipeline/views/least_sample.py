"""How many cases a share, an average or a median needs before reps are ranked by it."""

LEAST_SAMPLE = 5
"""A share of fewer is chance."""
