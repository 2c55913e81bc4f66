"""The first of many links, by what is asked of them: kept at hand, so that one more costs no look at all of them."""

from collections.abc import Callable, Mapping
from heapq import heapify, heappop, heappush
from typing import Any

Told = tuple[int, Any]
"""What one origin says: (append time ms, payload)."""
Rank = Callable[[Told], int | None]
"""Where a link stands among those of its kind, None where it does not count. Rules are told apart by identity."""
FEW = 32
"""So many are rather looked through."""


class First:
    """The least of the links of one kind by a rule, exact whatever is told, told otherwise, or taken back.

    With `since` it is the least of those that rank there or later.
    """

    __slots__ = ("_heap", "_rank", "since")

    def __init__(self, rank: Rank, origins: Mapping[str, Told], since: int | None = None) -> None:
        self._rank = rank
        self.since = since
        self._heap = _ranked(rank, origins, since)
        heapify(self._heap)

    def told(self, origin: str, told: Told) -> None:
        """Called for each link that is new or otherwise; one that was taken back is noticed by `ask`."""
        rank = self._rank(told)
        if rank is not None and (self.since is None or rank >= self.since):
            heappush(self._heap, (rank, origin))

    def ask(self, origins: Mapping[str, Told]) -> tuple[int, str] | None:
        """(rank, origin) of the first of what is told now; None where none counts."""
        if len(self._heap) > 2 * len(origins) + FEW:
            self._heap = _ranked(self._rank, origins, self.since)
            heapify(self._heap)
        while self._heap:
            rank, origin = self._heap[0]
            told = origins.get(origin)
            if told is not None and self._rank(told) == rank:
                return rank, origin
            heappop(self._heap)
        return None


def first_of(rank: Rank, origins: Mapping[str, Told], since: int | None = None) -> tuple[int, str] | None:
    """The same of a few links, by looking through them."""
    return min(_ranked(rank, origins, since), default=None)


def _ranked(rank: Rank, origins: Mapping[str, Told], since: int | None) -> list[tuple[int, str]]:
    ranked = ((rank(told), origin) for origin, told in origins.items())
    return [(at, origin) for at, origin in ranked if at is not None and (since is None or at >= since)]
