"""Ranks in Redis, once a rep has left."""

from typing import Any, cast

import pytest
from redis.asyncio import Redis

from pipeline.sinks.redis import RedisSink
from pipeline.sinks.redis_guard import connect
from pipeline.sinks.redis_keys import Keys
from pipeline.sinks.sink import Batch, Bookmark, Owner
from tests.findings.floor import NOW, Floor, deal
from tests.servers.redis import RedisServer
from tests.unit.ledger.world import HOUR, event

HOME = "team:north"
LATER = NOW + 2 * HOUR


async def publish(floor: Floor, sink: RedisSink, before: Bookmark) -> Bookmark:
    """Write what changed, in one batch, as the publisher does at rest."""
    board = floor.board.board
    figures = board.take(slow=True)
    ranked = {figure.home: floor.board.ranked(figure.home) for figure in figures}
    batch = Batch(board.position, board.now_ms, complete=True, slow=True, figures=figures, ranked=ranked)
    return await sink.write(Owner("scoreboard", 0, 1000, 1), before, batch)


@pytest.mark.xfail(strict=True, raises=AssertionError, reason="C4: ranks change only with a figure of the rep's")
@pytest.mark.parametrize(
    "leaves",
    [event("rep", "rep-01", LATER, active=False), event("membership", "m1", LATER, valid_to=LATER)],
    ids=["inactive", "membership"],
)
async def test_a_rep_who_leaves_leaves_the_ranks(
    leaves: dict[str, Any], redis_server: RedisServer, namespace: str
) -> None:
    """Ranked by a win of this day until the event, and not after it."""
    client = connect(redis_server.url)
    sink = RedisSink(client, namespace, 3600)
    key = Keys(namespace).rank(HOME, "bookings", "day")
    floor = Floor().at(NOW, deal("d", NOW, "won", amount_minor=100_00))
    floor.board.board.generation = 1
    await sink.survey(Owner("scoreboard", 0, 1000, 1), Bookmark(), floor.board.board.homes())
    bookmark = await publish(floor, sink, Bookmark())
    before = await _members(client, key)
    floor.at(LATER, leaves)
    await publish(floor, sink, bookmark)
    after = await _members(client, key)
    await sink.close()

    assert before == [b"rep-01"]
    assert floor.board.ranked(HOME) == frozenset()
    assert after == []


async def _members(client: "Redis", key: str) -> list[bytes]:
    return cast("list[bytes]", await cast("Any", client).zrange(key, 0, -1))
