"""Silence in working time, of whomever. Instants are epoch milliseconds by the log's clock."""

from typing import NamedTuple

from pipeline.organisation.days import MINUTE_MS
from pipeline.organisation.working_time import WorkingTime


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
