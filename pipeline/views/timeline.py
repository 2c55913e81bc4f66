"""The timeline of a rep's day, as it lies in Redis: within a team, or joined of all teams of the rep. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pipeline.views.readings import Reading
from pipeline.views.wording import clock_time, rfc3339, state_words

DAY, KPI = "day", "phone_timeline"


class Stretch(NamedTuple):
    """A while in which the phone was in one state; `to_ms` is None of the state that goes on."""

    from_ms: int
    to_ms: int | None
    state: str
    team: str


class Timeline(NamedTuple):
    """The states of a rep's day in their order, and how many more there are that nobody names."""

    scope: str
    stretches: tuple[Stretch, ...]
    beyond: int


def timeline(figures: Mapping[str, Reading], scope: str) -> Timeline | None:
    """That of `rep:7@north`, or of `rep:7` over all teams; None where none is published."""
    found = [reading for name, reading in figures.items() if name == scope or name.startswith(f"{scope}@")]
    told = {each.scope: line for each in found if each.scope.startswith("rep:") and (line := _told(each))}
    if not told:
        return None
    stretches = (
        Stretch(each["from_ms"], each["to_ms"], each["state"], within.partition("@")[2])
        for within, line in told.items()
        for each in line["stretches"]
    )
    return Timeline(scope, tuple(sorted(stretches, key=_begin)), sum(line["beyond"] for line in told.values()))


def as_json(found: Timeline) -> dict[str, Any]:
    """What the API answers."""
    stretches = [
        {
            "team": each.team,
            "state": each.state,
            "start": rfc3339(each.from_ms),
            "end": None if each.to_ms is None else rfc3339(each.to_ms),
        }
        for each in found.stretches
    ]
    return {"scope": found.scope, "stretches": stretches, "beyond": found.beyond}


def rows(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The KPI as people read it: from when until when, and the state."""
    found = [
        (f"{clock_time(each['from_ms'])} to {_end(each['to_ms'])}", state_words(each["state"]))
        for each in told["stretches"]
    ]
    return [*found, *([("beyond", f"{told['beyond']} more")] if told["beyond"] else [])]


def _end(to_ms: int | None) -> str:
    return "now" if to_ms is None else clock_time(to_ms)


def _told(reading: Reading) -> Mapping[str, Any]:
    window = reading.windows.get(DAY)
    found: Mapping[str, Any] = window.kpis.get(KPI, {}) if window is not None else {}
    return found


def _begin(stretch: Stretch) -> tuple[int, str]:
    return stretch.from_ms, stretch.team
