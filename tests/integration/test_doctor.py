"""The doctor on a real installation: nothing while it is sound, and each of some twenty seeded faults by itself."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType
from redis import Redis

from pipeline import clock
from pipeline.config.kafka_options import kafka_python_options
from pipeline.config.settings import Settings, load_settings
from pipeline.doctor.examination import Examination, examine
from pipeline.sending.event import Outgoing
from pipeline.sinks.redis_keys import Keys
from pipeline.topics.check import create_topics
from pipeline.topics.table import full_name
from tests.harness.proofs import CONTROL_KEYS
from tests.harness.worker import WorkerProcess
from tests.integration.test_producers import ORGANISATION
from tests.servers.kafka import KafkaServer
from tests.servers.process import free_port, wait_until
from tests.servers.redis import RedisServer
from tests.unit.ledger.world import event

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]
SECONDS = 60
MINUTE_MS = 60_000


@dataclass
class Installation:
    """A deployment with one worker, and what a command there is given."""

    settings: Settings
    worker: WorkerProcess
    redis: "Redis"
    folder: Path
    scrapes: list[str] = field(default_factory=list)
    ahead_ms: int = 0
    """How far this machine's clock is from what it is."""

    def examine(self) -> Examination:
        """What the doctor finds."""
        return examine(self.settings, self.scrapes, lambda: clock.now_ms() + self.ahead_ms)

    def found(self) -> dict[str, list[str]]:
        """What is wrong, by part."""
        parts = self.examine().parts
        return {part.part: [finding.line for finding in part.findings] for part in parts if part.findings}

    def scrape(self, name: str, text: str) -> None:
        """Have it read this as another process's metrics."""
        path = self.folder / name
        path.write_text(text)
        self.scrapes.append(path.as_uri())


@pytest.fixture(scope="module")
def running(
    kafka: KafkaServer, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """A worker that has published something."""
    folder = tmp_path_factory.mktemp("doctor")
    given = {"NAMESPACE": "examined", "BROKERS": kafka.bootstrap, "REDIS_URL": redis_server.url}
    given["CONTROL_KEYS"] = CONTROL_KEYS
    env = {f"SALESPULSE_{name}": value for name, value in given.items()}
    settings = load_settings(env)
    create_topics(settings)
    producer = KafkaProducer(**kafka_python_options(settings))
    began_ms = clock.now_ms() - MINUTE_MS
    called = event("call", "c1", began_ms, rep_id="rep-01", direction="outbound", state="ended", started_at=began_ms)
    for each in map(Outgoing, (*ORGANISATION, called)):
        producer.send(full_name(settings.namespace, each.topic), key=each.key, value=each.value)
    producer.close()
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SALESPULSE_")}
    with ExitStack() as stack:
        redis = stack.enter_context(Redis.from_url(redis_server.url, decode_responses=True))
        worker = stack.enter_context(WorkerProcess({**plain, **env}, folder / "worker.log", free_port()))
        worker.until_ready()
        yield Installation(settings, worker, redis, folder)


@pytest.fixture
def installation(running: Installation) -> Installation:
    """The same, sound, with settings that a test may change."""
    last: dict[str, list[str]] = {}

    def sound() -> bool:
        last.clear()
        last.update(running.found())
        return not last

    try:
        wait_until(sound, "a sound installation", SECONDS, 0.5)
    except AssertionError:
        raise AssertionError(f"not sound: {last}") from None
    return Installation(running.settings, running.worker, running.redis, running.folder)


def test_nothing_is_found_while_it_is_sound(installation: Installation) -> None:
    """Each part is told in a line, and who holds what."""
    installation.scrapes.append(f"http://127.0.0.1:{installation.worker.health_port}/metrics")
    examination = installation.examine()

    assert examination.sound
    assert [part.part for part in examination.parts] == [
        "settings", "kafka", "redis", "workers", "feeds", "dead letters", "metrics",
    ]  # fmt: skip
    assert all(part.state == "ok" and part.summary for part in examination.parts)
    (holder,) = examination.holders
    assert "examined.crm.events 0-3" in holder


def configured(installation: Installation, topic: str, **configs: str) -> None:
    """Change how a topic is set up."""
    admin = KafkaAdminClient(**kafka_python_options(installation.settings))
    name = full_name(installation.settings.namespace, topic)
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs=dict(configs))])
    admin.close()


