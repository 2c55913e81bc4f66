"""Achievements in words."""

from pipeline.views.achievements import words


def test_a_streak_says_how_many_days_with_how_much_and_up_to_when() -> None:
    """Money in the company's currency."""
    dials = {"id": "streak:20|dials|rep:7", "kind": "streak", "kpi": "dials", "value": 6, "window": "day:2026-11-27"}
    booked = {**dials, "id": "streak:50000|bookings|rep:7", "kpi": "bookings"}

    assert words(dials, "EUR") == "6 working days in a row with at least 20 dials, up to 2026-11-27"
    assert words(booked, "EUR") == "6 working days in a row with at least €500 bookings, up to 2026-11-27"
