"""Faults 25 and 8: rights that are taken away from a worker while it runs, on servers with authentication on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)
from typer.testing import CliRunner

from pipeline import clock
from pipeline.cli import app
from pipeline.config.kafka_options import kafka_python_options
from pipeline.engine.kafka import fail_stop
from pipeline.sending.event import Outgoing
from pipeline.sending.producer import EventProducer
from tests.harness.figures import in_redis
from tests.harness.secured import NAMESPACE, Secured, secured
from tests.harness.worker import WorkerProcess
from tests.servers.process import free_port, wait_until
from tests.unit.ledger.world import event

pytestmark = [pytest.mark.faults, pytest.mark.kafka]

SECONDS = 60
USER = f"User:{NAMESPACE}-worker"


@dataclass
class Deployment:
    """The servers, and one worker after the other on them."""

    servers: Secured
    folder: Path
    called: int = 0

    @contextmanager
    def worker(self) -> Iterator[WorkerProcess]:
        """A worker that is ready."""
        env = self.servers.env("worker", "worker", SESSION_TIMEOUT_SECONDS="6")
        with WorkerProcess(env, self.folder / "worker.log", free_port()) as made:
            made.until_ready()
            yield made

    def call(self, times: int) -> None:
        """So many calls come in."""
        now_ms = clock.now_ms()
        made = [
            event("call", f"c{self.called + n}", now_ms, rep_id="r1", direction="outbound", started_at=now_ms - 1000)
            for n in range(times)
        ]
        with EventProducer(self.servers.settings("telephony")) as producer:
            producer.send_all(Outgoing(each) for each in made)
        self.called += times

    def until_counted(self) -> None:
        """Return once Redis shows every call."""
        with self.servers.everything() as client:
            wait_until(
                lambda: (
                    in_redis(client, NAMESPACE).get(("company", "24h"), {}).get("calls", {}).get("value") == self.called
                ),
                f"{self.called} calls in Redis",
                SECONDS,
            )


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The servers with their users and topics."""
    folder = tmp_path_factory.mktemp("rights")
    with secured(folder) as servers:
        made = CliRunner().invoke(app, ["topics", "--create"], env=servers.env("topics"))
        assert made.exit_code == 0, made.stderr
        yield Deployment(servers, folder)


@contextmanager
def taken_away(servers: Secured, kind: ResourceType, name: str, operation: ACLOperation) -> Iterator[None]:
    """One right of the worker is gone, until the context ends: whatever it is allowed, it is denied that."""
    resource = ResourcePattern(kind, name, ACLResourcePatternType.LITERAL)
    denied = ACL(USER, "*", operation, ACLPermissionType.DENY, resource)
    pattern = ResourcePatternFilter(kind, name, ACLResourcePatternType.LITERAL)
    admin = KafkaAdminClient(**kafka_python_options(servers.admin_settings))
    admin.create_acls([denied])
    try:
        yield
    finally:
        admin.delete_acls([ACLFilter(USER, "*", operation, ACLPermissionType.DENY, pattern)])
        admin.close()


@pytest.mark.parametrize(
    ("kind", "name", "operation", "line"),
    [
        (
            ResourceType.GROUP,
            NAMESPACE,
            ACLOperation.READ,
            f"worker stops: lost the consumer group: GroupAuthorizationFailedError {NAMESPACE}",
        ),
        (
            ResourceType.TOPIC,
            f"{NAMESPACE}.state.telephony",
            ACLOperation.WRITE,
            f"rejects a record: TopicAuthorizationFailedError {NAMESPACE}.state.telephony",
        ),
        (
            ResourceType.TOPIC,
            f"{NAMESPACE}.facts",
            ACLOperation.WRITE,
            f"{NAMESPACE}.facts rejects a record: TopicAuthorizationFailedError {NAMESPACE}.facts",
        ),
        (
            ResourceType.TOPIC,
            f"{NAMESPACE}.crm.events",
            ACLOperation.READ,
            "worker stops: fetching failed: TopicAuthorizationFailedError",
        ),
    ],
)
def test_faults_25_and_8_a_right_that_is_taken_away_ends_the_worker(
    deployment: Deployment, kind: ResourceType, name: str, operation: ACLOperation, line: str
) -> None:
    """No silent zombie: one line names what is refused. With the right given back, nothing is missing or doubled."""
    with deployment.worker() as worker:
        deployment.call(5)
        deployment.until_counted()
        with taken_away(deployment.servers, kind, name, operation):
            deployment.call(5)
            wait_until(lambda: worker.ended is not None, "the worker to end", SECONDS)
        assert worker.ended == fail_stop.EXIT_CODE
        said = worker.tail().splitlines()[-1]
        assert line in said
    with deployment.worker():
        deployment.until_counted()