@contextmanager
def short_retention(installation: Installation) -> Iterator[None]:
    """Calls are gone before they are forgotten."""
    admin_configs = {"retention.ms": str(86_400_000), "message.timestamp.type": "LogAppendTime"}
    configured(installation, "telephony.events", **admin_configs)
    yield
    configured(installation, "telephony.events", **{**admin_configs, "retention.ms": "-1"})


@contextmanager
def other_times(installation: Installation) -> Iterator[None]:
    """A source whose times are its producers'."""
    base = {"retention.ms": "-1"}
    configured(installation, "crm.events", **base, **{"message.timestamp.type": "CreateTime"})
    yield
    configured(installation, "crm.events", **base, **{"message.timestamp.type": "LogAppendTime"})


@contextmanager
def topic_gone(installation: Installation) -> Iterator[None]:
    """One that no worker reads is deleted."""
    admin = KafkaAdminClient(**kafka_python_options(installation.settings))
    admin.delete_topics([full_name(installation.settings.namespace, "imports")])
    admin.close()
    yield
    wait_until(lambda: create_topics(installation.settings) or not installation.found().get("kafka"), "the topic", 30)


def with_settings(**changed: Any) -> Callable[[Installation], Any]:
    """The doctor is given other settings."""

    @contextmanager
    def seeded(installation: Installation) -> Iterator[None]:
        installation.settings = installation.settings.model_copy(update=changed)
        yield

    return seeded


def with_redis(*options: str, then: Callable[["Redis"], None] = lambda _: None, user: str = "") -> Callable[..., Any]:
    """Another Redis, set up otherwise."""

    @contextmanager
    def seeded(installation: Installation) -> Iterator[None]:
        folder = installation.folder / f"redis-{time.monotonic_ns()}"
        folder.mkdir()
        server = RedisServer(folder, *options)
        server.start()
        try:
            with Redis.from_url(server.url) as client:
                then(client)
            url = server.url.replace("redis://", f"redis://{user}")
            installation.settings = load_settings(
                {"SALESPULSE_REDIS_URL": url}, namespace="examined", brokers=installation.settings.brokers
            )
            yield
        finally:
            server.stop()

    return seeded


def modest(client: "Redis") -> None:
    """A user who may not ask."""
    rights = {"keys": ["*"], "channels": ["*"], "categories": ["+@all"], "commands": ["-info"]}
    client.acl_setuser("modest", enabled=True, passwords=["+secret"], **rights)  # type: ignore[arg-type]


def fill(client: "Redis") -> None:
    """Nearly all of 60 MiB."""
    for number in range(54 - (int(client.info()["used_memory"]) >> 20)):
        client.set(f"much-{number}", b"x" * (1 << 20))


@contextmanager
def other_layout(installation: Installation) -> Iterator[None]:
    """Keys of another release, while the worker of this one is frozen: each of its surveys says the layout again."""
    key = Keys(installation.settings.namespace).layout
    installation.worker.pause()
    try:
        held: Any = installation.redis.get(key)
        installation.redis.set(key, "999")
        yield
        installation.redis.set(key, held)
    finally:
        installation.worker.resume()


@contextmanager
def nobody_works(installation: Installation) -> Iterator[None]:
    """The only worker is gone."""
    installation.worker.kill()
    wait_until(lambda: "workers" in installation.found(), "somebody to miss it", SECONDS, 0.5)
    yield
    installation.worker.start()
    installation.worker.until_ready()


@contextmanager
def refused(installation: Installation) -> Iterator[None]:
    """A producer that sends nonsense; what it sent is passed over afterwards."""
    producer = KafkaProducer(**kafka_python_options(installation.settings))
    for _ in range(3):
        producer.send(full_name(installation.settings.namespace, "crm.events"), key=b"deal:1", value=b"{")
    producer.close()
    wait_until(lambda: "dead letters" in installation.found(), "the dead letters", SECONDS, 0.5)
    yield


@contextmanager
def silent_feed(installation: Installation) -> Iterator[None]:
    """A source that is expected and not heard."""
    keys = Keys(installation.settings.namespace)
    alert: dict[str, Any] = {
        "id": "feed_silent:feed:dialer", "kind": "feed_silent", "scope": "feed:dialer", "home": "team:north",
        "opened_ms": clock.now_ms(), "resolved_ms": None, "state": "open", "calendar_version": "", "version": [1, 1],
    }  # fmt: skip
    installation.redis.hset(keys.alerts("team:north"), alert["id"], json.dumps(alert))
    yield
    installation.redis.hdel(keys.alerts("team:north"), str(alert["id"]))


