"""What a worker takes up, and what for: resident memory, file descriptors, threads; the partitions it holds."""

from dataclasses import dataclass
from os import sysconf
from pathlib import Path

PAGE_BYTES = sysconf("SC_PAGE_SIZE")
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Vitals:
    """A worker's process at a moment: seconds since the cluster began, its name, its life (1 is the first).

    `held` are the partitions of all stages that it holds, as far as it last told.
    """

    at_seconds: float
    worker: str
    life: int
    rss_mib: float
    descriptors: int
    threads: int
    held: int


def vitals(at_seconds: float, worker: str, life: int, pid: int, held: int) -> Vitals | None:
    """Of a running process; None where it is gone."""
    folder = Path(f"/proc/{pid}")
    try:
        pages = int((folder / "statm").read_text().split()[1])
        threads = len(list((folder / "task").iterdir()))
        descriptors = len(list((folder / "fd").iterdir()))
    except (OSError, IndexError):
        return None
    return Vitals(at_seconds, worker, life, pages * PAGE_BYTES / MIB, descriptors, threads, held)
