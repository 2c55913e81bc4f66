"""What is going to be sent, in the order of its sending time: the simulated future."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.sending.event import Outgoing


@dataclass(frozen=True, slots=True, order=True)
class Timed:
    """An event and the instant at which its source sends it.

    `number` keeps the order of those sent together; it is 0 for those that introduce the organisation.
    """

    at_ms: int
    number: int
    outgoing: Outgoing

    @property
    def introduces(self) -> bool:
        """Whether it belongs to the organisation as it is at the start."""
        return self.number == 0


class Timeline:
    """Events to be sent later."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, Outgoing]] = []
        self._added = 0

    def add(self, at_ms: int, outgoing: Outgoing) -> None:
        """Have an event sent at an instant."""
        self._added += 1
        heapq.heappush(self._waiting, (at_ms, self._added, outgoing))

    def until(self, instant_ms: int) -> Iterator[Timed]:
        """Take out, in order, all that is sent up to and at an instant."""
        while self._waiting and self._waiting[0][0] <= instant_ms:
            yield Timed(*heapq.heappop(self._waiting))
