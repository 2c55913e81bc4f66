"""Local midnights of a large floor, over real Kafka: with all workers, with some of them, and with none."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from redis import Redis

from pipeline import clock
from pipeline.sinks.redis_keys import CURRENT, Keys
from pipeline.topics.table import SOURCES, full_name
from tests.faults.cluster import Cluster
from tests.faults.conftest import Begin
from tests.faults.organisation import ZONES
from tests.faults.sent import MINUTE_MS
from tests.faults.stream import Stream
from tests.faults.verdict import judge
from tests.servers.faketime import stamped

pytestmark = [pytest.mark.faults, pytest.mark.kafka]
TEAMS = 3
AROUND_MS = 2 * MINUTE_MS
STEP_MS = 2000
STEPS_A_SECOND = 60
AHEAD_HOURS = 48
"""Midnights of the next day are passed today: no worker is to halt at such append times."""
BUSY_SECONDS = 60
"""No worker is to be missed: half of it one may stand still, on a machine that is busy."""


@contextmanager
def passing(cluster: Cluster) -> Iterator[None]:
    """The source topics take a record's time from whoever sends it. A worker that starts wants them otherwise."""
    topics = [full_name(cluster.settings.namespace, name) for name in SOURCES]
    stamped(cluster.kafka.bootstrap, topics, "CreateTime")
    yield
    cluster.feed.flush()
    stamped(cluster.kafka.bootstrap, topics, "LogAppendTime")


def tomorrow(now_ms: int, zone: str) -> date:
    """The next local day somewhere."""
    return datetime.fromtimestamp(now_ms / 1000, ZoneInfo(zone)).date() + timedelta(days=1)


def midnights(now_ms: int) -> list[int]:
    """When the next local day of each team begins, in order."""
    return sorted(_begins_ms(tomorrow(now_ms, zone), ZoneInfo(zone)) for zone in ZONES[:TEAMS])


def _begins_ms(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)


def pass_over(cluster: Cluster, midnight_ms: int) -> None:
    """The floor works from some minutes before an instant to some minutes after it; what was held back is told."""
    for at_ms in range(midnight_ms - AROUND_MS, midnight_ms + AROUND_MS, STEP_MS):
        cluster.feed.send(cluster.stream.at(at_ms), at_ms)
        clock.pause(1 / STEPS_A_SECOND)
    cluster.feed.send(cluster.stream.rest(), midnight_ms + AROUND_MS)


def day_shown(cluster: Cluster) -> str:
    """The day of the company, as Redis has it."""
    key = Keys(cluster.settings.namespace).kpi("company", "company")
    with Redis(port=cluster.redis.port, decode_responses=True) as client:
        current = json.loads(cast("Any", client).hget(key, CURRENT))
    return str(current["day"])


@pytest.mark.parametrize(
    ("reps", "partitions"),
    [pytest.param(300, 4, id="every batch"), pytest.param(1300, 1, id="more than a batch")],
)
def test_no_worker_ends_at_a_local_midnight(begin: Begin, seed: int, reps: int, partitions: int) -> None:
    """Reps of three zones: two workers pass a midnight, one alone the next, nobody the third; both start after it.

    No worker ends by itself, and all figures are those of the batch.
    """
    stream = Stream(seed, teams=TEAMS, reps=reps)
    cluster = begin(
        stream=stream, partitions=partitions, session_timeout_seconds=BUSY_SECONDS, append_jump_hours=AHEAD_HOURS
    )
    now_ms = clock.now_ms()
    cluster.feed.send(cluster.stream.history(4 * reps, now_ms, days=3))
    cluster.feed.flush()
    with_two, with_one, with_none = midnights(now_ms)

    with passing(cluster):
        pass_over(cluster, with_two)
        assert cluster.fleet.leave("w1") == 0
        pass_over(cluster, with_one)
        assert cluster.fleet.leave("w2") == 0
        pass_over(cluster, with_none)
    for name in ("w1", "w2"):
        cluster.fleet.join(name)

    judge(cluster)
    assert not cluster.fleet.ended
    assert day_shown(cluster) == f"day:{tomorrow(now_ms, ZONES[0])}"
