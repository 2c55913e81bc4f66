"""Strands of activities: told, corrected, told again long after, moved, deleted, restored."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from tests.streams.strand import DEALS, END, GAPS, LEADS, NAMED, Strand, Told, given, maybe, moment
from tests.unit.ledger.world import DAY, HOUR, MINUTE, event

Content = Callable[[Random, int], dict[str, Any]]
"""What an event says of an activity of a time."""


def _concerning(random: Random) -> dict[str, Any]:
    return given(rep_id=random.choice(NAMED), lead_id=maybe(random, LEADS, 0.4), deal_id=maybe(random, DEALS, 0.4))


def _call(random: Random, at_ms: int) -> dict[str, Any]:
    talked = given(answered_at=maybe(random, (at_ms + MINUTE,)), ended_at=maybe(random, (at_ms + 9 * MINUTE,)))
    worked = given(hold_seconds=maybe(random, (30,), 0.2), wrap_up_seconds=maybe(random, (0, 45), 0.5))
    if random.random() < 0.15:
        state = random.choice(("queued", "ringing", "ended"))
        return {**_concerning(random), "started_at": at_ms, "direction": "inbound", "state": state}
    return {
        **_concerning(random),
        **talked,
        **worked,
        **given(legs=maybe(random, (_legs(random, at_ms),), 0.3)),
        "started_at": at_ms,
        "direction": random.choice(("outbound", "outbound", "inbound")),
        "outcome": random.choice(("answered", "answered", "voicemail", "abandoned", "no_answer")),
    }


def _legs(random: Random, at_ms: int) -> list[dict[str, Any]]:
    """Phones that rang one after the other, or together until one was answered; some of those passed the call on."""
    told = []
    for number in range(random.randrange(1, 4)):
        from_ms = at_ms + number * 2 * MINUTE
        answered_ms = maybe(random, (at_ms + MINUTE, from_ms + MINUTE))
        ended_ms = maybe(random, (at_ms + MINUTE, from_ms + 2 * MINUTE, at_ms + 9 * MINUTE), 0.8)
        worked = given(hold_seconds=maybe(random, (10,), 0.3), wrap_up_seconds=maybe(random, (0, 20)))
        told.append({"rep_id": random.choice(NAMED), **given(answered_at=answered_ms, ended_at=ended_ms), **worked})
    return told


def _email(random: Random, at_ms: int) -> dict[str, Any]:
    return {**_concerning(random), "sent_at": at_ms, "direction": random.choice(("outbound", "inbound"))}


def _visit(random: Random, at_ms: int) -> dict[str, Any]:
    return {
        **_concerning(random),
        "occurred_at": at_ms,
        "kind": random.choice(("visit", "other", "call", "note", "task")),
        **given(connected=maybe(random, (True, False))),
    }


def _meeting(random: Random, at_ms: int) -> dict[str, Any]:
    starts_ms = maybe(random, (at_ms, at_ms + DAY, at_ms + 20 * DAY, at_ms + 60 * DAY), 0.9)
    booked_ms = maybe(random, (at_ms, at_ms - 3 * DAY, at_ms - 60 * DAY), 0.8)
    status = maybe(random, ("scheduled", "held", "held", "no_show"), 0.8)
    return {**_concerning(random), **given(starts_at=starts_ms, booked_at=booked_ms, status=status)}


def _story(kind: str, content: Content) -> Strand:
    def strand(random: Random, name: str) -> Iterator[Told]:
        at_ms = moment(random)
        yield Told(at_ms, event(kind, name, at_ms, **content(random, at_ms - HOUR)))
        while random.random() < 0.6 and (at_ms := at_ms + random.choice(GAPS)) < END:
            yield Told(at_ms, _again(random, kind, name, at_ms, content))

    return strand


def _again(random: Random, kind: str, name: str, at_ms: int, content: Content) -> dict[str, Any]:
    """Something more of it: the whole of it anew, a part, its time cleared, its end or its return."""
    time_ms = at_ms - random.choice((0, 0, HOUR, 10 * DAY))
    whole = content(random, at_ms - random.choice((HOUR, DAY, 33 * DAY)))
    roll = random.random()
    if roll < 0.4:
        return event(kind, name, time_ms, **whole)
    if roll < 0.65:
        return event(kind, name, time_ms, **dict(random.sample(sorted(whole.items()), 1)))
    if roll < 0.75:
        cleared: dict[str, Any] = dict.fromkeys(random.sample(sorted(whole), 1))
        return event(kind, name, time_ms, **cleared)
    return event(kind, name, time_ms, verb="deleted" if roll < 0.9 else "restored")


def logged_call(random: Random, name: str) -> Iterator[Told]:
    """What people logged of a call, which the dialer tells of before, or after, or never; and what they say anew."""
    at_ms = moment(random)
    for number in range(random.choice((1, 1, 2, 3))):
        told_ms = at_ms + number * random.choice(GAPS)
        content: dict[str, Any] = {"kind": "call", "rep_id": random.choice(NAMED), "occurred_at": told_ms}
        activity = f"{name}-{random.choice('ab')}"
        yield Told(
            told_ms,
            event("activity", activity, told_ms, **content, call_id=f"{name}-call", dials=random.choice((1, 2))),
        )
        if random.random() < 0.2:
            yield Told(told_ms + DAY, event("activity", activity, told_ms + DAY, call_id=None))
    if random.random() < 0.6:
        heard_ms = at_ms + random.choice((-DAY, HOUR, *GAPS))
        yield Told(heard_ms, event("call", f"{name}-call", heard_ms, **_call(random, heard_ms - HOUR)))


STORIES: tuple[Strand, ...] = (
    _story("call", _call),
    _story("email", _email),
    _story("activity", _visit),
    _story("meeting", _meeting),
    logged_call,
)
"""Of each of these a stream tells several."""
