"""What every sink promises: the real Redis, topics, the memory that ships, and the sinks that other tests use."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import permutations
from typing import Any, Protocol

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer
from redis import Redis as SyncRedis

from pipeline.config.settings import EMBEDDED_PARTITIONS
from pipeline.embedded.broker import API_VERSION
from pipeline.engine.kafka.clients import Clients
from pipeline.engine.kafka.outlet import Records, Sent, send_all
from pipeline.scores.beside import Beside
from pipeline.scores.chosen import Chosen, ChosenWindows
from pipeline.scores.figures import Figure
from pipeline.scores.kpi import Values
from pipeline.sinks.alerts_topic import AlertsTopic
from pipeline.sinks.kpi_topic import KpiTopic
from pipeline.sinks.memory import MemorySink
from pipeline.sinks.parts_topic import PartsTopic
from pipeline.sinks.redis import LOOKS, SIGNS_SECONDS, RedisSink
from pipeline.sinks.redis_guard import connect
from pipeline.sinks.redis_keys import LAYOUT, Keys
from pipeline.sinks.sink import Batch, Bookmark, Deposed, Owner, Sink, SinkDown
from pipeline.topics.table import full_name
from tests.harness.figures import on_topic, past_in_redis
from tests.harness.published import DEFINED, contest, made
from tests.harness.sinks import ClosingSink, EndingRedisSink, PartsSink, SlowTopic, Wire
from tests.servers.process import free_port
from tests.servers.redis import RedisServer

OLD = Owner("scoreboard", 1, 1000, 5)
NEW = Owner("scoreboard", 1, 1000, 9)
HOME, REP, DAY, TOMORROW = "team:north", "rep:rep-01@north", "day:2026-11-23", "day:2026-11-24"
YESTERDAY = "day:2026-11-22"
FIRST = Bookmark()


def figure(
    scope: str, calls: int, version: int, *, gone: bool = False, home: str = HOME, **more: Any
) -> Figure:  # fmt: skip
    """The calls of a scope on one day, as they were at a position."""
    kpis: Values = {} if gone else {"calls": {"value": calls}, "won": {"value": 1}}
    return made(home, scope, "day", DAY, version, kpis, current=not gone, gone=gone, **more)


def batch(
    position: int, *figures: Figure, complete: bool = True, today: str = DAY, reps: Sequence[str] = ("rep-01",)
) -> Batch:
    """Figures as one batch, of that day and with those reps ranked."""
    current, beside = {HOME: {"day": today}}, {HOME: Beside(ranked=frozenset(reps))}
    return Batch(position, 1000 + position, complete=complete, figures=figures, current=current, beside=beside)


@dataclass(frozen=True)
class Silent:
    """An alert on a rep."""

    id: str
    home: str
    scope: str = "rep:7@north"
    kind: str = "silent_rep"
    state: str = "open"
    opened_ms: int = 0
    muted_until_ms: int | None = None
    is_open: bool = True

    def record(self) -> dict[str, Any]:
        """As readers find it."""
        return {"id": self.id}


class Subject(Protocol):
    """A sink under test, and what a reader of it sees."""

    @property
    def sink(self) -> Sink:
        """The sink."""

    async def calls(self, scope: str) -> int | None:
        """The calls of a scope on the day; None where there is no figure."""


class MemorySubject:
    """The memory."""

    def __init__(self) -> None:
        self.sink = MemorySink()

    async def calls(self, scope: str) -> int | None:
        found = self.sink.figure(scope, DAY)
        return None if found is None else int(found["kpis"]["calls"]["value"])


class RedisSubject:
    """A real Redis."""

    def __init__(self, url: str, namespace: str) -> None:
        self.url = url
        self.client = connect(url)
        self.keys = Keys(namespace)
        self.sink = RedisSink(self.client, namespace, 3600, DEFINED)

    async def calls(self, scope: str) -> int | None:
        found = await self.client.hget(self.keys.kpi(HOME, scope), f"{DAY}:calls")
        if found is not None:
            return int(json.loads(found)["kpis"]["calls"]["value"])
        over: dict[tuple[str, str], Any] = await asyncio.to_thread(self._over)
        calls: int | None = over.get((scope, DAY), {}).get("calls", {}).get("calls", {}).get("value")
        return calls

    def _over(self) -> Any:
        with SyncRedis.from_url(self.url) as client:
            return past_in_redis(client, self.keys.namespace)


class TopicSubject:
    """A KPI topic on the embedded broker."""

    def __init__(self, producer: AIOKafkaProducer, brokers: str, namespace: str) -> None:
        self.producer = producer
        self.full_name = partial(full_name, namespace)
        clients = Clients({"bootstrap_servers": [brokers]})
        self.sink = KpiTopic(self.send_all, clients.reader, self.full_name)
        self._options: dict[str, Any] = {
            "bootstrap_servers": [brokers],
            "api_version": tuple(map(int, API_VERSION.split("."))),
        }

    async def send_all(self, topic: str, partition: int, records: Records) -> list[Sent]:
        """As the engine sends."""
        return await send_all(self.producer, self.full_name(topic), partition, records)

    async def calls(self, scope: str) -> int | None:
        topic = self.full_name("kpis.scoreboard")
        found = await asyncio.to_thread(on_topic, topic, EMBEDDED_PARTITIONS, self._options)
        kpis = found.get((scope, DAY))
        return None if kpis is None else int(kpis["calls"]["value"])


SHOWING = ("memory", "redis", "topic")
"""The sinks that show figures."""
OTHERS: dict[str, Callable[[], Sink]] = {
    "alerts": lambda: AlertsTopic(Wire().send, 4),
    "parts": lambda: PartsTopic(Wire().send),
    "tests' parts": PartsSink,
    "tests' slow topic": lambda: _answering(SlowTopic()),
    "tests' closing sink": lambda: ClosingSink("any"),
}


def _answering(slow: SlowTopic) -> SlowTopic:
    slow.answers.set()
    return slow


@asynccontextmanager
async def showing(name: str, request: pytest.FixtureRequest, namespace: str) -> AsyncIterator[Subject]:
    """One of the sinks that show figures."""
    if name == "memory":
        yield MemorySubject()
    elif name == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        redis = RedisSubject(server.url, namespace)
        yield redis
        await redis.sink.close()
    else:
        brokers: str = request.getfixturevalue("mock_broker")
        async with AIOKafkaProducer(bootstrap_servers=brokers, acks="all", enable_idempotence=True) as producer:
            yield TopicSubject(producer, brokers, namespace)


@pytest_asyncio.fixture(params=SHOWING)
async def subject(request: pytest.FixtureRequest, namespace: str) -> AsyncIterator[Subject]:
    """Each sink that shows figures, in turn."""
    async with showing(request.param, request, namespace) as found:
        yield found


@pytest_asyncio.fixture(params=[*SHOWING, *OTHERS, "tests' ending redis"])
async def sink(request: pytest.FixtureRequest, namespace: str) -> AsyncIterator[Sink]:
    """Each sink there is, in turn: whatever it shows, a publisher asks the same of it."""
    if request.param in SHOWING:
        async with showing(request.param, request, namespace) as found:
            yield found.sink
    elif request.param in OTHERS:
        yield OTHERS[request.param]()
    else:
        server: RedisServer = request.getfixturevalue("redis_server")
        ending = EndingRedisSink(connect(server.url), namespace, DEFINED)
        yield ending
        await ending.close()


async def served(sink: Sink, owner: Owner, bookmark: Bookmark, each: Batch) -> Bookmark:
    """Survey, then write, as a publisher does when its lease begins."""
    survey = await sink.survey(owner, bookmark, {HOME: {}})
    return await sink.write(owner, survey.bookmark, each)


async def test_what_was_written_is_read(subject: Subject) -> None:
    """A reader sees the figures of a batch."""
    await served(subject.sink, NEW, FIRST, batch(10, figure(HOME, 7, 10), figure(REP, 4, 10)))

    assert await subject.calls(HOME) == 7
    assert await subject.calls(REP) == 4
    assert await subject.calls("rep:rep-02@north") is None


async def test_values_are_absolute(subject: Subject) -> None:
    """A later figure replaces the earlier one, and one written twice reads as written once."""
    bookmark = await served(subject.sink, NEW, FIRST, batch(10, figure(HOME, 7, 10)))
    bookmark = await subject.sink.write(NEW, bookmark, batch(11, figure(HOME, 8, 11)))
    await subject.sink.write(NEW, bookmark, batch(11, figure(HOME, 8, 11)))

    assert await subject.calls(HOME) == 8


async def test_what_is_gone_is_forgotten(subject: Subject) -> None:
    """A figure that is gone is no longer there to be read, and forgetting twice does no harm."""
    bookmark = await served(subject.sink, NEW, FIRST, batch(10, figure(HOME, 7, 10), figure(REP, 4, 10)))
    bookmark = await subject.sink.write(NEW, bookmark, batch(12, figure(REP, 0, 12, gone=True)))
    await subject.sink.write(NEW, bookmark, batch(13, figure(REP, 0, 13, gone=True)))

    assert await subject.calls(REP) is None
    assert await subject.calls(HOME) == 7


async def test_a_former_owner_moves_nothing_back(subject: Subject) -> None:
    """What a former owner still writes is refused, or loses against the higher version."""
    old = await served(subject.sink, OLD, FIRST, batch(10, figure(HOME, 7, 10)))
    await served(subject.sink, NEW, old, batch(20, figure(HOME, 9, 20)))
    with suppress(Deposed):
        await subject.sink.write(OLD, old, batch(11, figure(HOME, 8, 11)))

    assert await subject.calls(HOME) == 9


async def test_an_empty_sink_asks_for_everything(subject: Subject) -> None:
    """Where nothing was ever published, the survey asks for all there is."""
    survey = await subject.sink.survey(NEW, FIRST, {HOME: {}})

    assert survey.since == -1 or survey.homes == {HOME}


async def test_the_next_owner_asks_for_what_came_after_the_last_complete_batch(subject: Subject) -> None:
    """A take-over asks for all that changed since the bookmark, and for no home whole."""
    bookmark = await served(subject.sink, OLD, FIRST, batch(10, figure(HOME, 7, 10)))
    bookmark = await subject.sink.write(OLD, bookmark, batch(15, figure(HOME, 8, 15), complete=False))

    survey = await subject.sink.survey(NEW, bookmark, {HOME: {}})

    assert bookmark.published == 10
    assert survey.since == 10
    assert not survey.homes


async def test_only_a_complete_batch_moves_the_bookmark(sink: Sink) -> None:
    """The bookmark tells up to where everything was published, and what now was there."""
    survey = await sink.survey(NEW, FIRST, {HOME: {}})
    bookmark = await sink.write(NEW, survey.bookmark, batch(9, figure(HOME, 6, 9), complete=False))
    assert bookmark.published == -1

    bookmark = await sink.write(NEW, bookmark, batch(10, figure(HOME, 7, 10)))
    assert (bookmark.published, bookmark.now_ms) == (10, 1010)


async def test_a_survey_in_between_asks_for_nothing(sink: Sink) -> None:
    """While one owner publishes and nothing is lost, surveys miss nothing."""
    bookmark = await served(sink, NEW, FIRST, batch(10, figure(HOME, 7, 10)))

    survey = await sink.survey(NEW, bookmark, {HOME: {}})

    assert survey.since is None
    assert not survey.homes


async def test_a_sink_that_answers_keeps_no_worker_from_being_ready(sink: Sink) -> None:
    """Nothing is missing before the first call, nor after it answered."""
    assert list(sink.missing()) == []

    await served(sink, NEW, FIRST, batch(10, figure(HOME, 7, 10)))

    assert list(sink.missing()) == []


async def test_closing_takes_nothing_from_readers(subject: Subject) -> None:
    """What was written stays when its worker has stopped."""
    await served(subject.sink, NEW, FIRST, batch(10, figure(HOME, 7, 10)))

    await subject.sink.close()

    assert await subject.calls(HOME) == 7


async def test_a_sink_that_was_never_used_can_be_closed(sink: Sink) -> None:
    """A spare worker stops without having published anything; that is no trouble to report."""
    await sink.close()

    assert list(sink.missing()) == []


NOT_THERE = "Redis does not respond: nothing listens at its address"


async def test_a_sink_that_is_down_says_so(namespace: str) -> None:
    """The line is there once it did not answer, and readiness shows it."""
    memory, redis = MemorySink(), RedisSink(connect(f"redis://127.0.0.1:{free_port()}/0"), namespace, 3600, DEFINED)
    memory.down = True
    for sink in (memory, redis):
        with pytest.raises(SinkDown):
            await sink.survey(NEW, FIRST, {HOME: {}})
    await redis.close()

    assert (list(memory.missing()), list(redis.missing())) == (["memory is down"], [NOT_THERE])


async def test_an_empty_batch_is_no_trouble(subject: Subject) -> None:
    """A batch in which nothing changed moves the bookmark and nothing else."""
    bookmark = await served(subject.sink, NEW, FIRST, batch(10, figure(HOME, 7, 10)))
    bookmark = await subject.sink.write(NEW, bookmark, batch(30))

    assert bookmark.published == 30
    assert await subject.calls(HOME) == 7


class TestKpiTopic:
    """What is peculiar to a log that anybody may append to."""

    @pytest_asyncio.fixture
    async def topic(self, mock_broker: str, namespace: str) -> AsyncIterator[TopicSubject]:
        """A topic on the embedded broker."""
        async with AIOKafkaProducer(bootstrap_servers=mock_broker, acks="all", enable_idempotence=True) as producer:
            yield TopicSubject(producer, mock_broker, namespace)

    async def test_a_take_over_names_what_was_written_after_the_bookmark(self, topic: TopicSubject) -> None:
        """Homes of records that the state knows nothing of are published again, whole."""
        bookmark = await served(topic.sink, OLD, FIRST, batch(10, figure(HOME, 7, 10)))
        await topic.sink.write(OLD, bookmark, batch(12, figure(HOME, 8, 12)))

        survey = await topic.sink.survey(NEW, bookmark, {HOME: {}})

        assert survey.homes == {HOME}
        assert survey.windows == {(HOME, HOME, DAY)}
        assert survey.bookmark.next_offset == 2

    async def test_a_gap_in_the_acks_is_looked_into(self, topic: TopicSubject) -> None:
        """Where a former owner's record lies between two of ours, its home is published again."""
        old = await served(topic.sink, OLD, FIRST, batch(10, figure(HOME, 7, 10)))
        new = await served(topic.sink, NEW, old, batch(20, figure(REP, 9, 20)))
        await topic.sink.write(OLD, old, batch(11, figure(HOME, 8, 11)))
        new = await topic.sink.write(NEW, new, batch(21, figure(REP, 10, 21)))

        survey = await topic.sink.survey(NEW, new, {HOME: {}})

        assert survey.homes == {HOME}
        assert (await topic.sink.survey(NEW, survey.bookmark, {HOME: {}})).homes == frozenset()

    async def test_a_topic_that_was_created_anew_gets_everything(self, topic: TopicSubject) -> None:
        """One that ends before the own last record has nothing of what was published."""
        survey = await topic.sink.survey(NEW, Bookmark(published=10, next_offset=5, now_ms=10), {HOME: {}})

        assert (survey.since, survey.bookmark.next_offset) == (-1, 0)

    async def test_many_records_are_one_run_of_offsets(self, topic: TopicSubject) -> None:
        """Of more records than one batch takes each has its own offset, and the next ones follow."""
        many = [figure(f"rep:rep-{number:03d}@north", number, 10) for number in range(200)]
        bookmark = await served(topic.sink, NEW, FIRST, batch(10, *many))
        bookmark = await topic.sink.write(NEW, bookmark, batch(11, *many[:50]))

        assert bookmark.next_offset == 250
        assert await topic.calls("rep:rep-199@north") == 199

    async def test_a_partition_has_one_writer(self, topic: TopicSubject) -> None:
        """Records go to the partition of the same number as the input's, whatever their key."""
        seen: list[tuple[int, int]] = []

        async def noted(name: str, partition: int, records: Records) -> list[Sent]:
            seen.append((partition, len(records)))
            return await topic.send_all(name, partition, records)

        sink = KpiTopic(noted, Clients({"bootstrap_servers": []}).reader, topic.full_name)
        cut = {"stage": "scoreboard", "offset": 10, "version": [1000, 10]}
        each = Batch(10, 10, complete=True, figures=[figure(HOME, 1, 10), figure(REP, 1, 10)], cut=cut)
        await sink.write(NEW, FIRST, each)

        assert seen == [(1, 3)]


