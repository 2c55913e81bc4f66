"""`python -m benchmarks.recognising`: what contests and achievements cost an event, in one process and without Kafka.

Two floors take in the same events in turn, batch by batch: one recognises nothing, the other has a contest of 200 reps
by calls, and tells best days, weeks and months, milestones and streaks of reps and teams by the same. Facts come from
the real stage 1, which is not counted. Printed are microseconds of processor time per event.
"""

import argparse
import cProfile
import gc
import pstats
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from benchmarks.events import Arrival, Floor, arrivals, change, organisation, rep_id
from benchmarks.inbox import Inbox, Line
from pipeline.boards.rollup import Rollup
from pipeline.boards.scoreboard import Scoreboard
from pipeline.engine.supervision import gc_tuning

NOON_MS = 1_795_435_200_000
ENTRANTS = 200
BATCHES = (1000, 50)
"""Events that come together: under load, and at 100 a second with two records of parts in each."""
RECOGNISED = {
    "kpi": "calls", "best": ["day", "week", "month"], "milestones": [50, 100, 500, 1000, 5000], "streaks": [5, 20],
}  # fmt: skip


def recognised(floor: Floor) -> list[Arrival]:
    """What the second floor is told beside the organisation."""
    at_ms = floor.end_ms - 86_400_000
    first = datetime.fromtimestamp(at_ms / 1000 - 86_400, UTC).date()
    last = datetime.fromtimestamp(floor.end_ms / 1000 + 5 * 86_400, UTC).date()
    contest = {
        "kpi": "calls", "rep_ids": [rep_id(number) for number in range(min(ENTRANTS, floor.reps))],
        "first_day": first.isoformat(), "last_day": last.isoformat(),
    }  # fmt: skip
    return [
        change("contest", "calls", at_ms, contest),
        *(change("recognition", f"{of}-calls", at_ms, {**RECOGNISED, "whose": of}) for of in ("reps", "teams")),
    ]


class Desk:
    """Scoreboard and rollup behind one another, as `told` by the organisation."""

    def __init__(self, told: Sequence[Arrival], end_ms: int) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._end_ms = end_ms
        self._inbox = Inbox(told, end_ms)
        self.scoreboard = Line(lambda store: Scoreboard(0, store, 1))
        self.rollup = Line(lambda store: Rollup(0, store, 1))
        self.scoreboard.fold(self._inbox.copies("facts"))
        self.rollup.fold(self._inbox.copies("parts"))
        self._clear()

    def take_in(self, events: Sequence[Arrival]) -> None:
        """A batch, up to what is told of it."""
        facts = self._inbox.facts(events, self._end_ms)
        began = time.process_time()
        self.scoreboard.fold(facts)
        self.scoreboard.delta()
        folded = time.process_time()
        sends = self.scoreboard.stage.take_parts(10**6)
        sent = time.process_time()
        self.rollup.fold(sends)
        self.rollup.delta()
        summed = time.process_time()
        for line in (self.scoreboard, self.rollup):
            line.stage.take_recognition()
        for name, spent in (
            ("scoreboard", folded - began), ("parts", sent - folded), ("rollup", summed - sent),
            ("what is told", time.process_time() - summed),
        ):  # fmt: skip
            self.seconds[name] += spent
        self._clear()

    def _clear(self) -> None:
        for line in (self.scoreboard, self.rollup):
            line.stage.board.take(slow=False, limit=0)


def run(floor: Floor, batch: int, profiled: cProfile.Profile | None = None) -> tuple[Desk, Desk, int]:
    """Both floors, in turn."""
    told = organisation(floor)
    plain, other = Desk(told, floor.end_ms), Desk([*told, *recognised(floor)], floor.end_ms)
    events = arrivals(floor)
    for number, start in enumerate(range(0, len(events), batch)):
        for desk in (plain, other) if number % 2 else (other, plain):
            if profiled and desk is other:
                profiled.enable()
            desk.take_in(events[start : start + batch])
            if profiled:
                profiled.disable()
    return plain, other, len(events)


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recognising", description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--reps", type=int, default=200)
    parser.add_argument("--teams", type=int, default=20)
    parser.add_argument("--profile", action="store_true", help="what the time is spent on")
    options = parser.parse_args()
    gc_tuning.tune()
    gc.disable()  # Or one of the two pays for what both left behind.
    for batch in BATCHES:
        profiled = cProfile.Profile() if options.profile else None
        floor = Floor(options.events, NOON_MS, reps=options.reps, teams=options.teams)
        plain, other, events = run(floor, batch, profiled)
        print(f"batches of {batch} events (microseconds per event: without, with)")
        for name, seconds in plain.seconds.items():
            print(f"  {name:<14}{seconds * 1e6 / events:9.2f}{other.seconds[name] * 1e6 / events:9.2f}")
        both = [sum(desk.seconds.values()) * 1e6 / events for desk in (plain, other)]
        print(f"  {'in all':<14}{both[0]:9.2f}{both[1]:9.2f}", flush=True)
        if profiled:
            pstats.Stats(profiled).sort_stats("tottime").print_stats(28)


if __name__ == "__main__":
    main()
