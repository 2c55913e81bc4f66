"""What the terminal and scripts show of the live figures."""

from pipeline.views.overview import reps
from pipeline.views.readings import Reading, WindowReading


def rep(scope: str, value: float | None) -> Reading:
    """A rep with one figure of today, the score of activities, which has no value without a target."""
    window = WindowReading("day:2026-11-23", "provisional", 0, {"activity_score": {"value": value}}, None)
    return Reading(scope, scope, "EUR", {"day": window})


def test_reps_without_a_value_come_last() -> None:
    """After those who have none of it; equal ones by name."""
    values = {"rep:a": None, "rep:b": 0.0, "rep:c": 2.5, "rep:d": -1.0, "rep:e": 2.5}
    figures = {scope: rep(scope, value) for scope, value in values.items()}

    found = [reading.scope for reading in reps(figures, "day", "activity_score")]
    assert found == ["rep:c", "rep:e", "rep:b", "rep:d", "rep:a"]
