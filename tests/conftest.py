"""What all tests share: servers, settings for them, and the rule that a swallowed error fails its test."""

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from pipeline.config.settings import Settings, load_settings
from pipeline.embedded.broker import API_VERSION, embedded_broker
from tests.harness.counting_process import CountingProcess, Tally, create_topics
from tests.harness.proofs import CONTROL_KEYS
from tests.servers.kafka import KafkaServer, require_jars
from tests.servers.redis import RedisServer

# No deadlines: how long an example takes says more about the machine than about the code.
# `make unit` takes few examples, so that it is over in a minute; every run of all tests takes more.
hypothesis_settings.register_profile("brief", max_examples=15, deadline=None)
hypothesis_settings.register_profile("quick", max_examples=40, deadline=None)
hypothesis_settings.register_profile(
    "ci", max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile("thorough", max_examples=2000, deadline=None)
hypothesis_settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") == "true" else "quick")
)

Start = Callable[..., CountingProcess]
"""Starts a worker of the counting stages, with its options by name."""
WATCHED_LOGGERS = ("agents", "asyncio", "pipeline", "salespulse")
STALLED = "Thread keepalive is not responding"
"""Said by the library where a thread was not scheduled for three seconds: that is the machine's doing. Of workers that
stand still by their own doing the watchdogs tell, and the tests of these."""

HANGS_AFTER_SECONDS = {"unit": 1800, "golden": 1800, "faults": 5400}
"""What takes longer in these folders hangs. It says nothing of how fast anything is: a busy machine needs ten times as
long, and tests without servers get what those with servers leave of the cores."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One limit for all tests of a folder."""
    for item in items:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        if folder in HANGS_AFTER_SECONDS:
            item.add_marker(pytest.mark.timeout(HANGS_AFTER_SECONDS[folder]))


@pytest.fixture(autouse=True)
def _logs_of_its_own() -> Iterator[None]:
    """Where a command run in this process sends its logs ends with the test: the stream is closed by then."""
    root = logging.getLogger()
    level = root.level
    yield
    root.handlers[:] = [each for each in root.handlers if type(each) is not logging.StreamHandler]
    root.setLevel(level)


@pytest.fixture(autouse=True)
def _no_swallowed_errors(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test in which our code or the event loop logged an error, unless it is marked `logs_errors`."""
    yield
    if request.node.get_closest_marker("logs_errors"):
        return
    errors = [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.levelno >= logging.ERROR and record.name.partition(".")[0] in WATCHED_LOGGERS
    ]
    assert not errors, f"errors were logged and swallowed: {errors}"


@pytest.fixture
def namespace() -> str:
    """A namespace that no other test uses, so that tests can share a broker and a Redis."""
    return f"t{uuid4().hex[:10]}"


@pytest.fixture
def mock_broker() -> Iterator[str]:
    """An embedded broker of the test's own: its host:port."""
    with embedded_broker() as bootstrap:
        yield bootstrap


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """A real Apache Kafka for the whole run; tests leave it running and use topics of their own namespace."""
    server = KafkaServer(tmp_path_factory.mktemp("kafka"), require_jars())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """A real Apache Kafka of the test's own, to be killed, frozen and restarted."""
    server = KafkaServer(tmp_path_factory.mktemp("own-kafka"), require_jars())
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A real Redis for the whole run; tests leave it running and use keys of their own namespace."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A real Redis of the test's own, to be stopped, frozen and restarted."""
    server = RedisServer(tmp_path_factory.mktemp("own-redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def embedded_settings(namespace: str, mock_broker: str, redis_server: RedisServer) -> Settings:
    """Settings for the embedded broker and the shared Redis, in a namespace of the test's own."""
    return load_settings(
        {},
        embedded=True,
        namespace=namespace,
        brokers=mock_broker,
        kafka_api_version=API_VERSION,
        redis_url=redis_server.url,
        health_port=0,
    )


@pytest.fixture
def kafka_settings(namespace: str, kafka: KafkaServer, redis_server: RedisServer) -> Settings:
    """Settings for the shared real Kafka and Redis, in a namespace of the test's own."""
    return load_settings(
        {}, namespace=namespace, brokers=kafka.bootstrap, redis_url=redis_server.url, health_port=0,
        control_keys=CONTROL_KEYS,
    )  # fmt: skip


@pytest.fixture
def processes() -> Iterator[list[CountingProcess]]:
    """Processes that are killed at the end of the test, whatever happened."""
    started: list[CountingProcess] = []
    yield started
    for process in started:
        process.kill()


@pytest.fixture
def start(processes: list[CountingProcess], kafka: KafkaServer, namespace: str, tmp_path: Path) -> Start:
    """Starts a worker on the shared real Kafka; options as `CountingProcess` takes them."""
    create_topics(kafka.bootstrap, namespace)

    def begin(**options: object) -> CountingProcess:
        process = CountingProcess(tmp_path, namespace, kafka.bootstrap, **{"eager": True, **options})
        processes.append(process)
        process.begin()
        return process

    return begin


@pytest.fixture
def tally(kafka: KafkaServer, namespace: str) -> Tally:
    """What is produced on the shared real Kafka."""
    return Tally(kafka.bootstrap, namespace)
