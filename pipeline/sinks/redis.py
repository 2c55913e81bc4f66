"""Live values in Redis: a hash per scope, ranked boards, the funnel, open alerts, and a stream of what changed.

All keys of one home go out in one guarded call (`redis_guard.py`), rendered by `redis_home.py` under the names of
`redis_keys.py`. Values are absolute: what is written twice reads as written once.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import msgspec
from redis.asyncio import Redis

from pipeline.kernel.time_slice import TimeSlice
from pipeline.sinks.redis_guard import FILLING, Guard, HomeWrites, answering, understanding
from pipeline.sinks.redis_home import HomeBatch, HomeMemory, render
from pipeline.sinks.redis_keys import CURRENT, FUNNELS, LAYOUT, Keys
from pipeline.sinks.sink import Batch, Bookmark, Deposed, Owner, SinkDown, Survey

CUT_SECONDS = 3600


@dataclass(slots=True)
class _Serving:
    """What one owner knows of the homes it writes.

    `homes` are all of them, `published` is how far each is complete, by what was written last. `missing` homes are to
    be written whole with the next complete batch, `noted` ones are in the set of homes. `complete` tells that such a
    batch was written.
    """

    published: dict[str, int] = field(default_factory=dict)
    homes: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    noted: set[str] = field(default_factory=set)
    memories: dict[str, HomeMemory] = field(default_factory=dict)
    complete: bool = False


class RedisSink:
    """The sink on one Redis, for all leases of a worker. `lives_seconds` is how long values live without a write."""

    name = "redis"
    fast = True
    carries_parts = False

    def __init__(self, client: Redis, namespace: str, lives_seconds: int) -> None:
        self._client = client
        self._guard = Guard(client)
        self._keys = Keys(namespace)
        self._lives_seconds = lives_seconds
        self._serving: dict[Owner, _Serving] = {}
        self._turns = count(1)
        self._trouble = ""
        """What was wrong when it was last asked, in words."""

    async def survey(self, owner: Owner, bookmark: Bookmark, homes: Sequence[str]) -> Survey:
        with self._noticing(owner):
            serving = self._serving.get(owner) or _Serving()
            first = owner not in self._serving
            found, memories = await self._read(homes)
            await self._note_homes(serving.noted)
            filling = {home for home in serving.missing if found.get(home) == FILLING}
            serving.missing = frozenset(home for home in homes if found[home] < max(serving.published.get(home, 0), 0))
            serving.homes = frozenset(homes)
            # Of a home that is being filled more is known than its own hash says, which may not be there yet.
            lost = serving.missing - filling
            serving.memories = memories | {home: each for home, each in serving.memories.items() if home not in lost}
            whole = [home for home in homes if home not in serving.missing]
            await self._touch(owner, serving, whole, bookmark.published if serving.complete else None)
            await self._touch(owner, serving, sorted(serving.missing), FILLING)
        self._forget_former(owner)
        self._serving[owner] = serving
        self._trouble = ""
        since = min([bookmark.published, *(found[home] for home in whole)]) if first else None
        # What a home that is being filled lacks is marked already: marked again and again, it would never be whole.
        return Survey(bookmark, since, lost)

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
            await self._note_new(serving, homes)
            if batch.cut is not None:
                await self._write_cut(owner, batch.cut)
        if published is None:
            return bookmark
        serving.published |= dict.fromkeys(by_home, published)
        serving.missing, serving.complete = frozenset(), True
        return Bookmark(published, now_ms=batch.now_ms)

    def missing(self) -> Sequence[str]:
        return (self._trouble,) if self._trouble else ()

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
            await time_slice.pause()
        return writes

    async def _touch(self, owner: Owner, serving: _Serving, homes: Sequence[str], published: int | None) -> None:
        """Fence the homes, whether there is something to write or not, and note how far they are complete."""
        writes = [HomeWrites(self._keys.owner(home), self._lives_seconds, published) for home in homes]
        await self._guard.write(writes, owner, next(self._turns))
        if published is not None and published != FILLING:
            serving.published |= dict.fromkeys(homes, published)

    async def _read(self, homes: Sequence[str]) -> tuple[dict[str, int], dict[str, HomeMemory]]:
        """Up to which position each home is complete, by its sentinel (below 0: it is not), and what its keys hold."""
        async with self._client.pipeline(transaction=False) as pipe:
            for home in homes:
                pipe.hget(self._keys.owner(home), "published")
                pipe.hmget(self._keys.kpi(home, home), [CURRENT, FUNNELS])
            answers = await pipe.execute()
        with understanding():
            published = {
                home: -1 if held is None else int(held) for home, held in zip(homes, answers[::2], strict=True)
            }
            return published, {home: HomeMemory.read(*held) for home, held in zip(homes, answers[1::2], strict=True)}

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
    for home, ranked in batch.ranked.items():
        found.setdefault(home, HomeBatch()).ranked = ranked
    for home, current in batch.current.items():
        found.setdefault(home, HomeBatch()).current = current
    if batch.open_alerts is not None:
        for home in {*found, *homes, *(alert.home for alert in batch.open_alerts)}:
            found.setdefault(home, HomeBatch()).open_alerts = [a for a in batch.open_alerts if a.home == home]
    return found
