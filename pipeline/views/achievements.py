"""What reps and teams achieved, as people read it. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.views.past import money
from pipeline.views.wording import name_of, say

Achievement = Mapping[str, Any]


def in_order(achievements: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The latest first."""
    return sorted(achievements, key=lambda each: (each["first_day"], each["id"]), reverse=True)


def words(achievement: Achievement, currency: str) -> str:
    """What was achieved: `best week by calls: 41 in 2026-W48`."""
    kpi, value = achievement["kpi"], say(achievement["kpi"], achievement["value"], currency)
    if achievement["kind"] == "best":
        period, _, name = achievement["window"].partition(":")
        return f"best {period} by {kpi}: {value} {'on' if period == 'day' else 'in'} {name}"
    if achievement["kind"] == "streak":
        least = say(kpi, int(achievement["id"].partition(":")[2].partition("|")[0]), currency)
        days, last = achievement["value"], achievement["window"].partition(":")[2]
        return f"{days} working days in a row with at least {least} {kpi}, up to {last}"
    return f"{value} {kpi} reached on {achievement['first_day']}"


def line(achievement: Achievement, currency: str) -> str:
    """The same with whose it is."""
    return f"{name_of(achievement['scope'])}  {words(achievement, currency)}"


def as_json(achievement: Achievement, currency: str) -> dict[str, Any]:
    """For programs: with its words, and what money is in."""
    kept = {name: value for name, value in achievement.items() if name not in ("home", "state")}
    return {**kept, "summary": words(achievement, currency), **money(currency)}
