"""Simulated periods by which the interval of projections is proven: `make projections`."""
