"""In which homes, and on which days, others may be at work after a change of the organisation.

Asked once the change was put. It may name too much, never too little.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.measures import COMPANY
from pipeline.organisation.copies import Change
from pipeline.organisation.organisation import Organisation
from pipeline.scores.home import FAR_DAY
from pipeline.scores.restaffed import Restaffed
from pipeline.scores.windows import utc_day

ALL = Restaffed(None, None)
Days = tuple[int, int]


def restaffed(change: Change, organisation: Organisation) -> Restaffed | None:
    """Where others may be at work; None where that is sure to be nowhere."""
    kind, _, name = change.subject.partition(":")
    if kind == "company":
        return ALL if change.differs("calendar", "time_zone") else None
    if kind == "team":
        return _of_team(name, change, organisation)
    if kind in ("proration", "special_day"):
        return _of_rule(kind, change, organisation)
    if kind == "membership":
        reps, also, days = change.said("rep_id"), change.said("team_id"), _belonging(change)
    elif kind == "absence":
        reps, also, days = change.said("rep_id"), set(), _away(change)
    elif kind == "rep" and (change.is_there_otherwise or change.differs("active", "hired_on", "left_on")):
        reps, also, days = {name}, set(), (0, FAR_DAY)
    else:
        return None
    return _within(also.union(*(organisation.teams_ever(rep) for rep in reps)), organisation, days)


def _within(teams: Iterable[str], organisation: Organisation, days: Days, above: Iterable[str] = ()) -> Restaffed:
    """All who hold these teams. `above` are teams above them that are none by now."""
    named = frozenset(teams)
    groups = {*named, *above}
    groups.update(each for team in tuple(groups) for each in organisation.ancestors(team))
    homes = {COMPANY, *(f"team:{team}" for team in named), *(f"group:{team}" for team in groups)}
    return Restaffed(named, frozenset(homes), *days)


def _of_team(team: str, change: Change, organisation: Organisation) -> Restaffed | None:
    if not (change.is_there_otherwise or change.differs("calendar", "ended_at", "parent_id", "time_zones")):
        return None
    below = organisation.descendants(team) if change.is_there_otherwise or change.differs("parent_id") else ()
    return _within({team, *below}, organisation, (0, FAR_DAY), change.said("parent_id"))


def _of_rule(kind: str, change: Change, organisation: Organisation) -> Restaffed | None:
    """Of a ramp from the day on from which it holds, of a special day on that day alone."""
    records = [record for record in (change.old, change.new) if record]
    if kind == "proration" and not any(record.get("ramp") for record in records):
        return None
    field = "day" if kind == "special_day" else "effective_on"
    days = [record.get(field) or 0 for record in records]
    span = min(days, default=0), max(days, default=0) if kind == "special_day" else FAR_DAY
    teams = {record.get("team_id") for record in records}
    if None in teams or COMPANY in teams:
        return Restaffed(None, None, *span)
    return _within((team for team in teams if team), organisation, span)


def _belonging(change: Change) -> Days:
    """From where a membership is another one: its beginning, or its end where that alone was told otherwise."""
    old, new = change.old, change.new
    field = "valid_to" if old and new and {**old, "valid_to": 0} == {**new, "valid_to": 0} else "valid_from"
    told = [record.get(field) for record in (old, new) if record]
    if field == "valid_to":
        return min((_day(at_ms) for at_ms in told if at_ms is not None), default=0), FAR_DAY
    return min((_day(at_ms or 0) for at_ms in told), default=0), FAR_DAY


def _away(change: Change) -> Days:
    """The days that an absence may lie on, before or after the change."""
    spans = [_absence(record) for record in (change.old, change.new) if record]
    return min((first for first, _ in spans), default=0), max((last for _, last in spans), default=0)


def _absence(record: Mapping[str, Any]) -> Days:
    start, end = record.get("starts_at"), record.get("ends_at")
    first, last = record.get("first_day") or 0, record.get("last_day")
    over = _day(end) + 2 if end is not None else FAR_DAY if last is None else last
    return first if start is None else _day(start), over


def _day(at_ms: int) -> int:
    """A day that no zone has after the one in which an instant lies."""
    return max(utc_day(at_ms) - 1, 0)
