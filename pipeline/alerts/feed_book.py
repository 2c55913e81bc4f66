"""Which source systems each team is heard through, on which days, and when: what a feed's silence is measured by."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pipeline.kernel.state_keys import FEED, FEED_TEAM
from pipeline.kernel.store import Store
from pipeline.organisation.days import DAY_MS, MINUTE_MS

MOST_FEEDS = 100
"""So many sources are listened for; further ones are taken in once one of them has been quiet for a day."""
MOST_TEAMS = 1000
"""So many teams are remembered of each feed."""
SLOT_MS = MINUTE_MS
"""When a feed spoke is remembered to the minute: pauses of a few minutes are what a busy feed usually makes."""
REMEMBERED_DAYS = 35
SLOTS_BYTES = DAY_MS // SLOT_MS // 8


class Use:
    """That a team is heard through a feed: `last_ms` is when at last, `days` the local days, worked ones, ascending.

    `usual` remembers what `FeedWatch` found the feed's usual pause to be, for the local day it names first.
    """

    __slots__ = ("days", "last_ms", "usual")

    def __init__(self, last_ms: int, days: list[int]) -> None:
        self.last_ms = last_ms
        self.days = days
        self.usual: tuple[int, int] | None = None


class Feed:
    """One source system: when it spoke, for which teams, and since when it is missed, if it is."""

    __slots__ = ("heard_ms", "missed_ms", "slots", "source", "teams")

    def __init__(self, source: str, heard_ms: int, missed_ms: int | None = None) -> None:
        self.source = source
        self.heard_ms = heard_ms
        self.missed_ms = missed_ms
        self.slots: dict[int, int] = {}
        self.teams: dict[str, Use] = {}

    def heard_between(self, start_ms: int, end_ms: int) -> list[int]:
        """The beginnings of all slots from `start_ms` on and before `end_ms` in which it spoke."""
        found = (
            day * DAY_MS + number * SLOT_MS
            for day in range(start_ms // DAY_MS, end_ms // DAY_MS + 1)
            for number in _bits(self.slots.get(day, 0))
        )
        return [at_ms for at_ms in found if start_ms - SLOT_MS < at_ms < end_ms]


class FeedBook:
    """All feeds of one partition, as state. When each was heard is a scalar of the store, `feeds`.

    An entry of a feed is `[missed_ms, {UTC day: slots}]`, one of a team that it serves `[last_ms, days]`.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._feeds: dict[str, Feed] = {}

    def restore(self, feeds: Iterable[tuple[bytes, list[Any]]], teams: Iterable[tuple[bytes, list[Any]]]) -> None:
        """Called once the store was read, with what it has of feeds and of the teams they serve."""
        heard = self._store.scalars.get("feeds", {})
        self._feeds = {source: Feed(source, heard_ms) for source, heard_ms in heard.items()}
        for key, (missed_ms, slots) in feeds:
            feed = self._feeds[key[1:].decode()]
            feed.missed_ms = missed_ms
            feed.slots = {day: int.from_bytes(mask, "little") for day, mask in slots.items()}
        for key, (last_ms, days) in teams:
            source, _, team = key[1:].decode().partition("\0")
            self._feeds[source].teams[team] = Use(last_ms, list(days))

    def __iter__(self) -> Iterator[Feed]:
        """All feeds, by name."""
        return iter([self._feeds[source] for source in sorted(self._feeds)])

    def of(self, team: str) -> list[Feed]:
        """The feeds that a team is heard through."""
        return [feed for feed in self if team in feed.teams]

    def hear(self, source: str, at_ms: int) -> Feed | None:
        """A source system spoke. None where too many are listened for already."""
        feed = self._feeds.get(source)
        if feed is None:
            if not self._room(at_ms):
                return None
            feed = self._feeds[source] = Feed(source, at_ms)
        feed.heard_ms = max(feed.heard_ms, at_ms)
        self._store.scalars.setdefault("feeds", {})[source] = feed.heard_ms
        self._note_slot(feed, at_ms)
        return feed

    def serve(self, feed: Feed, team: str, at_ms: int, days: Sequence[int] | None) -> None:
        """A source spoke for a team; `days` are all on which it did so, as far as they still count, None: as before."""
        use = feed.teams.get(team)
        if use is None:
            if len(feed.teams) >= MOST_TEAMS:
                return
            use = feed.teams[team] = Use(at_ms, [])
        use.last_ms = max(use.last_ms, at_ms)
        if days is not None:
            use.days, use.usual = list(days), None
        self._store.put(_team_key(feed, team), [use.last_ms, use.days])

    def forget_usual(self) -> None:
        """Called when working hours may have changed: what was found usual by others no longer holds."""
        for feed in self._feeds.values():
            _forget_usual(feed)

    def miss(self, feed: Feed, since_ms: int | None) -> None:
        """Note that a feed is missed, and since when; None: it no longer is."""
        feed.missed_ms = since_ms
        self._put(feed)

    def leave(self, feed: Feed, team: str) -> None:
        """Forget that a feed served a team."""
        del feed.teams[team]
        self._store.delete(_team_key(feed, team))

    def forget(self, feed: Feed) -> None:
        """Forget a feed, and whom it served."""
        for team in list(feed.teams):
            self.leave(feed, team)
        del self._feeds[feed.source]
        self._store.scalars["feeds"].pop(feed.source, None)
        self._store.delete(FEED + feed.source.encode())

    def _room(self, at_ms: int) -> bool:
        if len(self._feeds) >= MOST_FEEDS:
            forgettable = [feed for feed in self if feed.missed_ms is None and at_ms - feed.heard_ms > DAY_MS]
            if not forgettable:
                return False
            self.forget(min(forgettable, key=lambda feed: feed.heard_ms))
        return True

    def _note_slot(self, feed: Feed, at_ms: int) -> None:
        day, bit = at_ms // DAY_MS, 1 << at_ms % DAY_MS // SLOT_MS
        if feed.slots.get(day, 0) & bit:
            return
        feed.slots[day] = feed.slots.get(day, 0) | bit
        oldest = feed.heard_ms // DAY_MS - REMEMBERED_DAYS
        feed.slots = {each: mask for each, mask in feed.slots.items() if each > oldest}
        _forget_usual(feed)
        self._put(feed)

    def _put(self, feed: Feed) -> None:
        slots = {day: mask.to_bytes(SLOTS_BYTES, "little") for day, mask in feed.slots.items()}
        self._store.put(FEED + feed.source.encode(), [feed.missed_ms, slots])


def _bits(mask: int) -> Iterator[int]:
    """The numbers of the slots of a day in which a feed spoke, ascending."""
    return (number for number, bit in enumerate(reversed(f"{mask:b}")) if bit == "1")


def _forget_usual(feed: Feed) -> None:
    for use in feed.teams.values():
        use.usual = None


def _team_key(feed: Feed, team: str) -> bytes:
    return FEED_TEAM + f"{feed.source}\0{team}".encode()
