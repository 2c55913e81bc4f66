"""Curves that were learnt, as they are shown and told: which are of use, and one event for each of these. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipeline.curves.learning import LEAST_PERIODS, Learnt
from pipeline.measures import COMPANY
from pipeline.sending.event import content_of, id_of
from schemas.events import iso

SOURCE = "curves"


@dataclass(frozen=True, slots=True)
class Told:
    """Who tells curves, and when; `day` is the company's local day then, `written` gives a team as its source does."""

    actor: str
    written: Callable[[str], str]
    now_ms: int
    day: int


@dataclass(slots=True)
class Result:
    """The curves that are of use, and why there is none of what else has a target."""

    curves: list[Learnt] = field(default_factory=list)
    lacking: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Scope, KPI, kind of period, and why."""


def judged(learnt: Iterable[Learnt], wanted: Mapping[str, Iterable[tuple[str, str]]], idle: Iterable[str]) -> Result:
    """What came of all that has a target. `idle` are the scopes of which nobody says when work is done."""
    by_place = {(each.scope, each.kpi, each.kind): each for each in learnt}
    found, without_hours = Result(), frozenset(idle)
    for scope, kpi, kind in sorted((scope, *aim) for scope, aims in wanted.items() for aim in aims):
        curve = by_place.get((scope, kpi, kind))
        periods = curve.periods if curve is not None else 0
        if curve is not None and periods >= LEAST_PERIODS:
            found.curves.append(curve)
        elif scope in without_hours:
            found.lacking.append((scope, kpi, kind, "no working hours: the team or the company needs a calendar"))
        else:
            line = f"{periods} {kind}s in which anything was reached are over; {LEAST_PERIODS} are needed"
            found.lacking.append((scope, kpi, kind, line))
    return found


def event_of(curve: Learnt, told: Told) -> dict[str, Any]:
    """The event of a curve. The next one of the same team, KPI and kind of period takes its place."""
    team = COMPANY if curve.scope == COMPANY else told.written(curve.scope.partition(":")[2])
    data = {
        "team_id": team, "kpi": curve.kpi, "period": curve.kind,
        "learnt_on": date.fromordinal(told.day).isoformat(), "actor": told.actor, "periods": curve.periods,
        "typical": curve.typical, "shares": curve.shares, "low": curve.low, "high": curve.high,
    }  # fmt: skip
    name = id_of(content_of({"team_id": team, "kpi": curve.kpi, "period": curve.kind}))[:16]
    event = {
        "specversion": "1.0", "source": SOURCE, "type": "org.curve.changed", "subject": f"curve:{name}",
        "time": iso(told.now_ms), "data": data,
    }  # fmt: skip
    return {**event, "id": id_of(content_of(event))}


def as_json(result: Result) -> dict[str, Any]:
    """For scripts."""
    lacking = (dict(zip(("scope", "kpi", "period", "why"), each, strict=True)) for each in result.lacking)
    return {"curves": [each._asdict() for each in result.curves], "lacking": list(lacking)}
