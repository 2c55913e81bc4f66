"""Where figures go: the one protocol behind which Redis, the KPI topics, the alerts topic and the tests' memory stand.

(Prometheus pulls instead: `pipeline/sinks/prometheus.py` reads the boards when it is scraped.)
"""

from dataclasses import dataclass

Version = tuple[int, int]
"""(generation, offset in the facts or parts partition): the higher one holds, whoever wrote it and whenever."""


class SinkDown(Exception):  # noqa: N818  (a state, not an error of ours)
    """Raised by a sink that does not answer or refuses everything: try again later, ingestion goes on meanwhile."""


class Deposed(Exception):  # noqa: N818  (what happened, not an error)
    """Raised by a sink that has seen a later owner of the partition: this one has nothing more to publish."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who publishes: one lease. Of two owners of a partition, the one with the higher `(generation, epoch)` holds."""

    stage: str
    partition: int
    generation: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Bookmark:
    """How far a sink has been served; kept in the state.

    Everything that changed up to `published` (an offset of the stage's input) is in the sink. `next_offset` is where
    the owner's own next record would go (topics only).
    """

    published: int = -1
    next_offset: int = -1


@dataclass(frozen=True, slots=True)
class Gaps:
    """What a sink misses: all that changed after `since` (None: nothing more), and these homes whole."""

    since: int | None = None
    homes: frozenset[str] = frozenset()


NO_GAPS = Gaps()
EVERYTHING = Gaps(since=-1)
"""Everything the board has."""
