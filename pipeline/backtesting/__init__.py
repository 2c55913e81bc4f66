"""Backtests of alert rules: what would have been open, by the facts that are kept and other settings."""
