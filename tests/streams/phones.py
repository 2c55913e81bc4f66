"""Strands of phones: what one is set to through some days, told late, corrected, taken out, deleted, restored."""

from collections.abc import Iterator
from random import Random
from typing import Any

from tests.streams.strand import END, NAMED, Told, given, maybe, moment
from tests.unit.ledger.world import DAY, HOUR, MINUTE, event

STATES = ("available", "available", "ringing", "on_call", "on_call", "wrap_up", "break", "break", "offline")
LATE = (0, 0, 0, 4 * MINUTE, 5 * HOUR, 2 * DAY, 4 * DAY)
"""How long after its time something is told; the last comes too late."""
GAPS = (MINUTE, 20 * MINUTE, HOUR, 9 * HOUR, 30 * HOUR, 4 * DAY)


def phone(random: Random, name: str) -> Iterator[Told]:
    """A while of one phone; other whiles are of it too. Some events have an id that later ones correct."""
    at_ms, rep = moment(random), random.choice((*NAMED, "nobody-knows"))
    ids = [f"{name}-{number}" for number in range(4)]
    for _ in range(random.randrange(2, 12)):
        at_ms += random.choice(GAPS) + random.randrange(MINUTE)
        told_ms = at_ms + random.choice(LATE)
        if told_ms < END:
            yield Told(told_ms, _telling(random, rep, at_ms, ids))


def _telling(random: Random, rep: str, at_ms: int, ids: list[str]) -> dict[str, Any]:
    roll = random.random()
    if roll < 0.08:
        return event("agent", rep, at_ms, verb="deleted" if roll < 0.04 else "restored")
    reason = maybe(random, ("lunch", "training"), 0.3)
    said: dict[str, Any] = given(state=maybe(random, STATES, 0.9), reason=reason) or {"state": None}
    other = given(event_id=maybe(random, ids, 0.4), corrects=maybe(random, ids, 0.15))
    return event("agent", rep, at_ms, sequence=random.randrange(2), **other, **said)
