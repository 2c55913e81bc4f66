"""What the processes of a job use: processor time and memory, from /proc."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from tests.servers.process import ServerProcess


def core_seconds(jobs: Sequence[ServerProcess]) -> float:
    """Processor time that they have used so far, all their threads, in user and system mode."""
    return sum(_core_seconds(_pid(job)) for job in jobs)


def resident_bytes(job: ServerProcess) -> int:
    """Memory that it holds now."""
    return _kib(_pid(job), "VmRSS") * 1024


def peak_bytes(job: ServerProcess) -> int:
    """The most memory it ever held."""
    return _kib(_pid(job), "VmHWM") * 1024


def _pid(job: ServerProcess) -> int:
    assert job.process is not None, "not started"
    return job.process.pid


def _core_seconds(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def _kib(pid: int, field: str) -> int:
    found = re.search(rf"^{field}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])
