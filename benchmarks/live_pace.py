"""`python -m benchmarks.live_pace`: what an event writes to the KPI topics, on a day like any other and in a burst.

All stages in one process on one partition, without a broker; the topics get what changed each second of event time.
Printed are records and bytes for each event, and bytes by kind of window: of what is published by default, and of
everything. As a point of `make bench`, what is published by default.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from benchmarks.events import Arrival, Floor, arrivals, organisation
from benchmarks.one_partition import EVERYTHING, PUBLISHED, OnePartition
from benchmarks.sizes import Sizes
from pipeline.engine.supervision import gc_tuning
from pipeline.scores.board_policy import BoardPolicy

NOON_MS = 1_795_435_200_000
HOURS = 8
"""Of a working day."""
LATE_MS = 5_000
"""Live events arrive so late at most."""
BATCH = 1000
TICK_SECONDS = 5
REPS, A_DAY, SECONDS, RATE = 500, 20_000, 600, 50
"""A floor as it is planned for: so many events of a working day, of which so many seconds are measured; or a burst."""


def run(sizes: Sizes) -> dict[str, Any]:  # noqa: ARG001 (the sizes are the plan's)
    """What each event writes to the KPI topics: on a day like any other, and at fifty a second."""
    paces = {"day": live(PUBLISHED, REPS, A_DAY, SECONDS), "burst": burst(PUBLISHED, REPS, A_DAY, RATE)}
    return {"reps": REPS, **{name: an_event(stages) for name, stages in paces.items()}}


def an_event(stages: OnePartition) -> dict[str, Any]:
    """KPI records, their bytes, those on the topic, and milliseconds of a core, of each event."""
    events, outs = stages.events, stages.out.values()
    return {
        "events": events,
        "kpi_records": round(sum(out.figures for out in outs) / events, 1),
        "kpi_bytes": round(sum(out.kpi_bytes for out in outs) / events),
        "topic_bytes": round(sum(out.packed_bytes for out in outs) / events),
        "core_milliseconds": round(sum(stages.spent.seconds.values()) / events * 1e3, 2),
    }


def live(policy: BoardPolicy, reps: int, a_day: int, seconds: int) -> OnePartition:
    """So many seconds of a day with so many events; what was before is published, and not counted."""
    floor = Floor(a_day + a_day * seconds // (HOURS * 3600), NOON_MS, reps=reps, events_per_second=1000,
                  stretch=HOURS * 3_600_000 // a_day, duplicate_share=0, disorder_ms=LATE_MS)  # fmt: skip
    events = arrivals(floor)
    stages = begun(policy, floor, events[:a_day], NOON_MS - seconds * 1000)
    for second, now in enumerate(spread(events[a_day:], seconds)):
        stages.take_in(now, NOON_MS + (second - seconds) * 1000, tick=second % TICK_SECONDS == 0)
        stages.publish()
    return stages


def burst(policy: BoardPolicy, reps: int, a_day: int, rate: int) -> OnePartition:
    """All events of a day, at so many a second."""
    floor = Floor(a_day, NOON_MS, reps=reps, events_per_second=1000, stretch=HOURS * 3_600_000 // a_day)
    stages = begun(policy, floor, (), NOON_MS)
    for second, now in enumerate(spread(arrivals(floor), a_day // rate)):
        stages.take_in(now, NOON_MS + second * 1000, tick=True)
        stages.publish()
    return stages


def begun(policy: BoardPolicy, floor: Floor, events: Sequence[Arrival], now_ms: int) -> OnePartition:
    """The stages once they have worked these off."""
    stages = OnePartition(organisation(floor), now_ms, policy)
    for start in range(0, len(events), BATCH):
        stages.take_in(events[start : start + BATCH], now_ms, tick=True)
    stages.publish()
    gc_tuning.tune()
    stages.begin()
    return stages


def spread(events: Sequence[Arrival], seconds: int) -> list[Sequence[Arrival]]:
    """Evenly, over so many seconds."""
    ends = [len(events) * second // seconds for second in range(seconds + 1)]
    return [events[start:end] for start, end in pairwise(ends)]


def say(title: str, stages: OnePartition) -> None:
    """Print what each event wrote."""
    found = an_event(stages)
    print(
        f"{title}: {found['events']:,} events, {found['core_milliseconds']} ms of a core each, "
        f"{found['kpi_records']} KPI records"
    )
    kinds: Counter[str] = sum((out.by_kind for out in stages.out.values()), Counter())
    shares = ", ".join(f"{kind} {of / stages.events / 1000:.1f}" for kind, of in kinds.most_common())
    print(
        f"  {found['kpi_bytes'] / 1000:.1f} KB of KPI records an event, {found['topic_bytes'] / 1000:.1f} KB as they "
        f"are sent ({shares})",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live_pace", description=__doc__)
    parser.add_argument("--reps", type=int, default=500)
    parser.add_argument("--events", type=int, default=20_000, help="of a day of eight hours")
    parser.add_argument("--seconds", type=int, default=600, help="of that day")
    parser.add_argument("--rate", type=int, default=2_000, help="events a second of the burst")
    asked = parser.parse_args()
    for title, policy in {"by default": PUBLISHED, "everything": EVERYTHING}.items():
        say(f"{title}, live", live(policy, asked.reps, asked.events, asked.seconds))
        say(f"{title}, {asked.rate:,} a second", burst(policy, asked.reps, asked.events, asked.rate))


if __name__ == "__main__":
    main()
