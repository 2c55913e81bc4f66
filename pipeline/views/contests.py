"""Contests as people read them. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.views.asked import AskedError
from pipeline.views.past import money
from pipeline.views.wording import MISSING, name_of, rfc3339, say

SHOWN = 3
"""So many of those who take part stand on a board; all of them where somebody asks for the contest."""
_STATES: Mapping[str, str] = {
    "upcoming": "begins {first_day}",
    "running": "until {last_day}",
    "settling": "over since {last_day}, still counting what comes late",
    "final": "final",
    "restated": "final, and restated since",
}
Contest = Mapping[str, Any]


def in_order(contests: Sequence[Contest]) -> list[Contest]:
    """Those that run first, then those to come, then what is over, the latest first."""
    places = {"running": 0, "settling": 1, "upcoming": 2}
    return sorted(contests, key=lambda each: (places.get(each["state"], 3), -each["end_ms"], each["id"]))


def contest_named(contests: Sequence[Contest], name: str) -> Contest:
    """The contest of a name; AskedError where there is none."""
    for each in contests:
        if each["id"] == f"contest:{name}":
            return each
    names = ", ".join(each["id"].partition(":")[2] for each in contests)
    raise AskedError("contest", f"there is no contest {name}; there are: {names or 'none'}")


def state_of(contest: Contest) -> str:
    """What it is called now, in words."""
    return _STATES.get(contest["state"], "{state}").format(**contest)


def rows(contest: Contest, currency: str) -> list[tuple[str, str, str, str]]:
    """Place, who, value and sample of everybody who is told, in words."""
    return [
        (
            MISSING if each["place"] is None else str(each["place"]),
            name_of(each["scope"]),
            say(contest["kpi"], each["value"], currency),
            "" if each["n"] is None else f"{each['n']:,}",
        )
        for each in contest["standings"]
    ]


def leaders(contest: Contest, currency: str) -> str:
    """The first of them in a line: `1 rep-03 41, 2 rep-01 38`."""
    return ", ".join(f"{place} {who} {value}" for place, who, value, _ in rows(contest, currency)[:SHOWN])


def as_json(contest: Contest, currency: str) -> dict[str, Any]:
    """For programs: with its instants as such, and what money is in."""
    kept = {name: value for name, value in contest.items() if not name.endswith("_ms") and name != "home"}
    instants = {name.removesuffix("_ms"): rfc3339(contest[name]) for name in ("start_ms", "end_ms", "final_ms")}
    return {**kept, **instants, "summary": state_of(contest), **money(currency)}