class TestRedis:
    """What is peculiar to Redis."""

    @pytest_asyncio.fixture
    async def redis(self, redis_server: RedisServer, namespace: str) -> AsyncIterator[RedisSubject]:
        """The sink on a real server."""
        subject = RedisSubject(redis_server.url, namespace)
        yield subject
        await subject.sink.close()

    async def test_a_lost_home_is_asked_for_whole(self, redis: RedisSubject) -> None:
        """A home that is lost, as after a flush, is named by the next survey; a complete batch makes it whole."""
        bookmark = await served(redis.sink, NEW, FIRST, batch(10, figure(HOME, 7, 10)))
        await redis.client.delete(redis.keys.owner(HOME), redis.keys.kpi(HOME, HOME))

        assert (await redis.sink.survey(NEW, bookmark, {HOME: {}})).homes == {HOME}
        bookmark = await redis.sink.write(NEW, bookmark, batch(11, figure(HOME, 7, 11), complete=False))
        assert await redis.client.hget(redis.keys.owner(HOME), "published") == b"-2"
        bookmark = await redis.sink.write(NEW, bookmark, batch(12, figure(HOME, 7, 12)))
        assert await redis.client.hget(redis.keys.owner(HOME), "published") == b"12"
        assert (await redis.sink.survey(NEW, bookmark, {HOME: {}})).homes == frozenset()

    async def test_a_hash_that_is_gone_is_noticed_in_time(self, redis: RedisSubject) -> None:
        """Deleted by hand, with its home's sentinel still there: once each home was looked at."""
        names = [f"team:{number}" for number in range(30)]
        shown = {name: {name: False, f"rep:7@{name}": False} for name in names}
        figures = [figure(scope, 7, 10, home=home) for home, scopes in shown.items() for scope in scopes]
        bookmark = (await redis.sink.survey(NEW, FIRST, {name: {} for name in names})).bookmark
        bookmark = await redis.sink.write(NEW, bookmark, batch(10, *figures))
        assert [(await redis.sink.survey(NEW, bookmark, shown)).homes for _ in range(LOOKS)] == [frozenset()] * LOOKS

        await redis.client.delete(redis.keys.kpi("team:17", "rep:7@team:17"))
        found = [(await redis.sink.survey(NEW, bookmark, shown)).homes for _ in range(LOOKS)]
        assert set(found) == {frozenset(), frozenset({"team:17"})}
        assert found.count(frozenset({"team:17"})) == 1

        waits = shown | {"team:17": {"team:17": False}}
        whole = [each for each in figures if each.home == "team:17"]
        bookmark = await redis.sink.write(NEW, bookmark, batch(11, *whole))
        assert [(await redis.sink.survey(NEW, bookmark, waits)).homes for _ in range(LOOKS)] == [frozenset()] * LOOKS
        assert await redis.client.exists(redis.keys.kpi("team:17", "rep:7@team:17"))

    async def test_a_lost_hash_of_windows_that_are_over_is_noticed(self, redis: RedisSubject) -> None:
        """It lies apart from the one of the current windows; of who has none of them nothing is missed."""
        over = made(HOME, REP, "day", YESTERDAY, 10, {"calls": {"value": 3}}, current=False)
        shown = {HOME: {HOME: False, REP: True}}
        await redis.sink.survey(NEW, FIRST, {HOME: {}})
        bookmark = await redis.sink.write(NEW, FIRST, batch(10, figure(HOME, 7, 10), figure(REP, 4, 10), over))
        assert [(await redis.sink.survey(NEW, bookmark, shown)).homes for _ in range(LOOKS)] == [frozenset()] * LOOKS

        await redis.client.delete(redis.keys.past(HOME, REP))
        found = [(await redis.sink.survey(NEW, bookmark, shown)).homes for _ in range(LOOKS)]
        assert found.count(frozenset({HOME})) == 1

    async def test_a_lost_legend_is_there_again_with_any_survey(self, redis: RedisSubject) -> None:
        """Without it no window that is over can be read; the surveyor may have written none itself."""
        over = made(HOME, REP, "day", YESTERDAY, 10, {"calls": {"value": 3}}, current=False)
        await served(redis.sink, OLD, FIRST, batch(10, over))
        legend = await redis.client.hgetall(redis.keys.legend)
        await redis.client.delete(redis.keys.legend)
        later = RedisSink(redis.client, redis.keys.namespace, 3600, DEFINED)
        await later.survey(NEW, FIRST, {HOME: {HOME: False, REP: True}})

        assert await redis.client.hgetall(redis.keys.legend) == legend != {}

    async def test_a_window_that_is_over_moves_apart(self, redis: RedisSubject) -> None:
        """In one call: no reader sees it twice, or not at all."""
        bookmark = await served(redis.sink, NEW, FIRST, batch(10, figure(REP, 4, 10)))
        over = made(HOME, REP, "day", DAY, 11, {"calls": {"value": 5}}, current=False)
        bookmark = await redis.sink.write(NEW, bookmark, batch(11, over, today=TOMORROW))

        assert await redis.client.hkeys(redis.keys.kpi(HOME, REP)) == [b"_current"]
        assert await redis.client.hkeys(redis.keys.past(HOME, REP)) == [DAY.encode()]
        assert await redis.calls(REP) == 5
        await redis.sink.write(NEW, bookmark, batch(12, made(HOME, REP, "day", DAY, 12, {}, current=False, gone=True)))
        assert not await redis.client.exists(redis.keys.past(HOME, REP))

    async def test_a_window_that_turns_while_its_home_is_filled_moves_apart_too(self, redis: RedisSubject) -> None:
        """Its figure was taken before the turn, in a batch that was complete after it: nobody said it was current."""
        survey = await redis.sink.survey(NEW, FIRST, {HOME: {}})
        bookmark = await redis.sink.write(
            NEW, survey.bookmark, batch(10, figure(REP, 4, 10), complete=False, today=TOMORROW)
        )
        over = made(HOME, REP, "day", DAY, 11, {"calls": {"value": 5}}, current=False)
        await redis.sink.write(NEW, bookmark, batch(11, over, today=TOMORROW))

        assert await redis.client.hkeys(redis.keys.kpi(HOME, REP)) == [b"_current"]
        assert await redis.calls(REP) == 5

    async def test_what_another_choice_had_published_is_gone_once_the_home_is_filled(self, redis: RedisSubject) -> None:
        """Windows, families and boards that are no longer chosen; what is written is there at every moment."""
        over = made(HOME, REP, "year", "year:2025", 10, {"calls": {"value": 3}}, current=False)
        emails = made(HOME, REP, "day", DAY, 10, {"calls": {"value": 4}, "emails": {"value": 2}})
        await served(redis.sink, OLD, FIRST, batch(10, figure(HOME, 7, 10), emails, over))
        rank, kpi = redis.keys.rank(HOME, "calls", "day"), redis.keys.kpi(HOME, REP)
        fields = {f"{DAY}:calls".encode(), f"{DAY}:deals".encode()}
        assert await redis.client.zcard(rank) == 1

        other = RedisSink(redis.client, redis.keys.namespace, 3600, DEFINED, Chosen(members=ChosenWindows.read("day")))
        survey = await other.survey(NEW, Bookmark(10), {HOME: {HOME: False, REP: False}})
        assert survey.homes == {HOME}
        gone = made(HOME, REP, "year", "year:2025", 11, {}, current=False, gone=True)
        bookmark = await other.write(NEW, survey.bookmark, batch(11, gone, figure(REP, 5, 11), complete=False))
        assert set(await redis.client.hkeys(kpi)) == {*fields, b"_current"}
        bookmark = await other.write(NEW, bookmark, batch(12, figure(HOME, 8, 12)))

        assert not await redis.client.exists(redis.keys.past(HOME, REP))
        assert set(await redis.client.hkeys(kpi)) == {*fields, b"_current"}
        assert await redis.client.zscore(rank, "rep-01") == 5
        shown = {HOME: {HOME: False, REP: False}}
        assert [(await other.survey(NEW, bookmark, shown)).homes for _ in range(LOOKS)] == [frozenset()] * LOOKS
        told = json.loads(await redis.client.get(redis.keys.chosen) or "")
        assert told["members"] == {"current": ["day"], "past": []}

    async def test_a_flush_is_noticed_at_once_and_an_eviction_too(self, own_redis: RedisServer, namespace: str) -> None:
        """However many homes there are: by any of them that is gone, and by what Redis says of itself."""
        redis = RedisSubject(own_redis.url, namespace)
        shown = {f"team:{number}": {f"team:{number}": False} for number in range(60)}
        figures = [figure(home, 7, 10, home=home) for home in shown]
        async with AsyncExitStack() as stack:
            stack.push_async_callback(redis.sink.close)
            bookmark = (await redis.sink.survey(NEW, FIRST, shown)).bookmark
            bookmark = await redis.sink.write(NEW, bookmark, batch(10, *figures))
            assert (await redis.sink.survey(NEW, bookmark, shown)).homes == frozenset()
            await redis.client.flushdb()
            assert (await redis.sink.survey(NEW, bookmark, shown)).homes == shown.keys()

            bookmark = await redis.sink.write(NEW, bookmark, batch(11, *figures))
            await redis.client.config_set("maxmemory-policy", "allkeys-random")
            lost: set[str] = set()
            while len(lost) <= len(shown) / LOOKS:  # more than one survey of a Redis that lost nothing looks at
                used = (await redis.client.info("memory"))["used_memory"]
                await redis.client.config_set("maxmemory", used - 5_000)
                await redis.client.set("more", "more")
                await redis.client.config_set("maxmemory", 0)
                keys = {home: (redis.keys.owner(home), redis.keys.kpi(home, home)) for home in shown}
                lost = {home for home, both in keys.items() if await redis.client.exists(*both) < len(both)}
            await asyncio.sleep(SIGNS_SECONDS)  # no earlier is Redis asked again what it says of itself
            assert (await redis.sink.survey(NEW, bookmark, shown)).homes == lost

    async def test_a_home_that_is_being_filled_is_asked_for_once(self, redis: RedisSubject) -> None:
        """However long filling takes: it is named again only to another owner, or when it is lost again."""
        await redis.sink.survey(NEW, FIRST, {HOME: {}})
        bookmark = await redis.sink.write(NEW, FIRST, batch(10, figure(HOME, 7, 10), complete=False))
        assert (await redis.sink.survey(NEW, bookmark, {HOME: {}})).homes == frozenset()

        await redis.client.delete(redis.keys.owner(HOME))
        bookmark = await redis.sink.write(NEW, bookmark, batch(11, figure(HOME, 8, 11), complete=False))
        assert (await redis.sink.survey(NEW, bookmark, {HOME: {}})).homes == {HOME}
        assert (await redis.sink.survey(NEW, bookmark, {HOME: {}})).homes == frozenset()

        later = RedisSink(redis.client, redis.keys.namespace, 3600, DEFINED)
        assert (await later.survey(NEW._replace(epoch=11), bookmark, {HOME: {}})).homes == {HOME}

    async def test_boards_of_a_home_that_is_being_filled_are_begun_once(self, redis: RedisSubject) -> None:
        """A survey amid filling forgets nothing: the day whose boards were begun with a rep stands in no hash yet."""
        bookmark = await served(redis.sink, NEW, FIRST, batch(10, figure(HOME, 7, 10), figure(REP, 4, 10)))
        await redis.client.delete(*[key async for key in redis.client.scan_iter(f"{redis.keys.namespace}:*")])
        assert (await redis.sink.survey(NEW, bookmark, {HOME: {}})).homes == {HOME}

        today = [made(HOME, scope, "day", TOMORROW, 11, {"calls": {"value": 1}}) for scope in (REP, HOME)]
        for number, each in enumerate(today):
            bookmark = await redis.sink.write(NEW, bookmark, batch(11, each, complete=number == 1, today=TOMORROW))
            assert (await redis.sink.survey(NEW, bookmark, {HOME: {}})).homes == frozenset()

        assert await redis.client.zscore(redis.keys.rank(HOME, "calls", "day"), "rep-01") == 1

    @pytest.mark.parametrize("field", ["_current", "_funnels", "published"])
    async def test_what_no_worker_wrote_is_no_end_of_one(self, redis: RedisSubject, field: str) -> None:
        """Keys that somebody else overwrote count as a Redis that is down, until they are deleted."""
        bookmark = await served(redis.sink, OLD, FIRST, batch(10, figure(HOME, 7, 10)))
        key = redis.keys.owner(HOME) if field == "published" else redis.keys.kpi(HOME, HOME)
        await redis.client.hset(key, field, "garbage")

        with pytest.raises(SinkDown):
            await redis.sink.survey(NEW, bookmark, {HOME: {}})
        await redis.client.delete(key)
        assert (await redis.sink.survey(NEW, bookmark, {HOME: {}})).since is not None

    async def test_a_restored_home_is_asked_for_whole(self, redis: RedisSubject) -> None:
        """A home that is back at an earlier state, as after a fail-over, is named by the next survey."""
        bookmark = await served(redis.sink, NEW, FIRST, batch(10, figure(HOME, 7, 10)))
        earlier = await redis.client.dump(redis.keys.owner(HOME))
        assert earlier is not None
        bookmark = await redis.sink.write(NEW, bookmark, batch(20, figure(HOME, 8, 20)))
        await redis.client.restore(redis.keys.owner(HOME), 0, earlier, replace=True)

        assert (await redis.sink.survey(NEW, bookmark, {HOME: {}})).homes == {HOME}

    async def test_a_take_over_goes_back_to_what_the_home_says(self, redis: RedisSubject) -> None:
        """Where Redis knows less than the state believes, the survey asks for all since then."""
        await served(redis.sink, OLD, FIRST, batch(10, figure(HOME, 7, 10)))

        survey = await redis.sink.survey(NEW, Bookmark(50), {HOME: {}})

        assert survey.since == 10

    async def test_a_survey_fences_the_former_owner(self, redis: RedisSubject) -> None:
        """From the new owner's first look on, the former one is refused, before anything was written."""
        old = await served(redis.sink, OLD, FIRST, batch(10, figure(HOME, 7, 10)))
        await redis.sink.survey(NEW, old, {HOME: {}})
        other = RedisSink(redis.client, redis.keys.namespace, 3600, DEFINED)
        shared = (redis.keys.layout, redis.keys.chosen, redis.keys.legend)
        await redis.client.delete(*shared)

        with pytest.raises(Deposed):
            await other.survey(OLD, old, {HOME: {}})

        assert await redis.client.exists(*shared) == 0

    async def test_ranks_follow_the_current_window(self, redis: RedisSubject) -> None:
        """Reps of the team are ranked; a new day begins an empty board; who left the team goes."""
        bookmark = await served(redis.sink, NEW, FIRST, batch(10, figure(REP, 4, 10)))
        key = redis.keys.rank(HOME, "calls", "day")
        assert await redis.client.zscore(key, "rep-01") == 4

        bookmark = await redis.sink.write(NEW, bookmark, batch(11, figure(REP, 5, 11), reps=()))
        assert await redis.client.zcard(key) == 0

        await redis.sink.write(NEW, bookmark, batch(12, figure(HOME, 6, 12), figure(REP, 6, 12)))
        tomorrow = made(HOME, HOME, "day", TOMORROW, 13, {"calls": {"value": 0}})
        later = RedisSink(redis.client, redis.keys.namespace, 3600, DEFINED)
        await later.survey(NEW._replace(epoch=11), bookmark, {HOME: {}})
        await later.write(NEW._replace(epoch=11), bookmark, batch(13, tomorrow, today=TOMORROW))
        assert await redis.client.zcard(key) == 0

    async def test_ranks_follow_the_team_without_a_figure(self, redis: RedisSubject) -> None:
        """Who left goes with the next batch that says so, and is back as he was; one with alerts only says nothing."""
        bookmark = await served(redis.sink, NEW, FIRST, batch(10, figure(HOME, 4, 10), figure(REP, 4, 10)))
        key = redis.keys.rank(HOME, "calls", "day")
        alert = Batch(11, 11, complete=True, alerts=[Silent("silent_rep:rep:7@north", HOME)])
        bookmark = await redis.sink.write(NEW, bookmark, alert)
        assert await redis.client.zscore(key, "rep-01") == 4

        bookmark = await redis.sink.write(NEW, bookmark, batch(12, reps=()))
        assert await redis.client.zcard(key) == 0
        await redis.sink.write(NEW, bookmark, batch(13))
        assert await redis.client.zscore(key, "rep-01") == 4

    async def test_a_window_that_is_over_leaves_the_boards_before_the_next_one_has_figures(
        self, redis: RedisSubject
    ) -> None:
        """A rep's yesterday may come before his today, and that in another batch than his team's."""
        bookmark = await served(redis.sink, NEW, FIRST, batch(10, figure(HOME, 7, 10), figure(REP, 4, 10)))
        key, field = redis.keys.rank(HOME, "calls", "day"), redis.keys.kpi(HOME, REP)
        over = made(HOME, REP, "day", DAY, 11, {"calls": {"value": 5}}, current=False)
        bookmark = await redis.sink.write(NEW, bookmark, batch(11, over, complete=False, today=TOMORROW))
        assert await redis.client.zcard(key) == 0
        assert json.loads(await redis.client.hget(field, "_current") or "") == {"day": TOMORROW}
        assert await redis.calls(REP) == 5

        today = made(HOME, REP, "day", TOMORROW, 12, {"calls": {"value": 1}})
        await redis.sink.write(NEW, bookmark, batch(12, today, today=TOMORROW))
        assert await redis.client.zscore(key, "rep-01") == 1

    async def test_a_figure_taken_before_its_window_ended_is_on_no_board(self, redis: RedisSubject) -> None:
        """A batch is taken in rounds: one rep's figures may be of yesterday and another's of today."""
        other = "rep:rep-02@north"
        today = [made(HOME, scope, "day", TOMORROW, 12, {"calls": {"value": 1}}) for scope in (HOME, other)]
        late = batch(12, figure(REP, 4, 10), *today, today=TOMORROW, reps=("rep-01", "rep-02"))
        await served(redis.sink, NEW, FIRST, late)

        ranked = await redis.client.zrange(redis.keys.rank(HOME, "calls", "day"), 0, -1, withscores=True)
        assert ranked == [(b"rep-02", 1.0)]

    async def test_boards_of_an_unknown_window_are_begun_anew(self, redis: RedisSubject) -> None:
        """Where a home's hash was lost and its boards were not, nobody can say which day they are of."""
        bookmark = await served(redis.sink, OLD, FIRST, batch(10, figure(HOME, 7, 10), figure(REP, 4, 10)))
        await redis.client.delete(redis.keys.kpi(HOME, HOME), redis.keys.owner(HOME))
        tomorrow = made(HOME, HOME, "day", TOMORROW, 13, {"calls": {"value": 0}})
        await served(redis.sink, NEW, bookmark, batch(13, tomorrow, today=TOMORROW))

        assert await redis.client.zcard(redis.keys.rank(HOME, "calls", "day")) == 0

    async def test_only_what_changed_is_written(self, redis: RedisSubject) -> None:
        """A family of a current window that is as it was keeps its version; the one that changed has the new one."""
        bookmark = await served(redis.sink, NEW, FIRST, batch(10, figure(HOME, 7, 10)))
        await redis.sink.write(NEW, bookmark, batch(11, figure(HOME, 8, 11, fresh=["calls"])))

        fields = await redis.client.hmget(redis.keys.kpi(HOME, HOME), [f"{DAY}:calls", f"{DAY}:deals"])
        assert [json.loads(field)["version"] for field in fields if field] == [[1000, 11], [1000, 10]]

    async def test_what_was_lost_is_written_though_it_is_as_it_was(self, redis: RedisSubject) -> None:
        """After a loss a figure is written again, unchanged as it is."""
        bookmark = await served(redis.sink, NEW, FIRST, batch(10, figure(HOME, 7, 10)))
        await redis.client.delete(redis.keys.owner(HOME), redis.keys.kpi(HOME, HOME))
        await redis.sink.survey(NEW, bookmark, {HOME: {}})
        await redis.sink.write(NEW, bookmark, batch(10, figure(HOME, 7, 10)))

        assert await redis.calls(HOME) == 7

    async def test_alerts_of_all_homes_are_replaced_after_a_gap(self, redis: RedisSubject) -> None:
        """Open alerts are shown, resolved ones are not; after a gap only those that are open stay."""
        silent = Silent("silent_rep:rep:7@north", HOME)
        opened = Batch(10, 10, complete=True, figures=[figure(HOME, 7, 10)], alerts=[silent])
        bookmark = await served(redis.sink, NEW, FIRST, opened)
        assert await redis.client.hkeys(redis.keys.alerts(HOME)) == [b"silent_rep:rep:7@north"]

        bookmark = await redis.sink.write(NEW, bookmark, Batch(11, 11, complete=True, open_alerts=[]))
        assert await redis.client.hkeys(redis.keys.alerts(HOME)) == []

        bookmark = await redis.sink.write(NEW, bookmark, Batch(12, 12, complete=True, open_alerts=[silent]))
        over = Silent("silent_rep:rep:7@north", HOME, is_open=False)
        await redis.sink.write(NEW, bookmark, Batch(13, 13, complete=True, alerts=[over]))
        assert await redis.client.hkeys(redis.keys.alerts(HOME)) == []

    async def test_what_is_taken_back_of_recognition_stands_no_more(self, redis: RedisSubject) -> None:
        """Contests stand beside the figures of their home; after a gap only those that still stand stay."""
        running, gone = contest(10), contest(13, "taken_back")
        told = Batch(10, 10, complete=True, recognition=[running])
        bookmark = await served(redis.sink, NEW, FIRST, told)
        assert await redis.client.hkeys(redis.keys.recognition("company")) == [b"contest:sprint"]

        gap = Batch(11, 11, complete=True, beside={"company": Beside()}, all_recognition=[])
        bookmark = await redis.sink.write(NEW, bookmark, gap)
        assert await redis.client.hkeys(redis.keys.recognition("company")) == []

        bookmark = await redis.sink.write(NEW, bookmark, Batch(12, 12, complete=True, all_recognition=[running]))
        await redis.sink.write(NEW, bookmark, Batch(13, 13, complete=True, recognition=[gone]))
        assert await redis.client.hkeys(redis.keys.recognition("company")) == []

    async def test_changes_are_noted_in_stream_and_channel(self, redis: RedisSubject) -> None:
        """Whoever listens hears which windows of which scope changed; whoever reads the stream misses nothing."""
        async with redis.client.pubsub() as channel:
            await channel.subscribe(redis.keys.changes(HOME))
            await channel.get_message(timeout=5)
            await served(redis.sink, NEW, FIRST, batch(10, figure(REP, 4, 10)))
            message = await channel.get_message(ignore_subscribe_messages=True, timeout=5)

        note = {"scope": REP, "windows": [DAY], "version": [1000, 10]}
        assert message is not None
        assert json.loads(message["data"]) == note
        assert await redis.client.xlen(redis.keys.changes(HOME)) == 1

    @pytest.mark.parametrize(
        ("told", "field", "text"),
        [
            (Beside(absent=frozenset({"rep-02"})), "_absent", b'["rep-02"]'),
            (Beside(ramping=frozenset({"rep-02"})), "_ramping", b'["rep-02"]'),
            (Beside(industry='[{"id":"a"}]'), "_industry", b'[{"id":"a"}]'),
            (Beside(special_day='{"day":"2026-12-24"}'), "_special_day", b'{"day":"2026-12-24"}'),
            (Beside(limits='{"leads_waiting":90}'), "_limits", b'{"leads_waiting":90}'),
        ],
    )
    async def test_what_is_told_of_a_home_stands_beside_its_figures(
        self, redis: RedisSubject, told: Beside, field: str, text: bytes
    ) -> None:
        """From its first figure on, without another one too, in another worker, until there is nothing to tell."""

        def saying(said: Beside, offset: int, *figures: Figure) -> Batch:
            return replace(batch(offset, *figures), beside={HOME: said})

        key = redis.keys.kpi(HOME, HOME)
        bookmark = await served(redis.sink, NEW, FIRST, saying(told, 10))
        assert not await redis.client.exists(key)
        bookmark = await redis.sink.write(NEW, bookmark, saying(told, 11, figure(HOME, 4, 11)))
        assert await redis.client.hget(key, field) == text

        later, owner = RedisSink(redis.client, redis.keys.namespace, 3600, DEFINED), NEW._replace(epoch=11)
        await later.survey(owner, bookmark, {HOME: {HOME: False}})
        bookmark = await later.write(owner, bookmark, saying(Beside(), 12))
        assert not await redis.client.hexists(key, field)

        await later.write(owner, bookmark, saying(told, 13))
        assert await redis.client.hexists(key, field)

    async def test_the_funnel_shows_what_is_open_now(self, redis: RedisSubject) -> None:
        """Stages that are empty again go, and so does a process without an open deal."""

        def standing(version: int, **stages: int) -> Figure:
            open_ = {"default:" + name: {"value": count, "amount_minor": 0} for name, count in stages.items()}
            kpis: Values = {"stage_open": {"value": sum(stages.values()), "stages": open_}}
            return made(HOME, HOME, "now", "now", version, kpis)

        key = redis.keys.funnel(HOME, "default")
        bookmark = await served(redis.sink, NEW, FIRST, batch(10, standing(10, demo=3, offer=2)))
        assert await redis.client.hgetall(key) == {b"demo": b"3", b"offer": b"2"}
        bookmark = await redis.sink.write(NEW, bookmark, batch(11, standing(11, offer=1)))
        assert await redis.client.hgetall(key) == {b"offer": b"1"}
        await redis.sink.write(NEW, bookmark, batch(12, standing(12)))
        assert await redis.client.hgetall(key) == {}

    @pytest.mark.parametrize("ways", list(permutations(("default", "partners", "renewals"))), ids="-".join)
    async def test_the_names_of_funnels_do_not_tell_which_came_first(
        self, redis: RedisSubject, ways: Sequence[str]
    ) -> None:
        """Whatever process had an open deal first, and whoever wrote it: the same is shown once all have one."""
        for version, count in enumerate((1, 2, 3), 10):
            stages = {f"{process}:offer": {"value": 1, "amount_minor": 0} for process in ways[:count]}
            kpis: Values = {"stage_open": {"value": count, "stages": stages}}
            sink = RedisSink(redis.client, redis.keys.namespace, 3600, DEFINED)
            owner = NEW._replace(epoch=version)
            await served(sink, owner, FIRST, batch(version, made(HOME, HOME, "now", "now", version, kpis)))

        held = await redis.client.hget(redis.keys.kpi(HOME, HOME), "_funnels")
        assert json.loads(held or "") == ["default", "partners", "renewals"]

    async def test_nothing_is_left_of_a_home_that_is_gone(self, redis: RedisSubject) -> None:
        """Its figures go, and with them what names its windows, its boards and its funnels."""
        kpis: Values = {"stage_open": {"value": 3, "stages": {"default:demo": {"value": 3, "amount_minor": 0}}}}
        now = made(HOME, HOME, "now", "now", 10, kpis)
        bookmark = await served(redis.sink, NEW, FIRST, batch(10, figure(HOME, 7, 10), figure(REP, 4, 10), now))
        over = [
            made(HOME, scope, kind, window, 11, {}, current=False, gone=True)
            for scope in (HOME, REP)
            for kind, window in (("day", DAY), ("now", "now"))
        ]
        beside = {HOME: Beside(ranked=frozenset({"rep-01"}), absent=frozenset({"rep-01"}))}
        bookmark = await redis.sink.write(NEW, bookmark, replace(batch(10), beside=beside))
        gone = Batch(11, 11, complete=True, figures=over, current={HOME: {}}, beside=beside)
        await redis.sink.write(NEW, bookmark, gone)

        left = {key.decode() async for key in redis.client.scan_iter(match=f"{redis.keys.namespace}:{{*")}
        assert left == {redis.keys.owner(HOME), redis.keys.changes(HOME)}

    async def test_a_key_that_begins_anew_has_a_time_to_live_too(self, redis: RedisSubject) -> None:
        """A board or a funnel that was emptied, in this batch or an earlier one, is a new key when it is filled."""

        def standing(version: int, count: int) -> Figure:
            stages = {"default:demo": {"value": count, "amount_minor": 0}}
            return made(HOME, HOME, "now", "now", version, {"stage_open": {"value": count, "stages": stages}})

        first = batch(10, figure(HOME, 7, 10), figure(REP, 4, 10), standing(10, 1))
        bookmark = await served(redis.sink, NEW, FIRST, first)
        bookmark = await redis.sink.write(NEW, bookmark, batch(11, standing(11, 2), today=TOMORROW))
        today = made(HOME, REP, "day", TOMORROW, 12, {"calls": {"value": 1}})
        await redis.sink.write(NEW, bookmark, batch(12, today, today=TOMORROW))

        for key in (redis.keys.rank(HOME, "calls", "day"), redis.keys.funnel(HOME, "default")):
            assert await redis.client.ttl(key) > 0

    async def test_every_key_has_the_namespace_and_a_time_to_live(self, redis: RedisSubject) -> None:
        """Nothing is left for ever of a deployment that is gone."""
        cut = {"stage": "scoreboard", "partition": 1, "offset": 10}
        each = Batch(10, 10, complete=True, figures=[figure(REP, 4, 10)], cut=cut)
        await served(redis.sink, NEW, FIRST, each)

        keys = [key async for key in redis.client.scan_iter(match=f"*{redis.keys.namespace}:*")]

        assert len(keys) >= 7
        assert await redis.client.get(redis.keys.layout) == b"%d" % LAYOUT
        for key in keys:
            assert redis.keys.parse(key.decode()) is not None, key
            assert await redis.client.ttl(key) > 0

    async def test_ids_cannot_name_other_keys(self, redis: RedisSubject) -> None:
        """Whatever an id contains, it stays within its own key."""
        key = redis.keys.kpi("team:x}:owner{", "a b/c")

        assert key == f"{redis.keys.namespace}:{{team:x%7D:owner%7B}}:kpi:a%20b%2Fc"
