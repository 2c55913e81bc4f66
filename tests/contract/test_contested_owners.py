"""Redis names a later owner that never claimed the partition: its owner writes again, and whoever was deposed never.

With a real Redis, the real guard and publishers, and a state log whose rule is that of the engine: the ack of a record
tells of every claim before it.
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from pipeline.sinks.redis import RedisSink
from pipeline.sinks.redis_contested import Contested
from pipeline.sinks.redis_guard import LOST, Guard, HomeWrites, Named, Refused, connect
from pipeline.sinks.redis_keys import Keys
from pipeline.sinks.sink import Deposed, Owner
from tests.harness.published import DEFINED
from tests.servers.redis import RedisServer
from tests.unit.boards.logs import FactsLog
from tests.unit.publishing.test_publisher import DAY, Desk, turns

HOME = "team:north"
GENERATION = 1000
"""That of a desk."""
FORGED: dict[str, dict[str, Any]] = {
    "a generation of a time to come": {"generation": 9_007_199_254_740_992_000},
    "a later epoch": {"epoch": 10**12},
    "a later turn": {"turn": 10**12},
    "no number": {"generation": "later"},
}


class Shown:
    """What a reader of Redis sees."""

    def __init__(self, url: str, namespace: str) -> None:
        self.client = connect(url)
        self.keys = Keys(namespace)

    async def calls(self) -> int | None:
        """The day's calls of the team."""
        found = await self.client.hget(self.keys.kpi(HOME, HOME), f"{DAY}:calls")
        return None if found is None else int(json.loads(found)["kpis"]["calls"]["value"])

    async def forge(self, **fields: Any) -> None:
        """Have Redis name somebody else."""
        for name, value in fields.items():
            await self.client.hset(self.keys.owner(HOME), name, value)

    async def until(self, calls: int) -> None:
        """Return once so many are shown."""
        async with asyncio.timeout(15):
            while await self.calls() != calls:
                await asyncio.sleep(0.01)


@pytest_asyncio.fixture
async def shown(redis_server: RedisServer, namespace: str) -> AsyncIterator[Shown]:
    """The reader of the test's own keys."""
    shown = Shown(redis_server.url, namespace)
    yield shown
    await shown.client.aclose()


@asynccontextmanager
async def owner(url: str, namespace: str, **desk: Any) -> AsyncIterator[tuple[Desk, RedisSink]]:
    """A worker that holds the partition, with a client of its own."""
    sink = RedisSink(connect(url), namespace, 3600, DEFINED)
    async with Desk(sink, **desk) as held:
        yield held, sink
    await sink.close()


def contested(desk: Desk) -> float:
    """How often its sink named an owner that never was."""
    return desk.metrics.registry.get_sample_value("salespulse_unknown_owners_total", {"namespace": "test"}) or 0.0


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
async def test_its_owner_writes_again_once_its_log_says_so(
    redis_server: RedisServer, shown: Shown, forged: dict[str, Any]
) -> None:
    """Not before a record that was appended after the refusal is acknowledged; then everything is there again."""
    async with owner(redis_server.url, shown.keys.namespace) as (desk, sink):
        await desk.fold(5)
        await shown.until(5)
        await shown.forge(**forged)
        await desk.fold(1)
        await turns(0.5)
        unproven = await desk.fold(1, durable=False)
        await turns(1.5)
        assert await shown.calls() == 5
        assert contested(desk) == 0

        await desk.make_durable(unproven)
        await shown.until(7)
        assert contested(desk) == 1
        assert sink.missing() == []
        assert "never claimed its partition" in sink.doubts()[0]


async def test_all_of_a_home_is_written_anew(redis_server: RedisServer, shown: Shown) -> None:
    """Whoever forged its owner may have changed its keys too."""
    async with owner(redis_server.url, shown.keys.namespace) as (desk, _):
        await desk.fold(5)
        await shown.until(5)
        await shown.client.hset(shown.keys.kpi(HOME, HOME), f"{DAY}:calls", '{"kpis":{"calls":{"value":4711}}}')
        await shown.forge(epoch=10**12)
        for _ in range(2):
            await desk.fold(1, rep="8")
            await turns(0.5)

        await shown.until(7)


