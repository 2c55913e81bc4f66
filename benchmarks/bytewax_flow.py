"""The insert-only job in Bytewax: calls per minute of event time, by rep and by team, changed ones out each second.

Run by `bytewax.run` in an environment of its own, with the name of the run, the brokers and the Redis URL; so it
imports nothing of ours.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import bytewax.operators as op
import orjson
import redis
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow
from bytewax.operators import StatefulBatchLogic
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from confluent_kafka import OFFSET_BEGINNING, Consumer

ID = re.compile(r"[A-Za-z0-9_.:@-]{1,128}")
OUTCOMES = {"answered", "no_answer", "voicemail", "busy", "abandoned", "failed"}
EVERY = timedelta(seconds=1)


class Count(StatefulBatchLogic[int, int, int]):  # type: ignore[misc]
    """The calls of one scope and minute, told at most once a second."""

    def __init__(self, calls: int) -> None:
        self.calls = calls
        self.due: datetime | None = None

    def on_batch(self, values: list[int]) -> tuple[list[int], bool]:
        self.calls += len(values)
        self.due = self.due or datetime.now(UTC) + EVERY
        return [], StatefulBatchLogic.RETAIN

    def on_notify(self) -> tuple[list[int], bool]:
        self.due = None
        return [self.calls], StatefulBatchLogic.RETAIN

    def notify_at(self) -> datetime | None:
        return self.due

    def snapshot(self) -> int:
        return self.calls


class RedisPartition(StatelessSinkPartition[tuple[str, int]]):  # type: ignore[misc]
    """Writes a batch in one call."""

    def __init__(self, name: str, url: str) -> None:
        self._name = name
        self._client = redis.Redis.from_url(url)

    def write_batch(self, items: list[tuple[str, int]]) -> None:
        pipeline = self._client.pipeline(transaction=False)
        for place, calls in items:
            scope, _, window = place.partition("|")
            pipeline.hset(f"{self._name}:{scope}", window, orjson.dumps({"calls": calls}))
        pipeline.execute()


class RedisSink(DynamicSink[tuple[str, int]]):  # type: ignore[misc]
    """One connection a worker; the first one says that the flow is up."""

    def __init__(self, name: str, url: str) -> None:
        self._name = name
        self._url = url

    def build(self, step_id: str, worker_index: int, worker_count: int) -> RedisPartition:  # noqa: ARG002
        redis.Redis.from_url(self._url).set(f"{self._name}:ready", 1)
        return RedisPartition(self._name, self._url)


def flow(name: str, brokers: str, redis_url: str) -> Dataflow:
    """From the telephony events to Redis and the KPI topic."""
    team_of = _teams(name, brokers)

    def places(message: KafkaSourceMessage[Any, Any]) -> Iterator[tuple[str, int]]:
        event = orjson.loads(message.value)
        data = event["data"]
        if not _valid(event, data):
            return
        minute = int(datetime.fromisoformat(data["started_at"]).timestamp()) // 60
        team = team_of.get(data["rep_id"], "unassigned")
        yield f"rep:{data['rep_id']}@{team}|minute:{minute}", 1
        yield f"team:{team}|minute:{minute}", 1

    graph = Dataflow("minutes")
    source: Any = KafkaSource(
        [brokers], [f"{name}.telephony.events"], starting_offset=OFFSET_BEGINNING, batch_size=1000
    )
    calls = op.flat_map("read", op.input("events", graph, source), places)
    counts = op.stateful_batch("count", calls, lambda state: Count(state or 0))
    op.output("redis", counts, RedisSink(name, redis_url))
    records = op.map(
        "record", counts, lambda item: KafkaSinkMessage(item[0].encode(), orjson.dumps({"calls": item[1]}))
    )
    op.output("topic", records, KafkaSink([brokers], f"{name}.kpis"))
    return graph


def _valid(event: dict[str, Any], data: dict[str, Any]) -> bool:
    return (
        bool(ID.fullmatch(event["id"]) and ID.fullmatch(event["subject"]) and ID.fullmatch(data["rep_id"]))
        and data["outcome"] in OUTCOMES
        and data["direction"] in ("inbound", "outbound")
        and isinstance(data["talk_seconds"], int)
        and data["talk_seconds"] >= 0
    )


def _teams(name: str, brokers: str) -> dict[str, str]:
    """The team of each rep, read once from the topic of the organisation."""
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": f"{name}-organisation",
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
        }
    )
    topic = f"{name}.org.changes"
    left = len(consumer.list_topics(topic, timeout=10).topics[topic].partitions)
    consumer.subscribe([topic])
    found = {}
    while left:
        message = consumer.poll(1)
        if message is None:
            continue
        if message.error():
            left -= 1  # the end of one partition
            continue
        event = orjson.loads(message.value() or b"{}")
        if event["type"] == "org.membership.changed":
            found[event["data"]["rep_id"]] = event["data"]["team_id"]
    consumer.close()
    return found
