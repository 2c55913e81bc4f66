"""One measured run of a peer: another program that does the counting part of the same job on the same events.

A peer reads `<name>.crm.events`, `<name>.telephony.events` and, once, `<name>.org.changes`; it writes the measures of
each scope and window as JSON into the field of that window in the Redis hash `<name>:<scope>`, and to the topic
`<name>.kpis` under the key `<scope>|<window>`. It sets the Redis key `<name>:ready` once it waits for events.
"""

import json
from collections.abc import Callable
from typing import NamedTuple

import redis

from benchmarks.expected import Figures
from benchmarks.load import create_topics, send
from benchmarks.measure import Outcome, measure, rounds
from benchmarks.readback import KpiTopicReader, Parsed, Place
from benchmarks.scene import Scene
from benchmarks.servers import Servers
from tests.servers.process import ServerProcess

PARTITIONS = 4
SOURCES = ("crm.events", "telephony.events", "org.changes")
KPIS = "kpis"
RATES = (("connect_rate", "connected", "dials"), ("win_rate", "won", "closed"), ("average_deal", "won_minor", "won"))
"""What every peer publishes beside the measures: name, numerator and denominator."""


class Peer(NamedTuple):
    """A program by its `name`; `command` gives how it is started, `topics` are those it needs beside the sources."""

    name: str
    command: Callable[[Servers], list[str]]
    topics: tuple[str, ...] = ()


def counters(figures: Figures) -> Figures:
    """What is compared of a peer's work: minutes and local days of teams and reps."""
    return {place: measures for place, measures in figures.items() if place[0] != "company" and place[1] != "now"}


def run(
    peer: Peer, servers: Servers, given: Scene, figures: Callable[[Figures], Figures], limit_seconds: float
) -> Outcome:
    """Warm the waiting program up with the first events, and time it with the others until all figures are right.

    `figures` picks those that are compared.
    """
    create_topics(servers.brokers, (f"{peer.name}.{topic}" for topic in (*SOURCES, KPIS, *peer.topics)), PARTITIONS)
    send(servers.brokers, peer.name, given.organisation)
    job = ServerProcess(servers.on_job_core(peer.command(servers)), servers.directory / f"{peer.name}.log")
    with redis.Redis.from_url(servers.redis_url) as client:

        def read_redis(places: list[Place]) -> list[dict[str, int]]:
            pipeline = client.pipeline(transaction=False)
            for scope, window in places:
                pipeline.hget(f"{peer.name}:{scope}", window)
            return [_measures(value) for value in pipeline.execute()]

        try:
            job.start(lambda: client.get(f"{peer.name}:ready"), 120)
            with KpiTopicReader(servers.brokers, [f"{peer.name}.{KPIS}"], _parse) as reader:
                return measure(
                    [job],
                    rounds(servers.brokers, peer.name, given, figures),
                    read_redis=read_redis,
                    reader=reader,
                    limit_seconds=limit_seconds,
                )
        finally:
            job.stop()


def _measures(value: bytes | None) -> dict[str, int]:
    figures = {} if value is None else json.loads(value)
    rates = {name for name, _, _ in RATES}
    return {name: amount for name, amount in figures.items() if name not in rates}


def _parse(key: bytes, value: bytes | None) -> Parsed:
    scope, _, window = key.decode().partition("|")
    yield (scope, window), _measures(value)
