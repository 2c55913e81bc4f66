"""What producers do to a real Kafka: transactions that are aborted or stay open, tombstones; audited."""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from kafka import KafkaProducer
from redis import Redis

from pipeline import clock
from pipeline.audit.audit import Audit
from pipeline.config.kafka_options import kafka_python_options
from pipeline.config.settings import Settings, load_settings
from pipeline.sending.event import Outgoing
from pipeline.topics.check import create_topics
from pipeline.topics.lag import Lag
from pipeline.topics.table import full_name
from tests.harness.audited import PATIENCE
from tests.harness.content_modes import Content, batch, binary, structured
from tests.harness.figures import in_redis
from tests.harness.proofs import CONTROL_KEYS
from tests.harness.worker import WorkerProcess
from tests.servers.process import free_port, wait_until
from tests.unit.ledger.world import event

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]
SECONDS = 60
ORGANISATION = (
    event("company", "company", 1000, time_zone="UTC"),
    event("team", "north", 1000, time_zone="UTC"),
    event("membership", "m1", 1000, rep_id="rep-01", team_id="north"),
)


@pytest.fixture
def env(kafka_settings: Settings) -> dict[str, str]:
    """The environment of a worker, whose topics are there."""
    create_topics(kafka_settings)
    given = {
        "NAMESPACE": kafka_settings.namespace,
        "BROKERS": kafka_settings.brokers,
        "CONTROL_KEYS": CONTROL_KEYS,
        "PARTITIONS": str(kafka_settings.partitions),
        "REDIS_URL": kafka_settings.redis_url.get_secret_value(),
        "SLOW_PUBLISH_INTERVAL_MS": "200",
    }
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SALESPULSE_")}
    return plain | {f"SALESPULSE_{name}": value for name, value in given.items()}


class Source:
    """A producer of calls, by itself or in transactions."""

    def __init__(self, settings: Settings, name: str, *, transactional: bool = False) -> None:
        self._topic = full_name(settings.namespace, "telephony.events")
        self._name = name
        self._calls = 0
        more = {"transactional_id": f"{settings.namespace}-{name}"} if transactional else {}
        self.producer = KafkaProducer(**kafka_python_options(settings), **more)
        if transactional:
            self.producer.init_transactions()

    def call(self) -> str:
        """Another call of the rep, a minute ago; its id."""
        self._calls += 1
        began_ms = clock.now_ms() - 60_000
        data = {"rep_id": "rep-01", "direction": "outbound", "state": "ended", "started_at": began_ms}
        self._send(f"call:{self._name}-{self._calls}", "changed", data)
        return f"call:{self._name}-{self._calls}"

    def delete(self, key: str) -> None:
        """Delete a call, and send the tombstone after it, as a connector does."""
        self._send(key, "deleted", {})
        self.producer.send(self._topic, key=key.encode(), value=None)

    def _send(self, key: str, verb: str, data: dict[str, Any]) -> None:
        said = event("call", key.partition(":")[2], clock.now_ms(), verb=verb, **data)
        self.producer.send(self._topic, key=key.encode(), value=json.dumps(said).encode())


def organise(settings: Settings) -> None:
    """A team with a rep."""
    producer = KafkaProducer(**kafka_python_options(settings))
    for said in ORGANISATION:
        sent = Outgoing(said)
        producer.send(full_name(settings.namespace, sent.topic), key=sent.key, value=sent.value)
    producer.flush()
    producer.close()


@pytest.fixture
def worker(env: dict[str, str], kafka_settings: Settings, tmp_path: Path) -> Iterator[WorkerProcess]:
    """A worker that is ready, with an organisation."""
    organise(kafka_settings)
    with WorkerProcess(env, tmp_path / "worker.log", free_port()) as started:
        started.until_ready()
        yield started


def calls(settings: Settings) -> Any:
    """How many calls the company had, by Redis."""
    with Redis.from_url(settings.redis_url.get_secret_value()) as redis:
        found = in_redis(redis, settings.namespace, "company").get(("company", "1h"), {})
    return found.get("calls", {}).get("value", 0)


def until_calls(settings: Settings, count: int) -> None:
    """Wait for the figure."""
    wait_until(lambda: calls(settings) == count, f"{count} calls", SECONDS, 0.5)


def audited(env: dict[str, str]) -> Sequence[object]:
    """The differences that an audit finds."""
    report = Audit(load_settings(env)).run(PATIENCE)
    assert report.numbers["redis"] > 10
    return report.differences


