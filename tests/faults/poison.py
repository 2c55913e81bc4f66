"""What no schema reads: one record of each kind, with the reason that its dead letter must give."""

from collections.abc import Callable, Sequence
from random import Random

from tests.faults.sent import DAY_MS, Sent, event

Poison = Callable[[int, int], Sent]
"""Makes a record of now, with a number that makes it unlike all others."""


def _call(value: bytes | None, refused: str) -> Poison:
    return lambda _now_ms, number: Sent("telephony.events", b"call:bad-%d" % number, value, refused)


def _ahead(now_ms: int, number: int) -> Sent:
    began_ms = now_ms + DAY_MS
    return event("call", f"ahead-{number}", began_ms, number, source="dialer-1", refused="future", started_at=began_ms)


def _before(now_ms: int, number: int) -> Sent:
    began_ms = now_ms - 60 * DAY_MS
    return event("call", f"before-{number}", began_ms, number, source="dialer-1", refused="late", started_at=began_ms)


def _wrong_field(now_ms: int, number: int) -> Sent:
    return event("deal", f"wrong-{number}", now_ms, number, refused="invalid_event", amount_minor="a lot")


def _unknown(now_ms: int, number: int) -> Sent:
    sent = event("deal", f"unknown-{number}", now_ms, number)
    return sent._replace(value=(sent.value or b"").replace(b"deal.changed", b"deal.sung"), refused="unknown_type")


KINDS: Sequence[Poison] = (
    _call(b"\xff\xfe\x00", "invalid_json"),
    _call(b"[" * 20_000, "invalid_event"),
    _call(b'{"specversion": NaN}', "invalid_event"),
    _call(b'{"specversion": "1.0"', "invalid_json"),
    _call(b"9" * 10_000, "invalid_json"),
    _call(b"x" * 70_000, "too_large"),
    _call(b"", "empty"),
    _ahead,
    _wrong_field,
    _unknown,
)
"""What producers send by mistake. Late events are apart: they are no mistake, and no breaker counts them."""


def any_poison(random: Random, now_ms: int, number: int) -> Sent:
    """One of the kinds."""
    return random.choice(KINDS)(now_ms, number)


def too_late(now_ms: int, number: int) -> Sent:
    """A call from before what is remembered."""
    return _before(now_ms, number)
