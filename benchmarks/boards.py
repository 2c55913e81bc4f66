"""What boards of many reps and years take in memory, and what it costs to read them back; without Kafka."""

import gc
import multiprocessing
import struct
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.history import DAYS, REPS, TEAMS, rss_bytes
from benchmarks.restoring import STAGES, Stage, recovered, recovered_stage, state
from benchmarks.sizes import Sizes

_length = struct.Struct(">I")


def run(sizes: Sizes) -> dict[str, Any]:  # noqa: ARG001 (the sizes that deployments are planned by)
    """Memory and seconds of a core of each stage, and of both together."""
    stages = {}
    with TemporaryDirectory(prefix="boards-") as folder:
        for stage in STAGES:
            file = Path(folder) / stage.stage
            log_bytes = _write(file, state(stage, REPS, TEAMS, DAYS))
            gc.collect()
            stages[stage.stage] = {"state_log_bytes": log_bytes, **_measured(stage, file)}
    together = {name: sum(each[name] for each in stages.values()) for name in ("memory_bytes", "core_seconds")}
    return {"reps": REPS, "teams": TEAMS, "days": DAYS, "stages": stages, **together}


def _measured(stage: Stage, file: Path) -> dict[str, Any]:
    """In a process of its own, which holds nothing else."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(_read_back, stage.stage, file).result()


def _read_back(name: str, file: Path) -> dict[str, Any]:
    stage = next(each for each in STAGES if each.stage == name)
    before = rss_bytes()
    board = recovered_stage(stage, _records(file))
    memory_bytes = rss_bytes() - before
    del board
    cost = recovered(stage, _records(file))
    return {
        "memory_bytes": memory_bytes,
        "core_seconds": round(cost.read + cost.restore, 2),
        "longest_step_ms": round(cost.longest * 1000, 1),
    }


def _write(file: Path, records: Iterable[bytes]) -> int:
    with file.open("wb") as out:
        return sum(out.write(_length.pack(len(record))) and out.write(record) for record in records)


def _records(file: Path) -> Iterator[bytes]:
    with file.open("rb") as given:
        while head := given.read(_length.size):
            yield given.read(_length.unpack(head)[0])
