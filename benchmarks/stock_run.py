"""One measured run of the stock Faust program."""

import json
import sys

import redis

from benchmarks import stock_faust
from benchmarks.events import Arrival
from benchmarks.expected import expected
from benchmarks.load import create_topics, send
from benchmarks.measure import Outcome, measure, sending
from benchmarks.readback import KpiTopicReader, Parsed, Place
from benchmarks.servers import Servers, pin
from tests.servers.process import ServerProcess

PARTITIONS = 4


def run(servers: Servers, organisation: list[Arrival], arrivals: list[Arrival], limit_seconds: float) -> Outcome:
    """Load the events into the waiting program and time it until all its figures are published and right.

    It knows no larger scope than a team, and not what is open; minutes and local days of teams and reps are compared.
    """
    all_figures = expected(organisation, arrivals)
    wanted = {place: all_figures[place] for place in all_figures if place[0] != "company" and place[1] != "now"}
    topics = (*stock_faust.SOURCES, stock_faust.CHANGES, stock_faust.KPIS, stock_faust.DEAD_LETTERS)
    create_topics(servers.brokers, map(stock_faust.topic_name, topics), PARTITIONS)
    send(servers.brokers, stock_faust.PREFIX, organisation)
    command = [sys.executable, "-m", "benchmarks.stock_faust"]
    command += ["--brokers", servers.brokers, "--redis", servers.redis_url, "--partitions", str(PARTITIONS)]
    job = ServerProcess(command, servers.directory / "stock.log")
    with redis.Redis.from_url(servers.redis_url) as client:

        def ready() -> object:
            pin(job, servers.job_core)
            return client.get(stock_faust.READY_KEY)

        def read_redis(places: list[Place]) -> list[dict[str, int]]:
            pipeline = client.pipeline(transaction=False)
            for scope, window in places:
                pipeline.hget(f"{stock_faust.PREFIX}:{scope}", window)
            return [_measures(value) for value in pipeline.execute()]

        try:
            job.start(ready)
            load = sending(servers.brokers, stock_faust.PREFIX, arrivals)
            with KpiTopicReader(servers.brokers, [stock_faust.topic_name(stock_faust.KPIS)], _parse) as reader:
                return measure(
                    job,
                    load=load,
                    events=len(arrivals),
                    wanted=wanted,
                    read_redis=read_redis,
                    reader=reader,
                    limit_seconds=limit_seconds,
                )
        finally:
            job.stop()


def _measures(value: bytes | None) -> dict[str, int]:
    figures = {} if value is None else json.loads(value)
    rates = {name for name, _, _ in stock_faust.RATES}
    return {name: amount for name, amount in figures.items() if name not in rates}


def _parse(key: bytes, value: bytes | None) -> Parsed:
    scope, _, window = key.decode().partition("|")
    yield (scope, window), _measures(value)
