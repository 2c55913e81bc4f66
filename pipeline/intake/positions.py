"""What the folds of the source logs have in common: positions already applied, and the feeds heard."""

from typing import Any

from pipeline.kernel.store import Store
from schemas.control import Position

MOST_FEEDS = 100
FEED_FORGOTTEN_MS = 86_400_000


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
