"""What the deployment knows of its organisation, as its log has it: what an import is compared with."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from pipeline.config.kafka_options import kafka_python_options, require_listener
from pipeline.config.settings import PREFIX, Settings, SetupError
from pipeline.organisation.processes import DEFAULT_PROCESS, OPEN
from pipeline.topics.table import full_name

TOPIC = "org.changes"
POLL_MS = 500


@dataclass
class Declared:
    """Names that somebody declared."""

    teams: set[str] = field(default_factory=set)
    reps: set[str] = field(default_factory=set)
    stages: set[tuple[str, str]] = field(default_factory=set)
    """(process, stage)."""
    closing: set[str] = field(default_factory=set)
    """Stages that end a deal."""

    def take(self, event: Mapping[str, Any]) -> None:
        """Take in a record of the organisation, from wherever it comes; what is none says nothing."""
        data, subject = event.get("data"), str(event.get("subject", ""))
        kind, _, name = subject.partition(":")
        if not str(event.get("type", "")).endswith(".changed") or not isinstance(data, dict):
            return
        if kind == "team":
            self.teams.add(name)
        elif kind == "rep":
            self.reps.add(name)
        elif kind == "membership":
            self.reps.add(str(data.get("rep_id")))
        elif kind == "process":
            self._take_process(name, data.get("stages"))

    def _take_process(self, name: str, stages: Any) -> None:
        for stage in stages if isinstance(stages, list) else ():
            named = [stage.get("id"), *(stage.get("former_ids") or ())]
            self.stages.update((name or DEFAULT_PROCESS, str(each)) for each in named)
            if stage.get("kind", OPEN) != OPEN:
                self.closing.update(map(str, named))


def declared_in(settings: Settings) -> Declared:
    """Read the organisation's topic to its end; SetupError where no broker answers or the topic is not there."""
    require_listener(settings)
    topic = full_name(settings.namespace, TOPIC)
    try:
        consumer = KafkaConsumer(**kafka_python_options(settings), enable_auto_commit=False)
    except KafkaError as error:
        reason = type(error).__name__
        raise SetupError(f"{PREFIX}BROKERS: no Kafka broker responds at {settings.brokers} ({reason})") from None
    try:
        found = Declared()
        for value in _values(consumer, topic):
            try:
                event = json.loads(value)
            except ValueError:
                continue
            if isinstance(event, dict):
                found.take(event)
        return found
    except KafkaError as error:
        raise SetupError(
            f"{PREFIX}BROKERS: Kafka at {settings.brokers} refuses to let {topic} be read ({type(error).__name__}); "
            "docs/security.md lists the rights of import"
        ) from None
    finally:
        consumer.close()


def _values(consumer: KafkaConsumer, topic: str) -> Iterable[bytes]:
    partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
    if not partitions:
        return
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    ends = consumer.end_offsets(partitions)
    while any(consumer.position(each) < ends[each] for each in partitions):
        for records in consumer.poll(timeout_ms=POLL_MS).values():
            yield from (record.value for record in records if record.value)
