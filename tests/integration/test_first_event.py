"""docs/events.md as a newcomer follows it: every block is run, in order, on a deployment that is empty before."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.config.settings import Settings
from pipeline.topics.check import create_topics
from tests.harness.proofs import CONTROL_KEYS
from tests.harness.worker import WorkerProcess
from tests.integration.test_producers import until_calls
from tests.servers.components import require_command
from tests.servers.process import free_port

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]
PAGE = Path(__file__).parents[2] / "docs" / "events.md"
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
BLOCK_SECONDS = 90


@pytest.fixture
def env(kafka_settings: Settings) -> dict[str, str]:
    """What the reader of the page has in the environment, and the programs of this installation."""
    require_command("kcat", "kcat")
    create_topics(kafka_settings)
    given = {
        "NAMESPACE": kafka_settings.namespace,
        "BROKERS": kafka_settings.brokers,
        "CONTROL_KEYS": CONTROL_KEYS,
        "PARTITIONS": str(kafka_settings.partitions),
        "REDIS_URL": kafka_settings.redis_url.get_secret_value(),
    }
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SALESPULSE_")}
    programs = f"{Path(sys.executable).parent}:{plain['PATH']}"
    return plain | {f"SALESPULSE_{name}": value for name, value in given.items()} | {"PATH": programs}


@pytest.fixture
def worker(env: dict[str, str], tmp_path: Path) -> Iterator[WorkerProcess]:
    """A worker that is ready."""
    with WorkerProcess(env, tmp_path / "worker.log", free_port()) as started:
        started.until_ready()
        yield started


def _run(language: str, block: str, env: dict[str, str], folder: Path) -> str:
    command = ["bash", "-euo", "pipefail", "-c", block] if language == "sh" else [sys.executable, "-c", block]
    done = subprocess.run(
        command, env=env, cwd=folder, capture_output=True, text=True, timeout=BLOCK_SECONDS, check=False
    )
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_every_block_of_the_page_works(
    worker: WorkerProcess, env: dict[str, str], kafka_settings: Settings, tmp_path: Path
) -> None:
    """Four calls are sent and one is deleted, in three modes and by three programs: three are left."""
    said = [_run(language, block, env, tmp_path) for language, block in BLOCK.findall(PAGE.read_text())]

    assert said[0] == "3 events sent: 1 org.membership.changed, 1 org.team.changed, 1 telephony.call.changed\n"
    assert "1:35" in next(line for line in said[1].splitlines() if "talk_time" in line)
    until_calls(kafka_settings, 3)
    assert "no dead letters" in _run("sh", "salespulse dead-letters list 2>&1 || true", env, tmp_path)
    assert worker.ended is None
