"""`python -m benchmarks.large_team`: what a round of live figures costs in a team of many reps, one of whom called.

A scoreboard with one team in one process, and what it would write to Redis, but no Redis. Printed are microseconds of
processor time a round: folding, taking figures, asking for ranks, and forming the commands.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pipeline.boards.scoreboard import Scoreboard
from pipeline.engine.supervision import gc_tuning
from pipeline.kernel.store import Store
from pipeline.scores.figures import Figure
from pipeline.sinks.redis_guard import HomeWrites
from pipeline.sinks.redis_home import HomeBatch, HomeMemory, render
from pipeline.sinks.redis_keys import Keys
from tests.unit.boards.logs import WEEK, FactsLog, cell, fold

NOW_MS = 1_795_435_200_000
SIZES = (50, 500, 5_000)
HOME = "team:north"
Said = TypeVar("Said")


class Team:
    """A team, and what its home in Redis is known to hold."""

    def __init__(self, reps: int) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._reps = reps
        self._log = FactsLog()
        self._stage = Scoreboard(0, Store(), 1)
        self._memory, self._keys = HomeMemory(), Keys("bench")
        names = [f"r{number}" for number in range(reps)]
        self._log.organise(HOME, {"time_zones": [[None, "UTC"]], "calendar": WEEK})
        for name in names:
            self._log.organise(f"rep:{name}", {"active": True})
            self._log.organise(f"membership:{name}", {"rep_id": name, "team_id": "north"})
        self._log.add(NOW_MS, *(cell("north", name, NOW_MS, calls=1, activities=1) for name in names))
        fold(self._stage, self._log.records)
        self._write(self._stage.board.take(slow=True))

    def round(self, number: int, *records: Any) -> None:
        """One rep called, after these records; what changed is written."""
        at_ms = NOW_MS + number
        called = self._log.add(at_ms, cell("north", f"r{number % self._reps}", at_ms, calls=1, activities=1))
        self._spend("fold", lambda: fold(self._stage, [*records, called]))
        self._write(self._spend("figures", lambda: self._stage.board.take(slow=False)))

    def minute(self, number: int) -> None:
        """A minute passes in which one rep calls: who is silent is looked at."""
        at_ms = NOW_MS + 60_000 * number
        said = self._log.add(at_ms, cell("north", "r0", at_ms, calls=1, activities=1), feeds={"dialer": at_ms})
        self._spend("minute", lambda: fold(self._stage, [said]))

    def move(self, number: int) -> Any:
        """A membership that ended long ago."""
        payload = {"rep_id": "r0", "team_id": "north", "valid_from": 1000 * number, "valid_to": 1000 * number + 500}
        return self._log.organise("membership:former", payload)

    def _write(self, figures: Sequence[Figure]) -> None:
        regrouped = self._spend("ranks", self._stage.take_regrouped)
        beside = self._spend("ranks", lambda: {home: self._stage.beside(home) for home in {HOME, *regrouped}})
        batch = HomeBatch(list(figures), current=self._stage.board.current_ids(HOME), beside=beside[HOME])
        writes = HomeWrites(self._keys.owner(HOME), 3600)
        self._spend("commands", lambda: render(writes, self._keys, HOME, batch, self._memory))

    def _spend(self, name: str, done: Callable[[], Said]) -> Said:
        began = time.process_time()
        said = done()
        self.seconds[name] += time.process_time() - began
        return said


def measured(reps: int, rounds: int, *, moves: bool) -> dict[str, float]:
    """Seconds of so many rounds, each after a change of a membership where there are moves."""
    team = Team(reps)
    gc_tuning.tune()
    team.seconds.clear()
    for number in range(rounds):
        team.round(number, *([team.move(number)] if moves else ()))
    return team.seconds


def minutes(reps: int, count: int) -> float:
    """Seconds of a minute of working hours."""
    team = Team(reps)
    gc_tuning.tune()
    for number in range(1, count + 1):
        team.minute(number)
    return team.seconds["minute"] / count


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large_team", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    rounds = parser.parse_args().rounds
    for moves in (False, True):
        print("after a change of a membership" if moves else "nobody moves")
        for reps in SIZES:
            spent = measured(reps, rounds, moves=moves)
            said = ", ".join(f"{name} {seconds / rounds * 1e6:.0f}" for name, seconds in spent.items())
            print(f"  {reps:5,} reps: {said} µs a round", flush=True)
    for reps in SIZES:
        print(f"{reps:5,} reps: {minutes(reps, 20) * 1000:.1f} ms for a minute of working hours", flush=True)


if __name__ == "__main__":
    main()
