"""Alerts: when a rep, a team or a feed counts as silent, and the life of each alert."""