def with_scrape(text: str) -> Callable[[Installation], Any]:
    """Another process tells this."""

    @contextmanager
    def seeded(installation: Installation) -> Iterator[None]:
        installation.scrapes.append(f"http://127.0.0.1:{installation.worker.health_port}/metrics")
        if text:
            installation.scrape("metrics", text)
        else:
            installation.scrapes.append(f"http://127.0.0.1:{free_port()}/metrics")
        yield

    return seeded


@contextmanager
def clocks_differ(installation: Installation) -> Iterator[None]:
    """This machine's clock is ten minutes behind everybody's."""
    installation.ahead_ms = -10 * MINUTE_MS
    yield


AUDITED = "salespulse_audit_last_run_timestamp_seconds 1\nsalespulse_audit_could_run 1\n"
NOW = f"salespulse_audit_last_success_timestamp_seconds {clock.now_ms() / 1000}\n"
SEEDED: list[tuple[Callable[[Installation], Any], str, str]] = [
    (with_settings(brokers="127.0.0.1:1"), "kafka", "cannot connect to 127.0.0.1:1"),
    (short_retention, "kafka", "retention.ms is 86400000"),
    (other_times, "kafka", "message.timestamp.type is CreateTime, must be LogAppendTime"),
    (topic_gone, "kafka", "topic examined.imports: missing"),
    (with_settings(partitions=3), "kafka", "partitions is 4, must be 3"),
    (with_settings(replication_factor=3), "kafka", "replicas is 1, must be at least 3"),
    (with_settings(failpoint="trimmed#3"), "settings", "FAILPOINT is set"),
    (with_settings(self_fence=False), "settings", "SELF_FENCE is off"),
    (with_redis("--cluster-enabled", "yes"), "redis", "runs in cluster mode"),
    (with_redis("--maxmemory-policy", "allkeys-lru"), "redis", "maxmemory-policy is allkeys-lru"),
    (with_redis("--maxmemory", "60mb", then=fill), "redis", "Redis has used"),
    (with_redis("--replicaof", "127.0.0.1", "1"), "redis", "read-only replica"),
    (with_redis(then=modest, user="modest:secret@"), "redis", "its user may not ask how it is set up"),
    (other_layout, "redis", "holds keys of layout 999"),
    (nobody_works, "workers", "no worker reports"),
    (with_redis(), "workers", "Redis holds no figures"),
    (clocks_differ, "workers", "a worker's clock is +600 s from this machine's"),
    (clocks_differ, "redis", "its clock is +600 s"),
    (silent_feed, "feeds", "nothing is heard from dialer"),
    (with_scrape(""), "metrics", "does not answer"),
    (with_scrape('salespulse_build_info{version="0.0.1"} 1\n'), "metrics", "workers are of releases 0.0.1"),
    (with_scrape('salespulse_sink_up{sink="redis"} 0\n'), "metrics", "cannot publish to redis"),
    (with_scrape(f"{AUDITED}{NOW}salespulse_audit_differences 7\n"), "metrics", "found 7 differences"),
    (with_scrape(f"{AUDITED}salespulse_audit_last_success_timestamp_seconds 1\n"), "metrics", "no audit for 2 days"),
    (refused, "dead letters", "3 records of crm.events were refused: invalid_json"),
]
"""The last one leaves letters behind for a day, so nothing may come after it."""
BESIDE = {"redis": {"workers"}, "workers": {"redis"}, "kafka": {"workers", "dead letters"}}
"""What else may be found then: where Redis is another one there are no figures in it, and the like."""


@pytest.mark.parametrize(("seed", "part", "line"), SEEDED, ids=[f"{part}-{n}" for n, (_, part, _) in enumerate(SEEDED)])
def test_each_seeded_fault_is_found(
    installation: Installation, seed: Callable[[Installation], Any], part: str, line: str
) -> None:
    """In its own part, in a line that says what is wrong, with what to do; and nothing else that is not due to it."""
    with seed(installation):
        examination = installation.examine()
    found = {each.part: each.findings for each in examination.parts if each.findings}

    assert any(line in finding.line for finding in found.get(part, ())), found
    assert all(finding.cure for findings in found.values() for finding in findings)
    assert found.keys() - {part} <= BESIDE.get(part, set())
