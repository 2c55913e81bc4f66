"""The visits of a deal to stages while it was open: how long they were, and where the last one of each led."""

from collections.abc import Iterator

import msgspec

from pipeline.measures import UNASSIGNED
from pipeline.organisation.processes import LOST, WON, Reading

ON = "on"
ELSEWHERE = "elsewhere"
"""A stage before the one that was left, another process, or a stage that nobody declares."""


class Left(msgspec.Struct, frozen=True, gc=False):
    """A stage that a deal was in while it was open, and that it has left: when last, and how long it was in it.

    `latest_ms` is the time of its last visit, `total_ms` that of all that are over, `once` whether there was but one.
    `how` tells where that last one ended: `ON` in a further stage or a win, `LOST`, or `ELSEWHERE`.
    """

    process: str
    stage: str
    at_ms: int
    latest_ms: int
    total_ms: int
    once: bool
    how: str


Place = tuple[str, str]
"""A process and a stage, as they count."""


class Visits:
    """The visits of a deal to stages while it is open: the one that it is in, and what those add up to that are over.

    A deal that is closed pauses its visit. That goes on where it is opened again in the same stage; in another one, it
    was over with the close.
    """

    __slots__ = ("_at", "_closed_as", "_held_ms", "_over", "_paused_ms", "_since_ms", "came_back", "fell_back")

    def __init__(self) -> None:
        self._at: Place | None = None
        self._since_ms = self._held_ms = 0
        self._paused_ms: int | None = None
        self._closed_as = ELSEWHERE
        self._over: dict[Place, tuple[int, int, int, int, str]] = {}
        self.fell_back: dict[Place, int] = {}
        self.came_back: dict[Place, int] = {}

    def enter(self, at_ms: int, process: str, read: Reading | None) -> None:
        """The deal is open in a stage, which it may have been in before."""
        place = process, UNASSIGNED if read is None else read.name
        if place != self._at:
            if self._at is not None:
                self._over[self._at] = self._ended(at_ms, ON if _is_further(process, read, self._at) else ELSEWHERE)
                if _is_before(process, read, self._at):
                    self.fell_back.setdefault(self._at, at_ms)
            if place in self._over:
                self.came_back.setdefault(place, at_ms)
            self._at, self._held_ms, self._since_ms = place, 0, at_ms
        elif self._paused_ms is not None:
            self._held_ms, self._since_ms = self._held_ms + self._paused_ms - self._since_ms, at_ms
        self._paused_ms = None

    def pause(self, at_ms: int, state: str) -> None:
        """The deal is won or lost, maybe not just now."""
        if self._paused_ms is None:
            self._paused_ms, self._closed_as = at_ms, ON if state == WON else LOST

    def left(self) -> Iterator[Left]:
        """What the visits come to that are over; the one before a close is."""
        over = self._over
        if self._at is not None and self._paused_ms is not None:
            over = {**over, self._at: self._ended(self._paused_ms, ELSEWHERE)}
        for (process, stage), (visits, at_ms, latest_ms, total_ms, how) in over.items():
            yield Left(process, stage, at_ms, latest_ms, total_ms, visits == 1, how)

    def _ended(self, at_ms: int, how: str) -> tuple[int, int, int, int, str]:
        """The visits to the stage that the deal is in, were it left by now: how many, until when, the last one, all.

        One that ended with a close ended as that did.
        """
        until_ms, how = (at_ms, how) if self._paused_ms is None else (self._paused_ms, self._closed_as)
        latest_ms = self._held_ms + until_ms - self._since_ms
        visits, _, _, total_ms, _ = self._over.get(self._at, _NEVER) if self._at else _NEVER
        return visits + 1, until_ms, latest_ms, total_ms + latest_ms, how


_NEVER = (0, 0, 0, 0, ELSEWHERE)


def _is_before(process: str, read: Reading | None, left: Place) -> bool:
    """Whether an open stage lies before the one that was left for it, by the process of that time."""
    if read is None or read.rank is None or process != left[0]:
        return False
    rank = read.edition.rank(left[1])
    return rank is not None and read.rank < rank


def _is_further(process: str, read: Reading | None, left: Place) -> bool:
    """Whether an open stage lies behind the one that was left for it, by the process of that time.

    One that this does not have any more lies before all that it has.
    """
    if read is None or read.rank is None or process != left[0] or left[1] == UNASSIGNED:
        return False
    rank = read.edition.rank(left[1])
    return rank is None or read.rank > rank
