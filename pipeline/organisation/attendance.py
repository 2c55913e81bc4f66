"""When a rep is at work at all: from being hired to leaving, but for absences. Pure.

Days are those of the team that asks, so that an absence begins for each team at its own midnight.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pipeline.organisation import days
from pipeline.organisation.organisation import Organisation, is_there

EVER, NEVER = -1, 2**63
Attendance = Literal["present", "absent", "not_hired", "left"]
Span = tuple[int, int]
"""An instant and the first one after the span, epoch milliseconds; from `EVER` on, or up to `NEVER`."""


def comes_or_goes(organisation: Organisation, rep: str) -> bool:
    """Whether anything is told by which a rep is not always at work."""
    return _comes_or_goes(organisation.get(f"rep:{rep}") or {}, organisation.absences(rep))


def _comes_or_goes(record: Mapping[str, Any], absences: Mapping[str, Any]) -> bool:
    return bool(absences) or "hired_on" in record or "left_on" in record


def employed_days(record: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """The first and the last day at work, as a rep's record names them; None where it names none."""
    hired_on, left_on = record.get("hired_on"), record.get("left_on")
    if hired_on is not None and left_on is not None and left_on < hired_on:
        left_on = None  # That was before the rep came back.
    return hired_on, left_on


def employed(organisation: Organisation, rep: str, team: str) -> Span:
    """From the first day at work to the end of the last one; whoever names none has always been there, or stays."""
    hired_on, left_on = employed_days(organisation.get(f"rep:{rep}") or {})
    return (
        EVER if hired_on is None else organisation.day_start_ms(team, hired_on),
        NEVER if left_on is None else organisation.day_start_ms(team, left_on + 1),
    )


def is_employed(organisation: Organisation, rep: str, team: str, at_ms: int) -> bool:
    """Whether a rep works for the company at an instant, by all that the organisation says of it."""
    record = organisation.get(f"rep:{rep}")
    if record is None:
        return True
    if not is_there(record) or record.get("active") is False:
        return False
    since_ms, until_ms = employed(organisation, rep, team)
    return since_ms <= at_ms < until_ms


def attendance(organisation: Organisation, rep: str, team: str, day: int) -> Attendance:
    """Whether a rep is at work on a local day, or for a part of it; why not is not told."""
    record = organisation.get(f"rep:{rep}") or {}
    if record.get("deleted") or record.get("active") is False:
        return "left"
    if not _comes_or_goes(record, organisation.absences(rep)):
        return "present"  # As most reps are: every figure of one asks, and midnights cost more than all else here.
    span = organisation.day_start_ms(team, day), organisation.day_start_ms(team, day + 1)
    return attendance_in(span, employed(organisation, rep, team), away(organisation, rep, team))


def attendance_in(span: Span, employed_in: Span, away_in: Iterable[Span]) -> Attendance:
    """Whether somebody who is employed in one span, and away in others, is at work for any part of a span."""
    (start_ms, end_ms), (since_ms, until_ms) = span, employed_in
    if until_ms <= start_ms:
        return "left"
    if since_ms >= end_ms:
        return "not_hired"
    return "absent" if any(begin <= start_ms and end_ms <= end for begin, end in away_in) else "present"


def away(organisation: Organisation, rep: str, team: str) -> tuple[Span, ...]:
    """All spans in which a rep is absent, in order, none touching another."""
    told = organisation.absences(rep)
    if not told:
        return ()
    spans = (_span(record, organisation, team) for record in told.values())
    return _joined(span for span in spans if span[0] < span[1])


def why_away(organisation: Organisation, rep: str, team: str, at_ms: int) -> str | None:
    """The kind of absence at an instant: that of the one which began last, then of the greater id; None at work."""
    told = organisation.absences(rep)
    found = (
        (span[0], name, record.get("kind") or "other")
        for name, record in told.items()
        if (span := _span(record, organisation, team))[0] <= at_ms < span[1]
    )
    return max(found, default=(0, "", None))[2]


def bounds(organisation: Organisation, rep: str, team: str) -> list[int]:
    """The instants at which it changes whether a rep is at work."""
    spans = (employed(organisation, rep, team), *away(organisation, rep, team))
    return sorted({at_ms for span in spans for at_ms in span if EVER < at_ms < NEVER})


def back_ms(organisation: Organisation, rep: str, team: str, at_ms: int) -> int | None:
    """Since when a rep who is at work at an instant has been, after being hired or away; None for always."""
    since_ms, _ = employed(organisation, rep, team)
    ends = (end_ms for _, end_ms in away(organisation, rep, team) if end_ms <= at_ms)
    latest = max((since_ms, *ends))
    return None if latest == EVER else latest


def _span(record: Mapping[str, Any], organisation: Organisation, team: str) -> Span:
    """When a rep is away by one absence; of one that names no beginning, never."""
    first, last = record.get("first_day"), record.get("last_day")
    start, end = record.get("starts_at"), record.get("ends_at")
    if start is None:
        start = NEVER if first is None else _day_ms(organisation, team, first, noon=bool(record.get("from_noon")))
    if end is None and last is not None:
        noon = bool(record.get("until_noon"))
        end = _day_ms(organisation, team, last if noon else last + 1, noon=noon)
    return start, NEVER if end is None else end


def _day_ms(organisation: Organisation, team: str, day: int, *, noon: bool) -> int:
    return days.noon_ms(organisation.zone(team, day), day) if noon else organisation.day_start_ms(team, day)


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)
