"""One measured run of the stock Faust program."""

import json
import sys
import time

import redis

from benchmarks import stock_faust
from benchmarks.events import Arrival
from benchmarks.expected import Figures, expected
from benchmarks.load import create_topics, send
from benchmarks.outcome import Outcome
from benchmarks.readback import KpiTopicReader, Parsed, Place, until_equal
from benchmarks.servers import Servers, pin
from tests.servers.process import ServerProcess

PARTITIONS = 4


def run(servers: Servers, organisation: list[Arrival], arrivals: list[Arrival], limit_seconds: float) -> Outcome:
    """Load the events into the waiting program and time it until all its figures are published and right."""
    wanted = {place: figures for place, figures in expected(organisation, arrivals).items() if place[0] != "company"}
    topics = (*stock_faust.SOURCES, stock_faust.CHANGES, stock_faust.KPIS, stock_faust.DEAD_LETTERS)
    create_topics(servers.brokers, map(stock_faust.topic_name, topics), PARTITIONS)
    send(servers.brokers, stock_faust.PREFIX, organisation)
    command = [sys.executable, "-m", "benchmarks.stock_faust"]
    command += ["--brokers", servers.brokers, "--redis", servers.redis_url, "--partitions", str(PARTITIONS)]
    job = ServerProcess(command, servers.directory / "stock.log")
    with redis.Redis.from_url(servers.redis_url) as client:

        def ready() -> object:
            if job.process is not None:
                pin(job.process.pid, servers.job_core)
            return client.get(stock_faust.READY_KEY)

        def read_redis(places: list[Place]) -> list[dict[str, int]]:
            pipeline = client.pipeline(transaction=False)
            for scope, window in places:
                pipeline.hget(f"{stock_faust.PREFIX}:{scope}", window)
            return [_measures(value) for value in pipeline.execute()]

        try:
            job.start(ready)
            with KpiTopicReader(servers.brokers, [stock_faust.topic_name(stock_faust.KPIS)], _parse) as reader:
                started = time.monotonic()
                send(servers.brokers, stock_faust.PREFIX, arrivals)
                loaded = time.monotonic()
                ended, differences = until_equal(
                    wanted, [read_redis, reader.figures], lambda: job.running, limit_seconds
                )
                differences += _unexpected(wanted, reader)
                return Outcome(len(arrivals), ended - started, loaded - started, reader.records, differences, job.tail())
        finally:
            job.stop()


def _unexpected(wanted: Figures, reader: KpiTopicReader) -> list[str]:
    """Figures that are not zero at a place where nothing should be."""
    return [f"{place}: {found}" for place, found in reader.latest.items() if place not in wanted and any(found.values())]


def _measures(value: bytes | None) -> dict[str, int]:
    figures = {} if value is None else json.loads(value)
    rates = {name for name, _, _ in stock_faust.RATES}
    return {name: amount for name, amount in figures.items() if name not in rates}


def _parse(key: bytes, value: bytes | None) -> Parsed:
    scope, _, window = key.decode().partition("|")
    yield (scope, window), _measures(value)
