"""Fault 19: the disk under the broker's log directory is full."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import clock
from pipeline.engine.kafka import fail_stop
from tests.faults.cluster import Cluster
from tests.faults.verdict import judge
from tests.servers.components import missing
from tests.servers.process import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.kafka]

DISK = "160m"
BLOCK_BYTES = 65_536
UNREACHABLE = 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, in memory; to mount one takes the rights of root."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ("-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder))
    mounted = subprocess.run(("mount", *options), capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        missing(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(("umount", "--lazy", str(folder)), check=True)


def fill(ballast: Path) -> None:
    """Leave no room on the disk."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * BLOCK_BYTES):
                pass
        except OSError:
            return


def test_fault_19_a_full_disk_costs_no_record(tmp_path: Path, seed: int, small_disk: Path) -> None:
    """The broker gives up; workers wait or end before they acknowledge. With room again, every figure is right."""
    cluster = Cluster(tmp_path, seed, workers=1, kafka_options={"log.dirs": str(small_disk / "data")})
    with cluster:
        cluster.begin(clock.now_ms())
        cluster.feed.start(rate=100)
        clock.pause(3)
        cluster.fleet.known.add(UNREACHABLE)
        fill(small_disk / "ballast")
        wait_until(lambda: not cluster.kafka.process.running, "the broker to give up", 120)
        clock.pause(5)
        (small_disk / "ballast").unlink()
        cluster.kafka.start()
        clock.pause(5)
        judge(cluster, least=200)
        assert {ended.code for ended in cluster.fleet.ended} <= {fail_stop.EXIT_CODE, UNREACHABLE}
