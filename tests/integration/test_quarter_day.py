"""A day of a small company over real Kafka: a worker opens the alerts that the stages open in one process."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import holidays
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from pipeline import clock
from pipeline.config.kafka_options import kafka_python_options, reader_options
from pipeline.config.settings import Settings, load_settings
from pipeline.kernel.proofs import Proofs
from pipeline.topics.check import create_topics
from pipeline.topics.table import SOURCES, full_name
from schemas import facts
from schemas.control import KIND_HEADER, TICK, control_kind
from tests.harness.proofs import CONTROL_KEYS, SECRET
from tests.harness.worker import WorkerProcess
from tests.quarter.clocks import DAY, HOUR, MINUTE, instant
from tests.quarter.company import PLACES
from tests.quarter.events import Told
from tests.quarter.quarter import Quarter
from tests.quarter.run import TICK_MS
from tests.quarter.small import SMALL
from tests.quarter.stages import Deployment
from tests.servers.faketime import stamped
from tests.servers.kafka import KafkaServer
from tests.servers.process import free_port, wait_until
from tests.servers.redis import RedisServer

pytestmark = [pytest.mark.slow, pytest.mark.kafka, pytest.mark.timeout(300)]
SEED, WEEKS = 3, 3
HOURS = range(10, 17)
"""Of the day in UTC."""
PATIENCE_SECONDS = 60.0
Minute = tuple[int, list[Told]]
"""When it is over, and what was appended within it."""


def first_monday(now_ms: int) -> date:
    """A Monday some days ahead, whose weeks have no public holiday: what workers append of their own lies before it."""
    free = [holidays.country_holidays(*str(place.holidays).partition("-")[::2]) for place in PLACES.values()
            if place.holidays]  # fmt: skip
    day = datetime.fromtimestamp(now_ms / 1000, UTC).date() + timedelta(days=3)
    while day.weekday() or any(day + timedelta(days=n) in each for each in free for n in range(7 * WEEKS)):
        day += timedelta(days=1)
    return day


class DayOfWork:
    """What is appended at the beginning, and minute by minute on the day on which most goes wrong."""

    def __init__(self, first: date) -> None:
        quarter = Quarter(SEED, SMALL, 1.0, WEEKS, first)
        events = [each for appended in quarter.events() for each in appended]
        (day, _), *_ = Counter(drop.day for drop in quarter.drops if not drop.source).most_common(1)
        self.begin_ms = instant("UTC", day, "00:00") + HOURS.start * HOUR
        self.end_ms = instant("UTC", day, "00:00") + HOURS.stop * HOUR
        self.start_ms = self.begin_ms - HOUR
        told = [*quarter.organisation(), *(each for each in events if each.topic == "org.changes")]
        self.organisation = [each._replace(at_ms=self.start_ms) for each in told if each.at_ms < self.begin_ms + DAY]
        self._events = [each for each in events if each.topic != "org.changes"]

    def minutes(self) -> Iterator[Minute]:
        """Nothing is told between the beginning of a minute and its tick: which batch it is in must not matter."""
        inside = [each for each in self._events if self.begin_ms <= each.at_ms < self.end_ms]
        for tick_ms in range(self.begin_ms + MINUTE + TICK_MS, self.end_ms, MINUTE):
            passed = [each for each in inside if tick_ms - MINUTE - TICK_MS <= each.at_ms < tick_ms - TICK_MS]
            yield tick_ms, [each._replace(at_ms=max(each.at_ms, tick_ms - MINUTE + 1)) for each in passed]


class Floor:
    """The source topics, one partition each, and what comes of them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._proofs = Proofs({"tests": SECRET.encode()}, settings.namespace)
        self._producer = KafkaProducer(**kafka_python_options(settings), acks="all", linger_ms=0)
        self._facts = self._reader("facts")
        self._told_ms: dict[str, int] = {}

    def close(self) -> None:
        """End all connections."""
        self._producer.close()
        self._facts.close()

    def append(self, events: Sequence[Told], tick_ms: int) -> None:
        """Events, and the time to every log; returns once the time has come out of the ledgers."""
        for each in events:
            self._send(each.topic, each.at_ms, each.key.encode(), each.value, [])
        for topic in SOURCES:
            headers = self._proofs.at(topic, 0).signed(b"", None, ((KIND_HEADER, TICK),))
            self._send(topic, tick_ms, None, b"", list(headers))
        self._producer.flush()
        wait_until(lambda: self._look() >= tick_ms, "the ledgers tell the time", PATIENCE_SECONDS, 0)

    def opened(self) -> set[tuple[str, int]]:
        """All openings on the topic of alerts, by id and instant."""
        reader = self._reader("alerts")
        end = next(iter(reader.end_offsets(reader.assignment()).values()))
        found = set()
        while reader.position(next(iter(reader.assignment()))) < end:
            for records in reader.poll(500).values():
                told = [json.loads(record.value) for record in records if record.value]
                found |= {(each["id"], each["opened_ms"]) for each in told}
        reader.close()
        return found

    def _look(self) -> int:
        """The time that both ledgers have told."""
        for records in self._facts.poll(20).values():
            for record in records:
                if control_kind(record.headers) is None:
                    given = facts.unpack(record.value)
                    self._told_ms[given.topic] = max(self._told_ms.get(given.topic, 0), given.now_ms)
        return min(self._told_ms.get(topic, 0) for topic in SOURCES if topic != "org.changes")

    def _send(self, topic: str, at_ms: int, key: bytes | None, value: bytes, headers: list[tuple[str, bytes]]) -> None:
        self._producer.send(full_name(self._settings.namespace, topic), value, key, headers, 0, at_ms)

    def _reader(self, topic: str) -> KafkaConsumer:
        consumer = KafkaConsumer(**reader_options(self._settings))
        consumer.assign([TopicPartition(full_name(self._settings.namespace, topic), 0)])
        consumer.seek_to_beginning()
        return consumer


def in_one_process(day: DayOfWork) -> set[tuple[str, int]]:
    """What the stages open when each minute is folded at once."""
    deployment = Deployment(1)
    for tick_ms, events in ((day.start_ms, day.organisation), *day.minutes()):
        deployment.append(events)
        deployment.tick(tick_ms)
        deployment.run(tick_ms)
    return {(each.id, each.opened_ms) for each in deployment.opened()}


def test_a_worker_opens_what_the_stages_open(
    kafka: KafkaServer, redis_server: RedisServer, namespace: str, tmp_path: Path
) -> None:
    """Of each alert of the day the id and the instant are equal, and there are some."""
    given = {
        "NAMESPACE": namespace, "BROKERS": kafka.bootstrap, "REDIS_URL": redis_server.url, "PARTITIONS": "1",
        "CONTROL_KEYS": CONTROL_KEYS, "APPEND_JUMP_HOURS": "87600",
    }  # fmt: skip
    env = {f"SALESPULSE_{name}": value for name, value in given.items()}
    settings = load_settings(env)
    create_topics(settings)
    day = DayOfWork(first_monday(clock.now_ms()))
    with WorkerProcess(env, tmp_path / "worker.log", free_port()) as worker:
        worker.until_ready()
        stamped(kafka.bootstrap, [full_name(namespace, topic) for topic in SOURCES], "CreateTime")
        floor = Floor(settings)
        floor.append(day.organisation, day.start_ms)
        for tick_ms, events in day.minutes():
            floor.append(events, tick_ms)
        expected = in_one_process(day)
        wait_until(lambda: floor.opened() == expected, f"the worker opens {expected}", PATIENCE_SECONDS)
        floor.close()

    assert len(expected) > 1
