"""What the folds of the source logs have in common: positions already applied, the feeds heard, what is counted."""

from typing import Any, Protocol

from pipeline.kernel.store import Store
from schemas.control import Position

MOST_FEEDS = 100
FEED_FORGOTTEN_MS = 86_400_000


class IntakeMetrics(Protocol):
    """What is counted of records taken in; it never affects a result."""

    def saw_event(self, source: str, event_type: str, count: int = 1, /) -> None:
        """Called for the events accepted in a batch."""

    def refused(self, reason: str, /) -> None:
        """Called for each dead letter; `late` is one reason."""

    def saw_duplicate(self) -> None:
        """Called for each accepted event that changed nothing: heard before, or older than all it says."""

    def forwarded(self) -> None:
        """Called for each record that was on the wrong partition for its key."""


class Unmetered:
    """Counts nothing."""

    def saw_event(self, source: str, event_type: str, count: int = 1, /) -> None: ...
    def refused(self, reason: str, /) -> None: ...
    def saw_duplicate(self) -> None: ...
    def forwarded(self) -> None: ...


def first_time(store: Store, topic: str, partition: int, position: Position) -> bool:
    """Whether a record of another log comes for the first time; notes it. A re-sent one is to be dropped."""
    seen: dict[str, list[int]] = store.scalars.setdefault("seen", {})
    origin = f"{topic}/{partition}"
    here = [position.offset, position.part]
    if here <= seen.get(origin, [-1, -1]):
        return False
    seen[origin] = here
    return True


def advance(store: Store, append_ms: int) -> tuple[int, int]:
    """Move `now` on to a record's append time, never back; returns it before and after."""
    scalars: dict[str, Any] = store.scalars
    before: int = scalars.get("now_ms", 0)
    after = max(before, append_ms)
    scalars["now_ms"] = after
    return before, after


def feed_due(store: Store, source: str, now_ms: int, interval_ms: int) -> bool:
    """Whether it is time again to tell that a source is alive; notes it. Only so many sources are listened for."""
    feeds: dict[str, int] = store.scalars.setdefault("feeds", {})
    told_ms = feeds.get(source)
    if told_ms is not None and now_ms - told_ms < interval_ms:
        return False
    if told_ms is None and len(feeds) >= MOST_FEEDS:
        for silent in [name for name, heard_ms in feeds.items() if now_ms - heard_ms > FEED_FORGOTTEN_MS]:
            del feeds[silent]
        if len(feeds) >= MOST_FEEDS:
            return False
    feeds[source] = now_ms
    return True