async def test_whoever_was_deposed_never_writes_again(redis_server: RedisServer, shown: Shown) -> None:
    """Its records are not acknowledged any more: whatever Redis names, it goes on to be refused."""
    log = FactsLog()
    async with (
        owner(redis_server.url, shown.keys.namespace, epoch=3, log=log) as (former, _),
        owner(redis_server.url, shown.keys.namespace, epoch=4) as (later, _),
    ):
        await former.fold(5)
        await later.fold(100)
        await shown.until(100)
        for forged in FORGED.values():
            await shown.forge(**forged)
            await former.fold(1, durable=False)
            await later.fold(1)
            await turns(0.3)
            calls = await later.fold(1) + 100
            await shown.until(calls)
            assert contested(former) == 0


# Interleavings.


@dataclass
class Log:
    """A state log: claims and records, in order."""

    entries: list[tuple[str, int]] = field(default_factory=list)

    def append(self, kind: str, owner: int) -> int:
        """Append, and give the offset."""
        self.entries.append((kind, owner))
        return len(self.entries) - 1


@dataclass
class Actor:
    """One worker on a partition: every step is one that a process can be frozen before."""

    number: int
    log: Log
    world: "World"
    epoch: int
    expected: int
    turn: int = 0
    computed: int = 0
    durable: int = 0
    dead: bool = False
    refused_at: int | None = None
    appended: list[tuple[int, int]] = field(default_factory=list)
    contested: Contested = field(default_factory=lambda: Contested(now_ms=lambda: GENERATION))

    @property
    def owner(self) -> Owner:
        """As it fences."""
        return Owner("scoreboard", 0, GENERATION, self.epoch)

    def fold(self) -> None:
        """Fold a batch, and append its delta then: one after the other, but no fold waits for an ack."""
        self.computed += 1
        self.appended.append((self.computed, self.log.append("delta", self.number)))

    def acknowledge(self) -> None:
        """Look at what stands before the oldest record that is not acknowledged."""
        if not self.appended:
            return
        position, offset = self.appended.pop(0)
        between = self.log.entries[self.expected : offset]
        if any(kind == "claim" for kind, _ in between):
            self.dead = True
            return
        self.expected, self.durable = offset + 1, position

    async def write(self) -> None:
        """Publish, unless it was refused."""
        if self.refused_at is None:
            self.turn += 1
            writes = HomeWrites(self.world.sentinel, 60)
            writes.add("SET", self.world.value, self.number)
            await self._sent(writes, self.turn)

    async def reclaim(self) -> None:
        """What the publisher does with a sink that refused it."""
        if self.refused_at is None or (self.durable <= self.refused_at and not self.world.careless):
            return
        try:
            unknown = self.contested.unknown(self.owner)
        except Deposed:
            return
        self.turn += 1
        await self._sent(HomeWrites(unknown[0].sentinel, 60, LOST, unknown[0].mark), self.turn, reclaims=True)

    async def _sent(self, writes: HomeWrites, turn: int, *, reclaims: bool = False) -> None:
        async def arrives() -> None:
            try:
                await self.world.guard.write([writes], self.owner, turn)
            except Refused as refused:
                self.world.seen["refused"] += 1
                self.contested.refuse(self.owner, refused.named)
                self.refused_at = self.computed
                return
            self.world.seen["reclaimed" if reclaims else "written"] += 1
            if reclaims:
                self.contested.settle(self.owner)
                self.refused_at = None
            else:
                self.world.wrote(self)

        await self.world.send(arrives)


