"""The offsets of time zones, as a table: out of the pinned tzdata, asked instant by instant."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from schemas.zones import zone_info

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STEP = timedelta(days=4)
LAST = datetime(2200, 1, 3, tzinfo=UTC)

Offset = tuple[int, int, int]
"""(from ms, to ms, offset ms): local time is UTC plus the offset, from the first instant until before the second."""


@lru_cache(maxsize=512)
def offsets(zone: str) -> tuple[Offset, ...]:
    """All offsets of an IANA zone from 1969 to 2200, in order and without gaps; ValueError for an unknown one.

    Two changes within four days would be missed; no zone has them.
    """
    changes = list(_changes(zone))
    bounds = [at_ms for at_ms, _ in changes] + [_ms(LAST)]
    return tuple((at_ms, bounds[n + 1], offset_ms) for n, (at_ms, offset_ms) in enumerate(changes))


def _changes(zone: str) -> Iterator[tuple[int, int]]:
    at, known = EPOCH - STEP, _offset_ms(zone, EPOCH - STEP)
    yield _ms(at), known
    while at < LAST:
        after = at + STEP
        offset_ms = _offset_ms(zone, after)
        if offset_ms != known:
            yield _ms(_first_with(zone, at, after, offset_ms)), offset_ms
            known = offset_ms
        at = after


def _first_with(zone: str, before: datetime, after: datetime, offset_ms: int) -> datetime:
    """The first second with the later one's offset."""
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _offset_ms(zone, middle) == offset_ms:
            after = middle
        else:
            before = middle
    return after


def _offset_ms(zone: str, at: datetime) -> int:
    offset = at.astimezone(zone_info(zone)).utcoffset() or timedelta()
    return offset // timedelta(milliseconds=1)


def _ms(at: datetime) -> int:
    return (at - EPOCH) // timedelta(milliseconds=1)
