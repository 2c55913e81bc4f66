"""Everything about the events of one run: the organisation, what arrives, and what the figures must be afterwards."""

import time
from typing import Any, NamedTuple

from benchmarks.events import Arrival, Floor, arrivals, organisation
from benchmarks.expected import Figures, expected


class Scene(NamedTuple):
    """Events with the right figures."""

    organisation: list[Arrival]
    arrivals: list[Arrival]
    wanted: Figures

    def first(self, events: int) -> "Scene":
        """The same, with the first events only."""
        if events >= len(self.arrivals):
            return self
        some = self.arrivals[:events]
        return Scene(self.organisation, some, expected(self.organisation, some))

    @property
    def mean_event_bytes(self) -> int:
        """Size of an event's value."""
        return round(sum(len(event.value) for event in self.arrivals) / max(1, len(self.arrivals)))


def scene(events: int, **floor: Any) -> Scene:
    """Events that end now, on a floor with these properties."""
    drawn = Floor(events, end_ms=int(time.time() * 1000), **floor)
    people, coming = organisation(drawn), arrivals(drawn)
    return Scene(people, coming, expected(people, coming))
