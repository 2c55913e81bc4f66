"""Fault 7: Kafka is not there when a worker starts."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import clock
from tests.faults.conftest import Begin
from tests.faults.verdict import judge
from tests.harness.worker import WorkerProcess
from tests.servers.process import free_port, wait_until

pytestmark = [pytest.mark.faults]

UNREACHABLE = 2


@pytest.fixture
def deaf() -> Iterator[int]:
    """A port on which connections are taken, and nothing is ever answered."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield int(taken.getsockname()[1])


def said_at_the_end(folder: Path, brokers: str) -> str:
    """What a worker says that is started with these brokers; it ends as one that is set up wrongly."""
    worker = WorkerProcess({"SALESPULSE_BROKERS": brokers}, folder / "worker.log", free_port())
    worker.start()
    wait_until(lambda: worker.ended is not None, "the worker to end", 60)
    assert worker.ended == UNREACHABLE, worker.tail()
    return worker.tail()


@pytest.mark.quick_fault
def test_fault_07_nothing_listens(tmp_path: Path) -> None:
    """One line names the setting and the address; the port of the probes was never open."""
    brokers = f"127.0.0.1:{free_port()}"

    assert said_at_the_end(tmp_path, brokers) == f"salespulse: SALESPULSE_BROKERS: cannot connect to {brokers}\n"


def test_fault_07_nobody_answers(tmp_path: Path, deaf: int) -> None:
    """A Kafka that takes connections and does not answer is named as well, within a minute."""
    brokers = f"127.0.0.1:{deaf}"

    assert f"salespulse: SALESPULSE_BROKERS: no Kafka broker responds at {brokers}" in said_at_the_end(
        tmp_path, brokers
    )


@pytest.mark.kafka
def test_fault_07_a_worker_that_is_started_again_begins_when_kafka_is_there(begin: Begin) -> None:
    """Its supervisor need not know why it ended: with the broker comes the work, and every figure is right."""
    cluster = begin(workers=1)
    cluster.feed.start(rate=60)
    clock.pause(2)
    cluster.fleet.known.add(UNREACHABLE)
    cluster.fleet.kill("w1")
    cluster.kafka.kill()
    cluster.fleet.join("w1")
    for _ in range(2):
        assert cluster.fleet.next_end().code == UNREACHABLE
    cluster.kafka.start()
    judge(cluster, least=200)
