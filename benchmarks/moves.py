"""`python -m benchmarks.moves`: half of all reps change their team at once, on a floor that has figures.

All stages in one process on one partition, without a broker. Printed are processor time and the longest step of each
stage, and what is published: of moves that hold from now on, and of moves that hold since the day before.
"""

import argparse
import time

from benchmarks.events import Arrival, Floor, arrivals, change, organisation, rep_id, team_id
from benchmarks.one_partition import OnePartition
from pipeline.engine.supervision import gc_tuning
from schemas.events import iso

NOON_MS = 1_795_435_200_000
DAY_MS = 86_400_000
BATCH = 1000


def moves(floor: Floor, count: int, from_ms: int) -> list[Arrival]:
    """So many reps go to the next team from an instant on."""
    at_ms = floor.end_ms
    found = []
    for rep in range(count):
        there = {"rep_id": rep_id(rep), "team_id": team_id((rep + 1) % floor.teams), "valid_from": iso(from_ms)}
        found.append(change("membership", f"m-{rep:03}", at_ms, {"valid_to": iso(from_ms)}, 1))
        found.append(change("membership", f"n-{rep:03}", at_ms, there))
    return found


def moved(floor: Floor, count: int, before_ms: int) -> OnePartition:
    """The stages after these moves, and what they spent on them; what was before is not counted."""
    stages = OnePartition(organisation(floor), floor.end_ms)
    events = arrivals(floor)
    for start in range(0, len(events), BATCH):
        stages.take_in(events[start : start + BATCH], floor.end_ms)
    stages.publish()
    gc_tuning.tune()
    stages.begin()
    stages.take_in(moves(floor, count, floor.end_ms - before_ms), floor.end_ms)
    stages.publish()
    return stages


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.moves", description=__doc__)
    parser.add_argument("--reps", type=int, default=500)
    parser.add_argument("--events", type=int, default=20_000, help="of the 28 hours before")
    asked = parser.parse_args()
    floor = Floor(asked.events, NOON_MS, reps=asked.reps, events_per_second=1, stretch=5 * 20_000 // asked.events)
    for name, before_ms in (("from now on", 0), ("since the day before", DAY_MS)):
        began = time.process_time()
        stages = moved(floor, asked.reps // 2, before_ms)
        stages.say(f"{asked.reps // 2} of {asked.reps} reps move, {name} (of {time.process_time() - began:.0f} s)")


if __name__ == "__main__":
    main()
