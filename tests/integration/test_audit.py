"""The audit beside a worker: it agrees with everything that is shown, and finds whatever was tampered with."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from redis import Redis
from typer.testing import CliRunner

from pipeline import clock
from pipeline.audit.audit import Audit
from pipeline.audit.quiescence import Quiescence
from pipeline.audit.records import DOMAINS
from pipeline.audit.report import Report
from pipeline.cli import app
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


def test_whatever_is_tampered_with_in_redis_is_found(at_rest: Deployment) -> None:
    """A wrong number, state, version or time, what is missing, what should be gone, what is no figure; no more."""
    day, week, month, year = (at_rest.window("team:north", kind) for kind in ("day", "week", "month", "year"))
    scopes = ("team:north", "team:south", "company")
    before: dict[str, Any] = {scope: at_rest.redis.hgetall(at_rest.key(scope)) for scope in scopes}
    number = at_rest.field("team:north", f"{year}:calls")
    number["kpis"]["calls"]["value"] += 1
    at_rest.put("team:north", f"{year}:calls", number)
    at_rest.put("team:north", f"{month}:calls", {**at_rest.field("team:north", f"{month}:calls"), "state": "final"})
    version = at_rest.field("team:north", f"{week}:calls")
    at_rest.put("team:north", f"{week}:calls", {**version, "version": [version["version"][0], 10**9]})
    told = at_rest.field("team:south", f"{month.replace(month, at_rest.window('team:south', 'month'))}:deals")
    at_rest.put("team:south", f"{at_rest.window('team:south', 'month')}:deals", {**told, "as_of": told["as_of"] + 1})
    at_rest.redis.hdel(at_rest.key("company"), "now:pipeline")
    at_rest.put(
        "team:south",
        "day:1999-01-01:calls",
        at_rest.field("team:south", f"{at_rest.window('team:south', 'day')}:calls"),
    )
    at_rest.redis.hset(at_rest.key("team:north"), f"{day}:deals", "{")
    ghost = Keys(at_rest.settings.namespace).kpi("team:north", "rep:ghost@north")
    at_rest.redis.hset(ghost, f"{year}:calls", json.dumps(number))

    report = at_rest.audit()
    at_rest.redis.delete(ghost)
    for scope, fields in before.items():
        at_rest.redis.delete(at_rest.key(scope))
        at_rest.redis.hset(at_rest.key(scope), mapping=fields)

    differences = found(report)
    assert {
        ("redis", "team:north", year, "calls"),
        ("redis", "team:north", month, "state"),
        ("redis", "team:north", week, "version"),
        ("redis", "team:south", at_rest.window("team:south", "month"), "as of"),
        ("redis", "company", "now", "open_deals"),
        ("redis", "team:south", "day:1999-01-01", "window"),
        ("redis", "team:north", f"{day}:deals", "record"),
        ("redis", "rep:ghost@north", year, "calls"),
    } <= differences
    assert {(where, scope) for where, scope, _, _ in differences} == {
        ("redis", "team:north"), ("redis", "team:south"), ("redis", "company"), ("redis", "rep:ghost@north")
    }  # fmt: skip
    assert found(at_rest.audit()) == set()


def test_a_rank_that_was_tampered_with_is_found(at_rest: Deployment) -> None:
    """A wrong place, one that is missing, and somebody who does not belong there; no more."""
    keys, redis = Keys(at_rest.settings.namespace), at_rest.redis
    boards = {kind: keys.rank("team:north", "calls", kind) for kind in ("year", "month", "90d")}
    before: dict[str, Any] = {
        key: dict(cast("Any", redis).zrange(key, 0, -1, withscores=True)) for key in boards.values()
    }
    (first, *_), (last, *_) = before[boards["year"]], before[boards["month"]]
    redis.zincrby(boards["year"], 1, first)
    redis.zrem(boards["month"], last)
    redis.zadd(boards["90d"], {"ghost": 7})

    report = at_rest.audit()
    for key, ranks in before.items():
        redis.delete(key)
        redis.zadd(key, ranks)

    assert {(each.scope, each.window, each.kpi, each.path) for each in report.differences} == {
        (f"rep:{first}@north", at_rest.window("team:north", "year"), "calls", "rank"),
        (f"rep:{last}@north", at_rest.window("team:north", "month"), "calls", "rank"),
        ("rep:ghost@north", "90d", "calls", "rank"),
    }
    assert found(at_rest.audit()) == set()


def test_what_redis_has_yet_to_get_is_waited_for(at_rest: Deployment) -> None:
    """Where Redis is behind the topics, or has nothing of a partition, the deployment is not at rest."""
    keys = [Keys(at_rest.settings.namespace).cut("scoreboard", n) for n in range(at_rest.settings.partitions)]
    held = {key: text for key in keys if (text := at_rest.redis.get(key)) is not None}
    at_rest.redis.mset({key: json.dumps({**json.loads(text), "offset": 0}) for key, text in held.items()})
    behind = Audit(at_rest.settings).run(Quiescence(0.5))
    at_rest.redis.delete(*held)
    empty = Audit(at_rest.settings).run(Quiescence(0.5))
    at_rest.redis.mset(held)

    assert held
    assert not behind.quiet
    assert not empty.quiet
    assert at_rest.audit().quiet


def test_whatever_is_tampered_with_on_the_topics_is_found(at_rest: Deployment) -> None:
    """A KPI record that was altered, one taken out and one too many are found, and no other."""
    records = at_rest.kpi_records("scoreboard")
    year = at_rest.window("team:north", "year")
    altered, taken, added = f"team:north|{year}".encode(), f"team:south|{year}".encode(), b"team:north|day:1999-01-01"
    changes = []
    partition, value = records[altered]
    changed = json.loads(json.dumps(value))
    changed["kpis"]["calls"]["value"] += 1
    changed["window"]["end_ms"] += 1
    changes.append((partition, altered, changed))
    changes.append((partition, added, {**value, "window": {**value["window"], "id": "day:1999-01-01", "kind": "day"}}))
    changes.append((records[taken][0], taken, None))
    for place, key, held in changes:
        at_rest.produce("kpis.scoreboard", place, key, None if held is None else json.dumps(held).encode())
    for key, (place, held) in records.items():
        if key.startswith(b"cut|"):
            at_rest.produce("kpis.scoreboard", place, key, json.dumps(held).encode())

    report = at_rest.audit()
    for key in (altered, taken):
        at_rest.produce("kpis.scoreboard", records[key][0], key, json.dumps(records[key][1]).encode())
    at_rest.produce("kpis.scoreboard", partition, added, None)

    differences = found(report)
    assert {
        ("kpi topics", "team:north", year, "calls"),
        ("kpi topics", "team:north", year, "end"),
        ("kpi topics", "team:north", "day:1999-01-01", "window"),
        ("kpi topics", "team:south", year, "activities"),
    } <= differences
    assert {(scope, window) for _, scope, window, _ in differences} == {
        ("team:north", year), ("team:north", "day:1999-01-01"), ("team:south", year)
    }  # fmt: skip
    assert found(at_rest.audit()) == set()


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


def test_the_command_ends_with_what_it_found(at_rest: Deployment) -> None:
    """It ends with 0 and `differences: 0`, or with 1, a table and how many there are; with --json in JSON."""
    run = CliRunner()
    year = at_rest.window("team:north", "year")
    held = at_rest.field("team:north", f"{year}:calls")
    agreed = run.invoke(app, ["audit"], env=at_rest.env)
    changed = json.loads(json.dumps(held))
    changed["kpis"]["dials"]["value"] += 41
    at_rest.put("team:north", f"{year}:calls", changed)
    differed = run.invoke(app, ["audit"], env=at_rest.env)
    in_json = run.invoke(app, ["audit", "--json"], env=at_rest.env)
    at_rest.put("team:north", f"{year}:calls", held)

    assert agreed.exit_code == 0
    assert agreed.stdout.splitlines()[-1] == "differences: 0"
    assert differed.exit_code == 1
    assert differed.stdout.splitlines()[-1] == "differences: 1"
    assert "team:north" in differed.stdout
    assert in_json.exit_code == 1
    assert json.loads(in_json.stdout)["differences"][0]["kpi"] == "dials"


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
