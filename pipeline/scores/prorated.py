"""Targets of reps who are not there all the time: how much of one is due, and how the time towards it passes. Pure."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from pipeline.organisation.goals import Targets
from pipeline.organisation.proration import WHOLE, Shares
from pipeline.organisation.working_time import WorkingWeek, ZoneRules, worked_ms

Span = tuple[int, int]
"""An instant and the first one after the span, epoch milliseconds."""
ENDLESS = 2**63


class Presence(NamedTuple):
    """How much is due from a rep when, in which working hours; where nobody names any, all time counts."""

    shares: Shares
    hours: WorkingWeek | None
    zones: ZoneRules

    def due(self, start_ms: int, end_ms: int) -> int:
        """The working time between two instants, each part times the basis points that are due in it."""
        return sum(share * self._time_ms(start, end) for start, end, share in self._parts(start_ms, end_ms) if share)

    def whole(self, start_ms: int, end_ms: int) -> int:
        """The same of somebody who is always there."""
        return WHOLE * self._time_ms(start_ms, end_ms)

    def any_due(self, start_ms: int, end_ms: int) -> bool:
        """Whether anything is due at an instant of a span."""
        return any(share for _, _, share in self._parts(start_ms, end_ms))

    def is_whole(self, start_ms: int, end_ms: int) -> bool:
        """Whether all is due all along: nothing has to be worked out then."""
        return all(share == WHOLE for _, _, share in self._parts(start_ms, end_ms))

    def _parts(self, start_ms: int, end_ms: int) -> Iterator[tuple[int, int, int]]:
        first = bisect_right(self.shares, start_ms, key=itemgetter(0)) - 1
        for (since, share), (until, _) in pairwise((*self.shares[first:], (ENDLESS, 0))):
            if since >= end_ms:
                return
            yield max(since, start_ms), min(until, end_ms), share

    def _time_ms(self, start_ms: int, end_ms: int) -> int:
        return worked_ms(self.hours, self.zones, start_ms, end_ms) if self.hours else end_ms - start_ms


class Prorated(NamedTuple):
    """The targets of one period of a rep as they are due, and by which presence. One of which nothing is due is 0."""

    targets: Targets
    presence: Presence


Prorations = Mapping[tuple[str, int], Prorated]
"""By kind of period and its first local day; those of which all is due are not in it."""
NOTHING_PRORATED: Prorations = {}


def prorated(target: int, period: Span, presence: Presence) -> int:
    """The part of a target that is due, to the nearest unit, of two the greater; at least 1 where anything is due.

    Of a period in which nobody works it is the whole target.
    """
    whole, due = presence.whole(*period), presence.due(*period)
    if whole == due:
        return target
    return max(1, (2 * target * due + whole) // (2 * whole)) if due else 0