def test_what_is_aborted_never_counts(worker: WorkerProcess, env: dict[str, str], kafka_settings: Settings) -> None:
    """Two producers abort at random, one does without: figures, lag and audit are right, and the log says nothing."""
    random = Random(20)
    sources = [Source(kafka_settings, name, transactional=name != "plain") for name in ("one", "two", "plain")]
    kept = 0
    for _ in range(60):
        source = random.choice(sources)
        count = random.randrange(1, 5)
        if source is sources[-1]:
            kept += sum(bool(source.call()) for _ in range(count))
            continue
        source.producer.begin_transaction()
        for _ in range(count):
            source.call()
        if random.random() < 0.5:
            source.producer.flush()
            source.producer.abort_transaction()
        else:
            source.producer.commit_transaction()
            kept += count
    sources[-1].producer.flush()
    until_calls(kafka_settings, kept)
    with Lag(kafka_settings) as lag:
        wait_until(lambda: lag.events() == 0, "nothing behind", SECONDS)
    worker.kill()
    worker.start()
    worker.until_ready()

    assert audited(env) == []
    assert calls(kafka_settings) == kept
    assert "gap in fetched" not in worker.log.read_text()
    for source in sources:
        source.producer.close()


def test_an_open_transaction_holds_back_what_comes_after_it(
    worker: WorkerProcess, env: dict[str, str], kafka_settings: Settings
) -> None:
    """As long as it is open; then what it told counts, or does not, and the rest does."""
    opened, plain = Source(kafka_settings, "open", transactional=True), Source(kafka_settings, "plain")
    plain.call()
    plain.producer.flush()
    until_calls(kafka_settings, 1)
    opened.producer.begin_transaction()
    for _ in range(8):
        opened.call()
    opened.producer.flush()
    for _ in range(8):
        plain.call()
    plain.producer.flush()
    before = calls(kafka_settings)
    opened.producer.abort_transaction()
    until_calls(kafka_settings, 9)

    assert before < 9
    assert audited(env) == []
    assert "WARNING" not in worker.log.read_text().upper().replace("WARNINGS", "")
    for source in (opened, plain):
        source.producer.close()


def test_deletions_with_tombstones_end_nobody(
    worker: WorkerProcess, env: dict[str, str], kafka_settings: Settings
) -> None:
    """A purge of 700 calls, each deletion with its tombstone: no dead letter, and the figures follow."""
    source = Source(kafka_settings, "purged")
    gone = [source.call() for _ in range(700)]
    for _ in range(3):
        source.call()
    source.producer.flush()
    until_calls(kafka_settings, 703)
    for key in gone:
        source.delete(key)
    source.producer.flush()
    until_calls(kafka_settings, 3)
    scraped = worker.scrape()
    source.producer.close()

    assert worker.ended is None
    assert f'salespulse_tombstones_total{{namespace="{kafka_settings.namespace}"}} 700.0' in scraped
    assert not [line for line in scraped.splitlines() if line.startswith("salespulse_dead_letters_total{")]
    assert audited(env) == []


CODECS = (None, "gzip", "snappy", "lz4", "zstd")
KEYS = (None, b"", b'{"id": 7}', b"\xff\x00", b"somebody else's")
ODD_IDS = ("5f2c1a9e7b@198.51.100.7", "{11111111-AAAA}", "Łukasz Żak", "a b", "A" * 140 + "==", "urn:call:1", "%40")


def in_modes(events: list[dict[str, Any]], bad: dict[str, Any], random: Random) -> Iterator[Content]:
    """Records of all these events, in modes at random; each batch has a bad event at its end."""
    while events:
        together = [events.pop() for _ in range(min(len(events), random.choice((1, 1, 3))))]
        yield batch([*together, bad]) if len(together) > 1 else random.choice((structured, binary))(together[0])


def test_whatever_mode_codec_and_key_events_come_with(
    worker: WorkerProcess, env: dict[str, str], kafka_settings: Settings
) -> None:
    """Each call counts once, in every mode and under ids of every kind; what is wrong in a batch is a letter."""
    random, topic = Random(11), full_name(kafka_settings.namespace, "telephony.events")
    at_ms = clock.now_ms() - 60_000
    call: dict[str, Any] = {"rep_id": "rep-01", "direction": "outbound", "state": "ended", "started_at": at_ms}
    names = [*ODD_IDS, *(f"c{number}" for number in range(60))]
    events = [event("call", name, at_ms, **call) | {"source": "https://dialer.example.test/eu"} for name in names]
    events += [event("call", name, at_ms + 1, verb="deleted") for name in names[::6]]
    random.shuffle(events)
    records = list(in_modes(events, event("call", "bad", at_ms, rep_id=7), random))
    for codec in CODECS:
        producer = KafkaProducer(**kafka_python_options(kafka_settings) | {"compression_type": codec})
        for value, headers in records[CODECS.index(codec) :: len(CODECS)]:
            for _ in range(random.choice((1, 2))):
                partition = random.randrange(kafka_settings.partitions)
                key = random.choice(KEYS if value is not None else KEYS[1:])  # this producer sends no record of nothing
                producer.send(topic, value, key, list(headers), partition)
        producer.close()
    until_calls(kafka_settings, len(names) - len(names[::6]))
    worker.kill()
    worker.start()
    worker.until_ready()

    assert audited(env) == []
    assert calls(kafka_settings) == len(names) - len(names[::6])
    refused = [line for line in worker.scrape().splitlines() if line.startswith("salespulse_dead_letters_total{")]
    assert all('reason="invalid_event"' in line for line in refused)
