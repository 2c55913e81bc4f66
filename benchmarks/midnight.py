"""`python -m benchmarks.midnight`: what a local midnight of many reps costs the boards, and what it writes where.

All stages in one process on one partition, all teams in one zone, without a broker. Printed are processor time, the
longest step and bytes: of the turn of a day, of a year, and of the minute after each.
"""

import argparse
from datetime import datetime
from zoneinfo import ZoneInfo

from benchmarks.events import Floor, arrivals, organisation
from benchmarks.one_partition import OnePartition
from pipeline.engine.supervision import gc_tuning

ZONE = "Europe/Berlin"
TURNS = {"a day": datetime(2026, 11, 25, tzinfo=ZoneInfo(ZONE)), "a year": datetime(2027, 1, 1, tzinfo=ZoneInfo(ZONE))}
MINUTE_MS = 60_000
HOURS = 12
"""In so many hours before the turn all events came."""
BATCH = 1000


def evening(reps: int, teams: int, a_rep: int, midnight_ms: int) -> OnePartition:
    """The stages a minute before midnight, with all that there is published."""
    stretch = HOURS * 3600 // (reps * a_rep) or 1
    pace = max(1, reps * a_rep // (HOURS * 3600))
    floor = Floor(reps * a_rep, midnight_ms - MINUTE_MS, reps=reps, teams=teams, events_per_second=pace,
                  stretch=stretch, zones=(ZONE,))  # fmt: skip
    stages = OnePartition(organisation(floor), floor.end_ms)
    events = arrivals(floor)
    for start in range(0, len(events), BATCH):
        stages.take_in(events[start : start + BATCH], floor.end_ms, tick=True)
    stages.publish()
    gc_tuning.tune()
    return stages


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.midnight", description=__doc__)
    parser.add_argument("--reps", type=int, default=5_000)
    parser.add_argument("--teams", type=int, default=250)
    parser.add_argument("--events", type=int, default=10, help="of each rep, within the hours before")
    asked = parser.parse_args()
    for name, midnight in TURNS.items():
        midnight_ms = int(midnight.timestamp() * 1000)
        stages = evening(asked.reps, asked.teams, asked.events, midnight_ms)
        for moment, now_ms in (("", midnight_ms + 1000), (", and the minute after", midnight_ms + 1000 + MINUTE_MS)):
            stages.begin()
            stages.take_in((), now_ms, tick=True)
            stages.publish()
            stages.say(f"{asked.reps:,} reps: the turn of {name}{moment}")


if __name__ == "__main__":
    main()
