"""A simulated quarter of a company with seeded drops, by which the rules of alerts are judged: `make alerts`."""
