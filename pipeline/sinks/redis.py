"""Live values in Redis: two hashes per scope, ranked boards, the funnel, open alerts, and a stream of what changed.

All keys of one home go out in one guarded call (`redis_guard.py`), rendered by `redis_home.py` under the names of
`redis_keys.py`. Values are absolute: what is written twice reads as written once.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from typing import Any

import msgspec
from redis.asyncio import Redis

from pipeline import clock
from pipeline.kernel.time_slice import TimeSlice
from pipeline.scores.chosen import Chosen
from pipeline.sinks.past_form import legend
from pipeline.sinks.redis_contested import Contested
from pipeline.sinks.redis_guard import FILLING, LOST, Guard, HomeWrites, Refused, answering
from pipeline.sinks.redis_holdings import Held, Holdings, Signs
from pipeline.sinks.redis_home import HomeBatch, HomeMemory, render
from pipeline.sinks.redis_keys import LAYOUT, Keys
from pipeline.sinks.sink import Batch, Bookmark, Deposed, Owner, Shown, SinkDown, Survey

CUT_SECONDS = 3600
LOOKS = 12
"""So many surveys look at every home once, where Redis says of itself that it has lost nothing."""
SIGNS_SECONDS = 1.0


@dataclass(slots=True)
class _Serving:
    """What one owner knows of the homes it writes.

    `homes` are all of them, `published` is how far each is complete, by what was written last. `missing` homes are to
    be written whole with the next complete batch, `noted` ones are in the set of homes. `complete` tells that such a
    batch was written. `signs` are those of Redis when it was asked last, `unseen` the homes in the order in which they
    are looked at next.
    """

    published: dict[str, int] = field(default_factory=dict)
    homes: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    noted: set[str] = field(default_factory=set)
    memories: dict[str, HomeMemory] = field(default_factory=dict)
    complete: bool = False
    signs: Signs | None = None
    unseen: deque[str] = field(default_factory=deque)

    def due(self, homes: Collection[str]) -> list[str]:
        """The homes to look at now: new ones, those that are being filled, and one in `LOOKS` of the others."""
        found = {home for home in homes if home not in self.homes or home in self.missing}
        for _ in range(-(-len(homes) // LOOKS)):
            if not self.unseen:
                self.unseen.extend(sorted(homes))
            found.add(self.unseen.popleft())
        return sorted(found.intersection(homes))

    def lost(self, found: Mapping[str, Held]) -> set[str]:
        """The homes of which Redis holds less than was written."""
        return {home for home, held in found.items() if held.published < max(self.published.get(home, 0), 0)}


class RedisSink:
    """The sink on one Redis, for all leases of a worker. `lives_seconds` is how long values live without a write.

    All figures it is given are of the version `definition`: each survey says in Redis how its past windows are read.
    `chosen` is what is published: a home that was published in another form, by another choice or layout, is filled
    anew, and what it held goes scope by scope. `answered` is told how many seconds each guarded call took.
    """

    name = "redis"
    fast = True
    carries_parts = False

    def __init__(
        self, client: Redis, namespace: str, lives_seconds: int, definition: str, chosen: Chosen | None = None,
        contested: Contested | None = None, answered: Callable[[float], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self._client = client
        self._guard = Guard(client, answered)
        self._keys = Keys(namespace)
        self._lives_seconds = lives_seconds
        self._serving: dict[Owner, _Serving] = {}
        self._chosen = chosen or Chosen()
        self._form = sha256(repr((LAYOUT, self._chosen)).encode()).hexdigest()[:12]
        self._definition = definition
        self._holdings = Holdings(client, self._keys, self._form)
        self._signs_seen: Signs | None = None
        self._signs_at = float("-inf")
        self._turns = count(1)
        self._contested = contested or Contested()
        self._trouble = ""
        """What was wrong when it was last asked, in words."""

    async def survey(self, owner: Owner, bookmark: Bookmark, shown: Shown) -> Survey:
        with self._noticing(owner):
            serving = self._serving.get(owner) or _Serving()
            first = owner not in self._serving
            signs = await self._signs()
            found = await self._look(serving, shown, signs)
            lost = serving.lost(found)
            # Of a home that is being filled more is known than its own hash says, which may not be there yet.
            gone = lost - {home for home in serving.missing if home in found and found[home].published == FILLING}
            serving.homes, serving.missing, serving.signs = frozenset(shown), frozenset(lost), signs
            kept = {home: memory for home, memory in serving.memories.items() if home in shown and home not in gone}
            serving.memories = {home: held.memory for home, held in found.items()} | kept
            whole = [home for home in found if home not in lost]
            await self._touch(owner, serving, whole, bookmark.published if serving.complete else None)
            await self._touch(owner, serving, sorted(lost), FILLING)
            # After the fence: of an owner that was deposed nothing is written.
            await self._note_homes(serving.noted.intersection(found))
        self._forget_former(owner)
        self._serving[owner] = serving
        self._trouble = ""
        since = min([bookmark.published, *(found[home].published for home in whole)]) if first else None
        # What a home that is being filled lacks is marked already: marked again and again, it would never be whole.
        return Survey(bookmark, since, frozenset(gone))

    async def _look(self, serving: _Serving, shown: Shown, signs: Signs | None) -> dict[str, Held]:
        """What Redis holds of all homes, if it may have lost some since it was asked last; else of a few of them."""
        if signs is not None and signs == serving.signs:
            found = await self._holdings.of(serving.due(shown), shown, serving.missing)
            if serving.lost(found) <= serving.missing | (shown.keys() - serving.homes):
                return found
        return await self._holdings.of(sorted(shown), shown, serving.missing)

    async def _signs(self) -> Signs | None:
        """Asked of Redis once for all partitions that are surveyed within a second."""
        if clock.elapsed_seconds() - self._signs_at > SIGNS_SECONDS:
            self._signs_seen = await self._holdings.signs()
            self._signs_at = clock.elapsed_seconds()
        return self._signs_seen

    async def write(self, owner: Owner, bookmark: Bookmark, batch: Batch) -> Bookmark:
        serving = self._serving.get(owner)
        if serving is None:
            raise Deposed("a later lease of this worker publishes the partition")
        by_home = _by_home(batch, serving.homes)
        if batch.complete:
            for home in serving.missing:
                by_home.setdefault(home, HomeBatch())
        published = batch.position if batch.complete else None
        with self._noticing(owner):
            await self._guard.write(await self._rendered(serving, by_home, published), owner, next(self._turns))
            homes = {figure.home for figure in batch.figures} | {alert.home for alert in batch.alerts}
            homes |= {each.home for each in batch.recognition}
            await self._note_new(serving, homes)
            if batch.cut is not None:
                await self._write_cut(owner, batch.cut)
        if published is None:
            return bookmark
        serving.published |= dict.fromkeys(by_home, published)
        for home in by_home:
            serving.memories[home].anew = False
        serving.missing, serving.complete = frozenset(), True
        return Bookmark(published, now_ms=batch.now_ms)

    async def reclaim(self, owner: Owner) -> bool:
        unknown = self._contested.unknown(owner)
        writes = [HomeWrites(each.sentinel, self._lives_seconds, LOST, each.mark) for each in unknown]
        with self._noticing(owner):
            await self._guard.write(writes, owner, next(self._turns))
        self._contested.settle(owner)
        return True

    def missing(self) -> Sequence[str]:
        return ([self._trouble] if self._trouble else []) + self._contested.missing()

    def doubts(self) -> Sequence[str]:
        return self._contested.doubts()

    async def close(self) -> None:
        await self._client.aclose()

    @contextmanager
    def _noticing(self, owner: Owner) -> Iterator[None]:
        """Note what is wrong with Redis. Then nothing is known of what it holds: the next survey asks."""
        try:
            with answering():
                yield
        except SinkDown as error:
            self._trouble = str(error)
            self._serving.pop(owner, None)
            raise
        except Refused as error:
            self._contested.refuse(owner, error.named)
            self._serving.pop(owner, None)
            raise

    def _forget_former(self, owner: Owner) -> None:
        """A new lease of a partition: what was known for the one before is of no use."""
        for former in [each for each in self._serving if each[:2] == owner[:2] and each != owner]:
            del self._serving[former]

    async def _rendered(
        self, serving: _Serving, by_home: dict[str, HomeBatch], published: int | None
    ) -> list[HomeWrites]:
        writes = []
        time_slice = TimeSlice()
        for home in sorted(by_home):
            memory = serving.memories.setdefault(home, HomeMemory())
            home_writes = HomeWrites(self._keys.owner(home), self._lives_seconds, published)
            writes.append(render(home_writes, self._keys, home, by_home[home], memory))
            if not memory.in_form and (published is not None or not memory.anew):
                home_writes.note_form(self._form)
                memory.in_form = True
            await time_slice.pause()
        return writes

    async def _touch(self, owner: Owner, serving: _Serving, homes: Sequence[str], published: int | None) -> None:
        """Fence the homes, whether there is something to write or not, and note how far they are complete."""
        writes = [HomeWrites(self._keys.owner(home), self._lives_seconds, published) for home in homes]
        await self._guard.write(writes, owner, next(self._turns))
        if published is not None and published != FILLING:
            serving.published |= dict.fromkeys(homes, published)

    async def _note_new(self, serving: _Serving, homes: set[str]) -> None:
        if new := homes - serving.noted:
            await self._note_homes(new)
            serving.noted |= new

    async def _note_homes(self, homes: Collection[str]) -> None:
        async with self._client.pipeline(transaction=False) as pipe:
            if homes:
                pipe.sadd(self._keys.homes, *homes)
                pipe.expire(self._keys.homes, self._lives_seconds)
            pipe.set(self._keys.layout, LAYOUT, ex=self._lives_seconds)
            pipe.set(self._keys.chosen, msgspec.json.encode(self._chosen), ex=self._lives_seconds)
            pipe.hset(self._keys.legend, self._definition, legend())
            pipe.expire(self._keys.legend, self._lives_seconds)
            await pipe.execute()

    async def _write_cut(self, owner: Owner, cut: dict[str, Any]) -> None:
        writes = HomeWrites(self._keys.cut_owner(owner.stage, owner.partition), CUT_SECONDS)
        key = self._keys.cut(owner.stage, owner.partition)
        writes.add("SET", key, msgspec.json.encode(cut).decode(), "EX", CUT_SECONDS)
        await self._guard.write([writes], owner, next(self._turns))


def _by_home(batch: Batch, homes: Iterable[str]) -> dict[str, HomeBatch]:
    """The batch by home; all homes, where their open alerts are given anew."""
    found: dict[str, HomeBatch] = {}
    for figure in batch.figures:
        found.setdefault(figure.home, HomeBatch()).figures.append(figure)
    for alert in batch.alerts:
        found.setdefault(alert.home, HomeBatch()).alerts.append(alert)
    for home, current in batch.current.items():
        found.setdefault(home, HomeBatch()).current = current
    for home, beside in batch.beside.items():
        found.setdefault(home, HomeBatch()).beside = beside
    for each in batch.recognition:
        found.setdefault(each.home, HomeBatch()).recognition.append(each)
    if batch.open_alerts is not None:
        for home in {*found, *homes, *(alert.home for alert in batch.open_alerts)}:
            found.setdefault(home, HomeBatch()).open_alerts = [a for a in batch.open_alerts if a.home == home]
    if batch.all_recognition is not None:
        for home in {*found, *homes, *(each.home for each in batch.all_recognition)}:
            recognised = [each for each in batch.all_recognition if each.home == home]
            found.setdefault(home, HomeBatch()).all_recognition = recognised
    return found
