"""Stints: what a rep's phone was set to, and from when until when, as its events tell it."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pipeline.objects.histories import Entry, History, Moment
from pipeline.objects.object import Object
from pipeline.organisation.days import DAY_MS

SETTLED_DAYS = 3
"""So many whole days (UTC) before today phones are told of: dialers tell of them at once, or within hours."""
_NOBODY = ""
"""The source of what is settled; no event has it."""


class Stint(NamedTuple):
    """A stretch in one state, None where it is not known; until the next telling, None for the last one.

    `since_ms` is when the phone came to be set to it, earlier than `from_ms` where that was told again. Only an absence
    has a reason.
    """

    state: str | None
    reason: str | None
    since_ms: int
    from_ms: int
    to_ms: int | None


def stints(history: History) -> list[Stint]:
    """All that is not settled, in order; the same in whatever order it was told."""
    found = _stretches(history, history)
    settled = _settled_count(history)
    if settled:
        last_ms = history[settled - 1][0][0]
        found = [stint for stint in found if stint.from_ms >= last_ms]
    return found


def settled_before_ms(now_ms: int) -> int:
    """What is told of before this instant, at a time, comes too late."""
    return (now_ms // DAY_MS - SETTLED_DAYS) * DAY_MS


def settle(phone: Object, before_ms: int) -> bool:
    """Let go of what lies before an instant, but for the state that held then and since when; whether anything did.

    From then on no event takes anything of it out.
    """
    history = phone.history
    old = history[: bisect_left(history, before_ms, key=_time_of)]
    if len(old) <= _settled_count(history):
        return False
    held = next(reversed(_stretches(old, history)), None)
    taken_out = _corrected(old)
    # What was taken out by what goes now stays out, and is still known if it comes again.
    left = [(v, {} if v[3:5] in taken_out else said, corrects) for v, said, corrects in history[len(old) :]]
    phone.history = [*_as_settled(held), *left]
    phone.timelines = phone.told = phone.course = None
    return True


def unsettled_count(history: History) -> int:
    """How many tellings are kept that are not settled."""
    return len(history) - _settled_count(history)


def _as_settled(held: Stint | None) -> Iterator[Entry]:
    if held is None or held.state is None:
        return
    said = {"state": held.state, "reason": held.reason}
    for at_ms in sorted({held.since_ms, held.from_ms}):
        yield (at_ms, 0, 0, _NOBODY, 0, 0), said, None


def _settled_count(history: History) -> int:
    """What is settled comes first: two entries at most."""
    return next((n for n, (version, _, _) in enumerate(history) if version[3] != _NOBODY), len(history))


def _time_of(entry: Entry) -> int:
    return entry[0][0]


def _corrected(entries: Iterable[Entry]) -> set[tuple[str, int]]:
    """Which events, by source and id, others of their source correct."""
    named = [(version, corrects) for version, _, corrects in entries if corrects is not None]
    return {(version[3], corrects) for version, corrects in named if corrects != version[4]}


def _stretches(entries: History, whole: History) -> list[Stint]:
    """The stretches between tellings, by what stands of them; `whole` has all that corrects any."""
    found: list[Stint] = []
    before = None
    for (at_ms, _), told in _by_moment(entries, _corrected(whole)).items():
        if before is not None:
            found[-1] = before._replace(to_ms=at_ms)
        before = follows(before, at_ms, told)
        found.append(before)
    return found


def follows(before: Stint | None, at_ms: int, told: Mapping[str, Any]) -> Stint:
    """The stint that begins with a telling, after the one that held until then."""
    state: str | None = told.get("state", before and before.state)
    reason: str | None = told.get("reason") if state == "break" else None
    goes_on = before is not None and (before.state, before.reason) == (state, reason)
    return Stint(state, reason, before.since_ms if before is not None and goes_on else at_ms, at_ms, None)


def _by_moment(entries: History, corrected: set[tuple[str, int]]) -> dict[Moment, dict[str, Any]]:
    """What was told when: of several events of one moment the last that tells it."""
    found: dict[Moment, dict[str, Any]] = {}
    for version, said, _ in entries:
        if said and not (corrected and version[3:5] in corrected):
            known = found.get(version[:2])
            found[version[:2]] = {**known, **said} if known else said
    return found
