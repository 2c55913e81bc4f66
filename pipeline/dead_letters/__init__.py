"""Refused records: found on their topic, shown, and replayed."""
