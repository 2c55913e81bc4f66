"""A deployment at rest under an audit: what it shows stays as it is, and may be tampered with."""

import json
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from redis import Redis

from pipeline.audit.audit import Audit
from pipeline.audit.logs import Logs
from pipeline.audit.quiescence import Quiescence
from pipeline.audit.report import Report
from pipeline.config.kafka_options import kafka_python_options
from pipeline.config.settings import Settings
from pipeline.scores.home import home_of
from pipeline.sinks.redis_keys import Keys
from pipeline.topics.log_bounds import end_offsets
from pipeline.topics.table import full_name

PATIENCE = Quiescence(60)


@dataclass
class Deployment:
    """A deployment that came to rest, whose worker has ended: what it shows stays as it is, unless it is tampered with.

    `scrape` is the address of its last scrape, `report` what an audit found before the worker ended.
    """

    settings: Settings
    env: dict[str, str]
    redis: "Redis"
    scrape: str
    report: Report

    def at_rest(self, within_seconds: float) -> bool:
        """Whether an audit would find it at rest in time."""
        return rests(self.settings, within_seconds)

    def key(self, scope: str) -> str:
        """The key in Redis of a scope of a team."""
        return Keys(self.settings.namespace).kpi(home_of(scope), scope)

    def field(self, scope: str, field: str) -> dict[str, Any]:
        """A family of a window in Redis."""
        held: Any = self.redis.hget(self.key(scope), field)
        found: dict[str, Any] = json.loads(held)
        return found

    def put(self, scope: str, field: str, value: Any) -> None:
        """Replace a family of a window in Redis."""
        self.redis.hset(self.key(scope), field, json.dumps(value))

    def window(self, scope: str, kind: str) -> str:
        """The current window of a kind."""
        held: Any = self.redis.hget(self.key(scope), "_current")
        found: dict[str, str] = json.loads(held)
        return found[kind]

    def kpi_records(self, stage: str) -> dict[bytes, tuple[int, Any]]:
        """The last record of each key of a KPI topic, with its partition."""
        consumer = KafkaConsumer(enable_auto_commit=False, **kafka_python_options(self.settings))
        topic = full_name(self.settings.namespace, f"kpis.{stage}")
        places = [TopicPartition(topic, n) for n in range(self.settings.partitions)]
        consumer.assign(places)
        ends = end_offsets(consumer, places)
        consumer.seek_to_beginning(*places)
        found = {}
        while any(consumer.position(place) < ends[place] for place in places):
            for records in consumer.poll(timeout_ms=500).values():
                for record in records:
                    found[record.key] = (record.partition, record.value and json.loads(record.value))
        consumer.close()
        return found

    def produce(self, topic: str, partition: int, key: bytes, value: bytes | None) -> None:
        """Append a record as somebody who should not."""
        producer = KafkaProducer(**kafka_python_options(self.settings))
        producer.send(full_name(self.settings.namespace, topic), value, key, partition=partition).get(timeout=20)
        producer.close()


def rests(settings: Settings, limit_seconds: float = 60) -> bool:
    """Wait until a deployment is at rest as an audit sees it; whether it came to that in time."""
    with Logs(settings) as logs:
        return Quiescence(limit_seconds)(Audit(settings), logs) is not None
