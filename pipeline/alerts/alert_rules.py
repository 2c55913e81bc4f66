"""The rules by which somebody, or a feed, counts as silent. Instants are epoch milliseconds by the log's clock."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from pipeline.organisation.working_time import WorkingTime

MINUTE_MS = 60_000


class Silence(NamedTuple):
    """That somebody is silent: since when, for how many working minutes, and how many are let pass."""

    since_ms: int
    silent_minutes: int
    limit_minutes: int


def silence(working: WorkingTime, now_ms: int, limit_minutes: int, *signs_ms: int | None) -> Silence | None:
    """Silence since the latest of the signs that are known; None while it is short, or outside working hours.

    The signs are whatever the counting starts from anew: the last activity, the begin of a membership, when the feeds
    came back. Without any sign there is no silence.
    """
    since_ms = max((sign for sign in signs_ms if sign is not None), default=None)
    if since_ms is None or not working.working(now_ms):
        return None
    begun_ms = working.back(now_ms, limit_minutes * MINUTE_MS)
    if begun_ms is None or since_ms > begun_ms:
        return None
    return Silence(since_ms, working.between_ms(since_ms, now_ms) // MINUTE_MS, limit_minutes)


def usual_pause_ms(
    heard: Iterable[int], days: Sequence[int], working: WorkingTime, day_of: Callable[[int], int], slot_ms: int
) -> int:
    """The longest pause that a feed makes on a usual one of these days, in working time: the median of its longest.

    `heard` are the beginnings of the slots in which it spoke, ascending. A pause belongs to each day that it touches;
    one shorter than a slot is none. One day with an outage does not make an outage usual.
    """
    longest = dict.fromkeys(days, 0)
    for before_ms, after_ms in pairwise(heard):
        if after_ms - before_ms > slot_ms:
            pause_ms = working.between_ms(before_ms, after_ms) - slot_ms
            for day in range(day_of(before_ms), day_of(after_ms) + 1):
                if longest.get(day, pause_ms) < pause_ms:
                    longest[day] = pause_ms
    ordered = sorted(longest.values())
    return ordered[(len(ordered) - 1) // 2] if ordered else 0
