"""`python -m benchmarks.restoring`: how boards of many reps and days come back from their state, without Kafka.

Printed are seconds of processor time to read the state log and to restore what follows from it, and the longest time
in one go: for so long no other task has its turn.
"""

import argparse
import time
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from pipeline.boards.rollup import Rollup
from pipeline.boards.scoreboard import Scoreboard
from pipeline.engine.changelog.log_reader import LogReader
from pipeline.engine.changelog.log_record import Claim, encode
from pipeline.engine.changelog.log_writer import LogWriter
from pipeline.engine.kafka.engine_settings import WriterPolicy
from pipeline.engine.supervision import gc_tuning
from pipeline.kernel.state_keys import pane_key, pane_prefix
from pipeline.kernel.store import Store
from pipeline.scores.board_policy import BoardPolicy
from pipeline.scores.cold_panes import pack
from pipeline.scores.measure_numbers import NUMBERED

NOW_MS = 1_795_435_200_000
TODAY = 719_163 + NOW_MS // 86_400_000
MEASURES = {measure: 1000 + number for number, measure in enumerate(NUMBERED[:17])}
MINUTES = 85
"""Minute panes of a rep within 26 hours."""
STAGES = (Scoreboard, Rollup)
Stage = type[Scoreboard] | type[Rollup]


class Cost(NamedTuple):
    """Seconds of processor time, and of the longest step."""

    read: float
    restore: float
    longest: float


def state(stage: Stage, reps: int, teams: int, days: int, measures: Mapping[str, int] = MEASURES) -> list[bytes]:
    """The state log of one partition that has all of them."""
    store = Store()
    store.scalars["now_ms"] = NOW_MS
    slots = [*range(TODAY - days + 1, TODAY + 1), *(-(NOW_MS // 60_000 - 18 * number) for number in range(MINUTES))]
    for rep in range(reps):
        for prefix in _prefixes(stage, rep, rep % teams, rep < teams):
            for slot in slots:
                first_ms = [NOW_MS] if stage is Rollup or slot > 0 else []
                child = [1, 1] if stage is Rollup else []
                pane = [1, NOW_MS, dict(measures), *first_ms]
                is_cold = slot not in (TODAY, TODAY - 1) and slot != -(NOW_MS // 60_000)
                store.put(pane_key(prefix, slot), pack(pane, *child) if is_cold else [*pane, *child])
    writer = LogWriter(store, 0, 1, WriterPolicy(shard_pace=1e9))
    return [encode(Claim("a")), *(entry.value for entry in writer.entries({}))]


def _prefixes(stage: Stage, rep: int, team: int, of_team: bool) -> list[bytes]:
    if stage is Scoreboard:
        return [pane_prefix(f"t{team}", f"r{rep}")]
    company = [pane_prefix("company", f"team:t{team}")] if of_team else []
    return [pane_prefix(f"rep:r{rep}", f"rep:r{rep}@t{team}"), *company]


def recovered(stage: Stage, log: Iterable[bytes]) -> Cost:
    """What it costs to read the log and to restore a stage on it."""
    store = Store()
    read = _seconds(lambda: _read(store, log))
    longest = 0.0
    began = at = time.process_time()
    for _ in stage(0, store, 1).restore():
        longest, at = max(longest, time.process_time() - at), time.process_time()
    return Cost(read, time.process_time() - began, max(longest, time.process_time() - at))


def recovered_stage(stage: Stage, log: Iterable[bytes], policy: BoardPolicy | None = None) -> Scoreboard | Rollup:
    """A stage as another worker has it once it has read the log."""
    store = Store()
    _read(store, log)
    found = stage(0, store, 1, policy)
    for _ in found.restore():
        pass
    return found


def _read(store: Store, log: Iterable[bytes]) -> None:
    reader = LogReader(store, "log")
    for offset, value in enumerate(log):
        reader.feed(offset, NOW_MS, value)


def _seconds(of: Callable[[], None]) -> float:
    began = time.process_time()
    of()
    return time.process_time() - began


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.restoring", description=__doc__)
    parser.add_argument("--reps", type=int, default=500)
    parser.add_argument("--teams", type=int, default=25)
    parser.add_argument("--days", type=int, default=800)
    options = parser.parse_args()
    for stage in STAGES:
        log = state(stage, options.reps, options.teams, options.days)
        gc_tuning.tune()
        cost = recovered(stage, log)
        print(
            f"{stage.stage}: {sum(map(len, log)) / 1e6:.0f} MB of log, read {cost.read:.2f} s, restored "
            f"{cost.restore:.2f} s, at most {cost.longest * 1000:.0f} ms in one go",
            flush=True,
        )


if __name__ == "__main__":
    main()