@dataclass
class World:
    """One partition, its log, its home in Redis, and what is on its way there."""

    guard: Guard
    client: Redis
    sentinel: str
    value: str
    rnd: random.Random
    careless: bool = False
    log: Log = field(default_factory=Log)
    actors: list[Actor] = field(default_factory=list)
    on_the_way: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    last_epoch: int = -1
    overwritten: bool = False
    forgeries: int = 0

    def claim(self) -> None:
        """Another worker takes over."""
        offset = self.log.append("claim", len(self.actors))
        self.actors.append(Actor(len(self.actors), self.log, self, offset, offset + 1))

    async def forge(self) -> None:
        """Somebody else names a later owner than there is."""
        self.forgeries += 1
        epoch = len(self.log.entries) + self.rnd.choice((0, 1, 5, 10**6))
        generation = self.rnd.choice((GENERATION, GENERATION, 10**18))
        fields = {"generation": generation, "epoch": epoch, "turn": 10**9 + self.forgeries}
        for name, value in fields.items():
            await self.client.hset(self.sentinel, name, str(value))
        self.seen["forged"] += 1

    async def send(self, arrives: Callable[[], Awaitable[None]]) -> None:
        """What is sent may arrive at once, or when its sender has gone on, or is gone."""
        if self.rnd.random() < 0.7:
            await arrives()
        else:
            self.on_the_way.append(arrives)

    def wrote(self, actor: Actor) -> None:
        """Note whose figures are shown."""
        if actor.epoch < self.last_epoch:
            self.overwritten = True
        self.last_epoch = max(self.last_epoch, actor.epoch)

    async def step(self) -> None:
        """One thing happens."""
        kind = self.rnd.random()
        if not self.actors or kind < 0.03:
            self.claim()
        elif kind < 0.08:
            await self.forge()
        elif kind < 0.15 and self.on_the_way:
            await self.on_the_way.pop(self.rnd.randrange(len(self.on_the_way)))()
        else:
            actor = self.rnd.choice(self.actors[-3:])
            if not actor.dead:
                await self._act(actor)

    async def _act(self, actor: Actor) -> None:
        match self.rnd.randrange(5):
            case 0:
                actor.fold()
            case 1:
                actor.acknowledge()
            case 2 | 3:
                await actor.write()
            case _:
                await actor.reclaim()

    async def settle(self) -> None:
        """Nobody forges any more, and the last owner goes on alone."""
        for arrives in self.on_the_way:
            await arrives()
        last = self.actors[-1]
        for _ in range(6):
            last.fold()
            while last.appended:
                last.acknowledge()
            await last.reclaim()
            await last.write()
            for arrives in self.on_the_way:
                await arrives()
            self.on_the_way.clear()


async def _play(url: str, namespace: str, seed: int, steps: int = 120, *, careless: bool = False) -> World:
    client = connect(url)
    key = f"{namespace}:{{{seed}-{careless}}}"
    await client.delete(f"{key}:owner", f"{key}:value")
    world = World(Guard(client), client, f"{key}:owner", f"{key}:value", random.Random(seed), careless)
    for _ in range(steps):
        await world.step()
    world.on_the_way, late = [], world.on_the_way
    for arrives in late:
        await arrives()
    await world.settle()
    shown = await client.get(world.value)
    await client.aclose()
    assert shown is not None
    world.seen["healed"] += int(shown) == len(world.actors) - 1
    return world


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
def test_no_interleaving_lets_a_former_owner_write_over_a_later_one(
    redis_server: RedisServer, namespace: str, seed: int
) -> None:
    """Frozen anywhere, with commands that arrive late, whatever Redis is made to name; and the last owner writes."""
    world = asyncio.run(_play(redis_server.url, namespace, seed))

    assert not world.overwritten
    assert world.seen["healed"] == 1


def test_the_model_finds_an_owner_that_does_not_ask_its_log(redis_server: RedisServer, namespace: str) -> None:
    """Whoever writes over what refused it at once writes over later owners; and the rule is put to the test."""
    total: Counter[str] = Counter()
    careless = 0
    for seed in range(25):
        total += asyncio.run(_play(redis_server.url, namespace, seed)).seen
        careless += asyncio.run(_play(redis_server.url, namespace, seed, careless=True)).overwritten

    assert careless > 5
    assert min(total["refused"], total["reclaimed"], total["forged"]) > 20


def test_a_refusal_says_whom_redis_names() -> None:
    """In words, with the key to look at."""
    named = Named("live:{company}:owner", "mark", 2000, None, 3)

    assert str(Refused([named])) == "held by live:{company}:owner: generation 2000, epoch None, turn 3"
