"""A feed: one sink, as one lease serves it."""

from dataclasses import dataclass
from typing import Any

from redis.backoff import AbstractBackoff

from pipeline import clock
from pipeline.sinks.sink import Bookmark, Reclaimable, Sink

RECLAIMED_SECONDS = 1.0
"""So often it is looked whether a sink that named a later owner was wrong."""


@dataclass(slots=True)
class Feed:
    """One sink, as this lease serves it. `defined_by` is what shaped all that it shows, as far as it was served.

    `refused_at` is the last position computed when it named a later owner, `contested` that there is none.
    """

    sink: Sink
    bookmark: Bookmark
    defined_by: str
    up: bool = False
    refused_at: int | None = None
    contested: bool = False
    failures: int = 0
    due: float = 0.0

    @property
    def over(self) -> bool:
        """Whether this lease has nothing more to publish there."""
        return self.refused_at is not None and not isinstance(self.sink, Reclaimable)

    def note_refused(self, computed: int) -> None:
        self.up, self.refused_at = False, computed
        self.due = clock.elapsed_seconds() + RECLAIMED_SECONDS

    def note_up(self) -> None:
        self.up, self.failures = True, 0

    def note_down(self, backoff: AbstractBackoff) -> None:
        self.up = False
        self.failures += 1
        self.due = clock.elapsed_seconds() + backoff.compute(self.failures)


def feed_of(sink: Sink, held: list[Any] | None) -> Feed:
    """A sink with its bookmark, as the state has it; of one that is new nothing is known."""
    if held is None:
        return Feed(sink, Bookmark(), "")
    *bookmark, defined_by = held
    return Feed(sink, Bookmark(*bookmark), defined_by)
