"""The audit beside a worker: it agrees with everything that is shown, and finds whatever was tampered with."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from redis import Redis

from pipeline import clock
from pipeline.audit.audit import Audit
from pipeline.audit.logs import Logs
from pipeline.audit.quiescence import Quiescence
from pipeline.audit.records import DOMAINS
from pipeline.audit.report import Report
from pipeline.config.kafka_options import kafka_python_options
from pipeline.config.settings import Settings, load_settings
from pipeline.embedded.broker import API_VERSION, embedded_broker
from pipeline.sinks.redis_keys import Keys
from pipeline.topics.table import full_name
from tests.harness.busy_floor import Appended
from tests.harness.eventful_floor import append, happenings
from tests.harness.worker import WorkerProcess
from tests.servers.process import free_port
from tests.servers.redis import RedisServer
from tests.unit.ledger.world import DAY, event

SEED, EVENTS = 7, 400
PATIENCE = Quiescence(60)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
Found = set[tuple[str, str, str, str]]


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

    def audit(self) -> Report:
        """An audit of everything."""
        return Audit(self.settings, [self.scrape]).run(PATIENCE)

    def at_rest(self) -> bool:
        """Whether an audit would find it at rest, within a moment."""
        return rests(self.settings, 1)

    def key(self, scope: str) -> str:
        """The key in Redis of a scope of a team."""
        home = f"team:{scope.partition('@')[2]}" if "@" in scope else scope
        return Keys(self.settings.namespace).kpi(home, scope)

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
        ends = consumer.end_offsets(places)
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


@pytest.fixture(scope="module")
def at_rest(tmp_path_factory: pytest.TempPathFactory, redis_server: RedisServer) -> Iterator[Deployment]:
    """A worker has taken in the eventful floor; it was audited, scraped, and has ended."""
    folder = tmp_path_factory.mktemp("audit")
    with ExitStack() as stack:
        given = {
            "EMBEDDED": "true", "NAMESPACE": "audited", "BROKERS": stack.enter_context(embedded_broker()),
            "KAFKA_API_VERSION": API_VERSION, "REDIS_URL": redis_server.url, "PROMETHEUS_REPS": "true",
        }  # fmt: skip
        env = {f"SALESPULSE_{name}": value for name, value in given.items()}
        settings = load_settings(env)
        append(settings, happenings(clock.now_ms(), SEED, EVENTS), astray=Random(SEED))
        scrape = folder / "scrape.txt"
        with WorkerProcess(env, folder / "worker.log", free_port()) as worker:
            worker.until_ready()
            report = Audit(settings, [f"http://127.0.0.1:{worker.health_port}/metrics"]).run(PATIENCE)
            scrape.write_text(worker.scrape())
        redis = stack.enter_context(Redis.from_url(redis_server.url, decode_responses=True))
        yield Deployment(settings, env, redis, scrape.as_uri(), report)


def found(report: Report) -> Found:
    """What differs, without the values."""
    return {(each.where.partition(":")[0], each.scope, each.window, each.kpi) for each in report.differences}


def test_everything_shown_is_what_the_logs_say(at_rest: Deployment) -> None:
    """Whatever happened: no number differs in Redis, on the KPI topics or in the scrape, and there are many."""
    report = at_rest.report

    assert report.differences == []
    assert report.quiet
    assert report.notes == []
    assert report.numbers["redis"] > 50_000
    assert report.numbers["kpi topics"] == report.numbers["redis"]
    assert report.numbers["ranks in redis"] > 100
    figures = {"redis", "kpi topics", "copies and links"}
    assert min(report.numbers[name] for name in figures) > 1000


def test_what_redis_has_yet_to_get_is_waited_for(at_rest: Deployment) -> None:
    """Where Redis is behind the topics, or has nothing of a partition, the deployment is not at rest."""
    keys = [Keys(at_rest.settings.namespace).cut("scoreboard", n) for n in range(at_rest.settings.partitions)]
    held = {key: text for key in keys if (text := at_rest.redis.get(key)) is not None}
    whole = at_rest.at_rest()
    at_rest.redis.mset({key: json.dumps({**json.loads(text), "offset": 0}) for key, text in held.items()})
    behind = at_rest.at_rest()
    at_rest.redis.delete(*held)
    empty = at_rest.at_rest()
    at_rest.redis.mset(held)

    assert held
    assert (whole, behind, empty) == (True, False, False)


def test_a_tampered_scrape_is_found(at_rest: Deployment, tmp_path: Path) -> None:
    """A sample with another value, and one that is missing."""
    lines = Path(at_rest.scrape.removeprefix("file://")).read_text().splitlines()
    changed = next(n for n, line in enumerate(lines) if line.startswith("salespulse_kpi_calls{") and '"year"' in line)
    gone = next(
        n for n, line in enumerate(lines) if line.startswith("salespulse_kpi_won{") and not line.endswith(" 0.0")
    )
    lines[changed] += "1"
    del lines[gone]
    tampered = tmp_path / "scrape.txt"
    tampered.write_text("\n".join(lines) + "\n")

    report = Audit(at_rest.settings, [tampered.as_uri()]).run(PATIENCE)

    assert {(where, kpi) for where, _, _, kpi in found(report)} == {("file", "calls"), ("file", "won")}
    assert len(report.differences) == 2


def test_an_event_that_the_pipeline_passed_over_is_found(at_rest: Deployment) -> None:
    """A call in the log, said to be worked off and yet in no state: its team, its rep and everything above lack it."""
    now_ms = clock.now_ms()
    # On a day that is over in every zone: where today is tomorrow already, larger scopes do not count it yet.
    given = event("call", "passed-over", now_ms, rep_id="r4", direction="outbound", started_at=now_ms - 2 * DAY)
    append(at_rest.settings, [Appended("telephony.events", b"call:passed-over", json.dumps(given).encode(), now_ms)])

    report = Audit(at_rest.settings).run(lambda _audit, logs: logs.ends(DOMAINS))

    assert report.quiet
    scopes = {each.scope for each in report.differences if each.kpi == "calls" and each.where == "redis"}
    assert scopes == {"team:west", "rep:r4@west", "rep:r4", "company"}
