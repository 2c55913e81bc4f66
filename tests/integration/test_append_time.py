"""A broker's clock that jumps: the worker halts, an operator answers, and every figure is right."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from kafka import KafkaProducer
from redis import Redis
from typer.testing import CliRunner, Result

from pipeline import clock
from pipeline.audit.audit import Audit
from pipeline.audit.quiescence import Quiescence
from pipeline.cli import app
from pipeline.config.kafka_options import kafka_python_options
from pipeline.config.settings import Settings
from pipeline.topics.table import full_name
from tests.harness.worker import WorkerProcess
from tests.integration.test_end_to_end import Floor
from tests.servers.process import free_port, wait_until
from tests.servers.redis import RedisServer
from tests.unit.ledger.world import DAY, HOUR, event

SECONDS = 60
PARTITION = 2
AHEAD_MS = 500 * DAY
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@dataclass
class JumpingFloor(Floor):
    """A floor on whose broker a test says when records are appended."""

    @property
    def env(self) -> dict[str, str]:
        """A worker that halted leaves its group by the session timeout."""
        return {**super().env, "SALESPULSE_SESSION_TIMEOUT_SECONDS": "6"}

    def call(self, name: str, ahead_ms: int) -> int:
        """A call of rep-01 of now, stamped so far ahead; its offset."""
        now_ms = clock.now_ms()
        told = event("call", name, now_ms, rep_id="rep-01", direction="outbound", started_at=now_ms)
        producer = KafkaProducer(**kafka_python_options(self.settings))
        topic = full_name(self.settings.namespace, "telephony.events")
        key = f"call:{name}".encode()
        sent = producer.send(topic, json.dumps(told).encode(), key, [], PARTITION, now_ms + ahead_ms)
        offset: int = sent.get(timeout=SECONDS).offset
        producer.close()
        return offset

    def answer(self, *arguments: str) -> Result:
        """`salespulse append-time` with these arguments."""
        return CliRunner().invoke(app, ["append-time", *arguments], env=self.env)

    def halts(self, name: str) -> str:
        """Start a worker and wait until it halts; its last line."""
        worker = WorkerProcess(self.env, self.folder / f"{name}.log", free_port())
        worker.start()
        wait_until(lambda: worker.ended is not None, "the worker to halt", SECONDS)
        assert worker.ended == 70, worker.tail()
        assert "Traceback" not in worker.tail()
        [line] = [text for text in worker.tail().splitlines() if "worker stops" in text]
        return line


@pytest.fixture
def floor(embedded_settings: Settings, redis_server: RedisServer, tmp_path: Path) -> Iterator[JumpingFloor]:
    """A deployment on the embedded broker, which takes the producer's stamps."""
    with Redis.from_url(redis_server.url) as client:
        yield JumpingFloor(embedded_settings, client, tmp_path)


def test_a_worker_goes_on_as_its_operator_says(floor: JumpingFloor) -> None:
    """It halts at each start, until the answer; then all calls are of the last hour, and the audit agrees."""
    floor.organise()
    floor.call("c0", 0)
    with floor.worker("first") as worker:
        worker.until_ready()
        floor.until("team:north", "1h", dials=1)
    jumped = floor.call("c1", AHEAD_MS)
    floor.call("c2", AHEAD_MS + HOUR)
    floor.call("c3", 0)

    for attempt in ("second", "third"):
        line = floor.halts(attempt)
        assert f"telephony.events/{PARTITION}: the record at offset {jumped} has the append time 20" in line
    command = re.search(r"salespulse append-time (\S+ \d+ \d+) ", line)
    assert command is not None
    place = command[1].split()

    early = floor.answer(place[0], place[1], str(jumped - 1), "--before")
    assert (early.exit_code, early.stdout) == (2, "")
    dry = floor.answer(*place, "--before", "--dry-run")
    assert f"2 records from offset {jumped} to {jumped + 1}, appended 20" in dry.stdout
    assert "written" not in dry.stdout
    answered = floor.answer(*place, "--before")
    assert (answered.exit_code, answered.stderr) == (0, "")
    assert f"written to telephony.events/{PARTITION} at offset {jumped + 3}" in answered.stdout
    assert floor.answer(*place, "--before").exit_code == 2

    floor.call("c4", 0)
    floor.call("c5", 0)
    with floor.worker("fourth") as worker:
        worker.until_ready()
        floor.until("team:north", "1h", dials=6)
        report = Audit(floor.settings).run(Quiescence(SECONDS))
        assert (report.differences, report.quiet) == ([], True)
        late = floor.answer(*place, "--before")
        assert "was counted already" in late.stderr
