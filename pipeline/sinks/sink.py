"""Where figures go: the one protocol behind which Redis, the KPI topics, the alerts topic and the tests' memory stand.

(Prometheus pulls instead: `pipeline/sinks/prometheus.py` reads the boards when it is scraped.)
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, runtime_checkable

from aiokafka.structs import RecordMetadata

from pipeline.kernel.stage import Send
from pipeline.scores.beside import Beside
from pipeline.scores.figures import Figure

SendRecord = Callable[..., Awaitable["asyncio.Future[RecordMetadata]"]]
"""The engine's `send(topic, partition, value, key, headers)` for a logical topic."""


class Alert(Protocol):
    """An alert as it stands, open or resolved."""

    @property
    def id(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def scope(self) -> str: ...
    @property
    def home(self) -> str: ...
    @property
    def opened_ms(self) -> int: ...
    @property
    def muted_until_ms(self) -> int | None: ...
    @property
    def is_open(self) -> bool: ...
    def record(self) -> dict[str, Any]: ...


class Recognition(Protocol):
    """Something told of recognition, as it stands or was taken back."""

    @property
    def id(self) -> str: ...
    @property
    def home(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def version(self) -> Sequence[int]: ...
    @property
    def stands(self) -> bool: ...
    def record(self) -> dict[str, Any]: ...


class SinkDown(Exception):  # noqa: N818  (a state, not an error of ours)
    """Raised by a sink that does not answer or refuses everything: try again later, ingestion goes on meanwhile."""


class Deposed(Exception):  # noqa: N818  (what happened, not an error)
    """Raised by a sink that has seen a later owner of the partition: this one has nothing more to publish."""


class Owner(NamedTuple):
    """Who publishes: one lease. Of two owners of a partition, the one with the higher `(generation, epoch)` holds."""

    stage: str
    partition: int
    generation: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What is published at once: figures of one partition, and what comes with them, as they stood at `position`.

    `now_ms` is the partition's now there. `complete` says that with this batch everything that changed up to
    `position` has been published, `slow` that its figures are whole, and of all windows. `current` are the windows
    that are current at `position` in each home that has figures, by kind: a figure may be of one that has ended
    since it was taken, and one that is current may come with a later batch. `beside` is what stands beside
    the figures at `position`, of each home that has any here, or where that may have changed. `open_alerts` is given
    after a gap: all alerts that are open, so that a sink can forget the others. What was told of recognition is given
    likewise, as it changed and, after a gap, all of it. `parts` are for the stage of larger scopes. `cut` is the state
    of the partition that the figures equal, where one can be given. `defined_by` is what shaped the figures besides
    measures.
    """

    position: int
    now_ms: int
    complete: bool
    slow: bool = False
    figures: Sequence[Figure] = ()
    current: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    beside: Mapping[str, Beside] = field(default_factory=dict)
    alerts: Sequence[Alert] = ()
    open_alerts: Sequence[Alert] | None = None
    recognition: Sequence[Recognition] = ()
    all_recognition: Sequence[Recognition] | None = None
    parts: Sequence[Send] = ()
    cut: dict[str, Any] | None = None
    defined_by: str = ""


class Bookmark(NamedTuple):
    """The offset of a sink: up to where it has everything. Kept in the state.

    Everything that changed up to `published` (an offset of the stage's input, -1: nothing yet) is in the sink, and now
    was `now_ms` there. `next_offset` is where the owner's own next record would go (topics only).
    """

    published: int = -1
    next_offset: int = -1
    now_ms: int = -1


@dataclass(frozen=True, slots=True)
class Survey:
    """What a sink lacks, found by reconciliation: all changes after `since` (None: nothing), and these homes whole.

    `windows` (home, scope, window id) were written by somebody else: they may have to be forgotten again.
    """

    bookmark: Bookmark
    since: int | None = None
    homes: frozenset[str] = frozenset()
    windows: frozenset[tuple[str, str, str]] = frozenset()


Shown = Mapping[str, Mapping[str, bool]]
"""All homes of a partition; for each the scopes of which something was written, and nothing is waiting.

Of each scope whether that is so of windows that are over, too.
"""


class Sink(Protocol):
    """One place figures go to. An owner surveys it first, then writes batch after batch, one call at a time."""

    name: str
    fast: bool
    """Whether it takes the figures of current windows as they change, instead of once a second."""
    carries_parts: bool
    """Whether it takes the parts for the stage of larger scopes: parts are marked by its bookmark then."""

    async def survey(self, owner: Owner, bookmark: Bookmark, shown: Shown) -> Survey:
        """Called when a lease begins, after the sink was down, and every few seconds: what does the sink miss?

        `bookmark` is what the last write returned. The survey's bookmark
        replaces it. Raises SinkDown and Deposed as `write` does.
        """

    async def write(self, owner: Owner, bookmark: Bookmark, batch: Batch) -> Bookmark:
        """Write absolute values; return once they are there.

        Raises:
            SinkDown: when it is not known what was written; what this batch held has to be written again.
            Deposed: when a later owner has been here; nothing that it wrote was changed.
        """

    def missing(self) -> Sequence[str]:
        """Called with every readiness probe, so it waits for nothing: what keeps it from taking figures, in words."""

    async def close(self) -> None:
        """Called once, when the worker stops and nothing is published any more."""


@runtime_checkable
class Reclaimable(Protocol):
    """A sink that notes who owns what, where others may write: it can name an owner that there never was."""

    async def reclaim(self, owner: Owner) -> bool:
        """Called after Deposed, once it is certain that this owner was not deposed: true when it may survey again.

        That is, once a record that the owner appended to its state log after the refusal is acknowledged, with no later
        claim before it. What the sink named then is written over if it still names the same, and in no other case.
        Raises SinkDown and Deposed as `write` does.
        """

    def doubts(self) -> Sequence[str]:
        """Called with every readiness probe: what was named so lately, in words."""
