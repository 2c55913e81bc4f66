"""Rings of an inbound call that a rep did not answer: missed, or ended by the caller."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pipeline import measures
from pipeline.kinds.handling import Told, was_taken
from pipeline.objects.object import Object

PICKED_UP_MS = 1_000
"""A phone that stops within so long of a colleague's answer stopped because of it: many stamps are to the second."""
RANG_OUT = frozenset({"no_answer", "voicemail"})
GAVE_UP = frozenset({"abandoned", "cancelled"})


class Ring(NamedTuple):
    """Whose phone rang, and what came of it."""

    rep: str
    measure: str


def rings(call: Object, *, answered: bool) -> Iterator[Ring]:
    """Called for an inbound call: one for each leg that its rep did not answer, once it is known why it ended.

    A call without legs that nobody answered rang last at the rep whom it names.
    """
    legs: Sequence[Told] | None = call.get("legs")
    if not legs:
        rep = call.get("rep_id")
        if rep is not None and not answered and (measure := _at_the_end(call.get("outcome"), spoken=False)):
            yield Ring(rep, measure)
        return
    for leg in legs:
        rep = leg.get("rep_id")
        if rep is not None and not was_taken(leg) and (measure := _unanswered(leg, call, legs)):
            yield Ring(rep, measure)


def _unanswered(leg: Told, call: Object, legs: Sequence[Told]) -> str | None:
    stopped_ms, ended_ms = leg.get("ended_at"), call.get("ended_at")
    if stopped_ms is None or (ended_ms is not None and stopped_ms >= ended_ms):
        return _at_the_end(call.get("outcome"), spoken=ended_ms is not None and any(map(was_taken, legs)))
    return None if any(_was_picked_up(each, stopped_ms) for each in legs) else measures.MISSED


def _was_picked_up(colleague: Told, stopped_ms: int) -> bool:
    answered_ms: Any = colleague.get("answered_at")
    return answered_ms is not None and 0 <= stopped_ms - answered_ms <= PICKED_UP_MS


def _at_the_end(outcome: str | None, *, spoken: bool) -> str | None:
    """It rang until the call was over: who ended it is known by the outcome, or by somebody's having talked before."""
    if outcome in RANG_OUT:
        return measures.MISSED
    return measures.HUNG_UP_RINGING if spoken or outcome in GAVE_UP else None
