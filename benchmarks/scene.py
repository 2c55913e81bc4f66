"""Everything about the events of one run: the organisation, what arrives, and what the figures must be afterwards."""

import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from benchmarks.events import Arrival, Floor, arrivals, organisation
from benchmarks.expected import Figures, expected


@dataclass(frozen=True)
class Scene:
    """Events with the right figures, which are worked out when they are first asked for."""

    organisation: list[Arrival]
    arrivals: list[Arrival]

    @cached_property
    def wanted(self) -> Figures:
        """The figures after all events."""
        return expected(self.organisation, self.arrivals)

    @cached_property
    def opening(self) -> "Scene":
        """The first tenth of the events."""
        return self.first(max(1, len(self.arrivals) // 10))

    def first(self, events: int) -> "Scene":
        """The same, with the first events only."""
        return self if events >= len(self.arrivals) else Scene(self.organisation, self.arrivals[:events])

    @property
    def mean_event_bytes(self) -> int:
        """Size of an event's value."""
        return round(sum(len(event.value) for event in self.arrivals) / max(1, len(self.arrivals)))


def scene(events: int, **floor: Any) -> Scene:
    """Events that end now, on a floor with these properties."""
    drawn = Floor(events, end_ms=int(time.time() * 1000), **floor)
    return Scene(organisation(drawn), arrivals(drawn))
