"""What the audit sees of what the sink writes to a real Redis."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import pytest
import pytest_asyncio
from redis import Redis

from pipeline.audit.audit import Audit
from pipeline.audit.redis_picture import redis_picture
from pipeline.config.settings import SetupError, load_settings
from pipeline.scores.figures import Figure
from pipeline.sinks.redis import RedisSink
from pipeline.sinks.redis_guard import connect
from pipeline.sinks.redis_keys import LAYOUT, STREAM_LENGTH, Keys
from pipeline.sinks.sink import Batch, Bookmark, Owner
from tests.harness.proofs import CONTROL_KEYS
from tests.harness.published import DAY, DEFINED, made
from tests.servers.redis import RedisServer

HOME, REP = "team:north", "rep:rep-01@north"
OWNER = Owner("scoreboard", 0, 1000, 9)
PARTITIONS = 1


@pytest.fixture
def client(redis_server: RedisServer) -> Iterator["Redis"]:
    """What the audit reads with."""
    with Redis.from_url(redis_server.url, decode_responses=True) as client:
        yield client


@pytest_asyncio.fixture
async def sink(redis_server: RedisServer, namespace: str) -> AsyncIterator[RedisSink]:
    """What a worker writes with."""
    sink = RedisSink(connect(redis_server.url), namespace, 600, DEFINED)
    yield sink
    await sink.close()


def calls(scope: str, number: int, version: int) -> Figure:
    """The calls of a day."""
    return made(HOME, scope, "day", DAY, version, {"calls": {"value": number}})


def gone(scope: str, version: int) -> Figure:
    """The day is none any more."""
    return made(HOME, scope, "day", DAY, version, {}, current=False, gone=True)


def complete(position: int, *figures: Figure) -> Batch:
    """A batch that moves the cut on."""
    cut = {
        "stage": OWNER.stage, "partition": OWNER.partition, "offset": position, "now_ms": 1000 + position, "seen": {},
        "version": [OWNER.generation, position],
    }  # fmt: skip
    return Batch(position, 1000 + position, complete=True, slow=True, figures=list(figures), cut=cut)


def live(position: int, *figures: Figure) -> Batch:
    """A batch after which more is to come."""
    return Batch(position, 1000 + position, complete=False, figures=list(figures))


async def begun(sink: RedisSink) -> Bookmark:
    """Both scopes are shown, at the cut 10."""
    survey = await sink.survey(OWNER, Bookmark(), {HOME: {}})
    return await sink.write(OWNER, survey.bookmark, complete(10, calls(HOME, 7, 10), calls(REP, 4, 10)))


async def test_a_window_that_went_after_the_cut_may_have_been_shown_at_it(
    sink: RedisSink, client: "Redis", namespace: str
) -> None:
    """It is not there, and has no version: only the note tells. Once the cut has passed it is missing, as it should."""
    bookmark = await begun(sink)
    bookmark = await sink.write(OWNER, bookmark, live(12, gone(REP, 12), calls(HOME, 3, 12)))

    picture = redis_picture(client, namespace, PARTITIONS)
    assert [cut.offset for cut in picture.cuts.values()] == [10]
    assert {figure.scope for figure in picture.figures} == {HOME}
    assert picture.unsettled == [(REP, DAY)]
    assert picture.whole == frozenset({HOME})

    await sink.write(OWNER, bookmark, complete(13))
    assert redis_picture(client, namespace, PARTITIONS).unsettled == []


async def test_a_key_that_no_worker_writes_is_no_figure(sink: RedisSink, client: "Redis", namespace: str) -> None:
    """It lies among our keys, under a name that no home and scope have: the audit names it."""
    await begun(sink)
    foreign = Keys(namespace).pattern("kpi").replace("*", "team north")
    client.hset(foreign, "x", "y")

    picture = redis_picture(client, namespace, PARTITIONS)

    assert [each.scope for each in picture.unreadable] == [foreign]
    assert {figure.scope for figure in picture.figures} == {HOME, REP}


@pytest.mark.parametrize("whole", [True, False])
async def test_a_window_without_a_legend_counts_in_whole_homes_only(
    sink: RedisSink, client: "Redis", namespace: str, whole: bool
) -> None:
    """A home that is being filled is left out with all that it has; in any other no legend may lack."""
    over = made(HOME, REP, "day", "day:2026-11-20", 11, {"calls": {"value": 3}}, current=False)
    await sink.write(OWNER, await begun(sink), complete(11, over))
    keys = Keys(namespace)
    client.delete(keys.legend)
    if not whole:
        client.hset(keys.owner(HOME), "published", -2)

    picture = redis_picture(client, namespace, PARTITIONS)

    assert [(each.home, each.scope, each.window) for each in picture.unreadable] == (
        [(HOME, REP, "day:2026-11-20")] if whole else []
    )


async def test_a_legend_that_comes_while_figures_are_read_is_used(
    sink: RedisSink, client: "Redis", redis_server: RedisServer, namespace: str
) -> None:
    """A release with other KPIs writes its legend, then its windows: nothing of them is unreadable."""
    over = made(HOME, REP, "day", "day:2026-11-20", 11, {"calls": {"value": 3}}, current=False)
    await sink.write(OWNER, await begun(sink), complete(11, over))
    past, legend = Keys(namespace).past(HOME, REP), Keys(namespace).legend
    kept = cast("dict[str, str]", client.hgetall(past))
    ((window, text),) = kept.items()
    client.hset(past, "day:2026-11-21", text.replace(DEFINED, "d2"))
    held = cast("str", client.hget(legend, DEFINED))

    class Later(Redis):
        """Whose past windows are read before the other legend is there."""

        def scan_iter(self, *args: Any, **more: Any) -> Iterator[Any]:
            found = list(super().scan_iter(*args, **more))
            if past in found:
                client.hset(legend, "d2", held)
            return iter(found)

    with Later.from_url(redis_server.url, decode_responses=True) as later:
        picture = redis_picture(later, namespace, PARTITIONS)

    assert picture.unreadable == []
    assert {each.window for each in picture.figures} >= {window, "day:2026-11-21"}


async def test_the_audit_does_not_read_another_layout(
    redis_server: RedisServer, client: "Redis", namespace: str
) -> None:
    """It says so in one line, instead of a difference in every figure."""
    given: dict[str, Any] = {"namespace": namespace, "redis_url": redis_server.url, "control_keys": CONTROL_KEYS}
    audit = Audit(load_settings({}, **given))
    assert audit.in_redis() == {}

    client.set(Keys(namespace).layout, LAYOUT + 1)

    with pytest.raises(SetupError, match=f"^Redis holds keys of layout {LAYOUT + 1}, and this release reads layout"):
        audit.in_redis()


async def test_a_window_is_found_behind_many_later_notes(sink: RedisSink, client: "Redis", namespace: str) -> None:
    """However busy the home was since the cut."""
    bookmark = await sink.write(OWNER, await begun(sink), live(11, gone(REP, 11)))
    for version in range(12, 60):
        bookmark = await sink.write(OWNER, bookmark, live(version, calls(HOME, version, version)))

    assert redis_picture(client, namespace, PARTITIONS).unsettled == [(REP, DAY)]


async def test_a_home_with_more_notes_since_the_cut_than_it_keeps_is_not_compared(
    sink: RedisSink, client: "Redis", namespace: str
) -> None:
    """What went before the first of them is not known."""
    await begun(sink)
    key = Keys(namespace).changes(HOME)
    client.delete(key)
    note = json.dumps({"scope": HOME, "windows": [DAY], "version": [OWNER.generation, 11]})
    with client.pipeline(transaction=False) as pipe:
        for _ in range(STREAM_LENGTH):
            pipe.xadd(key, {"change": note})
        pipe.execute()

    assert redis_picture(client, namespace, PARTITIONS).whole == frozenset()
