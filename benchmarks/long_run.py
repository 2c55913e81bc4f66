"""`python -m benchmarks.long_run`: thousands of reps live through a week, and hundreds through 800 days, audited.

Real stages, publishers and a real Redis in one process, without a broker, with append times as given: midnights in
three zones, the whole organisation sent again twice a day, and all workers ended and begun again each day. Redis is
then compared with what the logs say. What came about is printed and written to `benchmarks/results/long_run.json`; it
ends with 1 where there are differences.
"""

import argparse
import asyncio
import json
import resource
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.harness.long_floor import LongFloor, Plot
from tests.servers.redis import RedisServer
from tests.unit.ledger.world import HOUR

RESULTS = Path(__file__).parent / "results" / "long_run.json"
PLOTS: Mapping[str, Plot] = {
    "a week of 5,000 reps": Plot(reps=5000, teams=250, partitions=4, days=7, a_day=10),
    "800 days of 500 reps": Plot(
        reps=500, teams=25, partitions=1, days=800, a_day=0.25, since="2024-09-01", restart_days=100, step_ms=2 * HOUR
    ),
}
SHOWN = 20


async def lived(plot: Plot, url: str) -> dict[str, Any]:
    """Run a plot, and say what came of it."""
    began, worked = time.monotonic(), time.process_time()
    floor = LongFloor(plot, url, "long")
    try:
        await floor.run(say)
        ran_seconds, core_seconds = time.monotonic() - began, time.process_time() - worked
        say("auditing")
        differences, numbers = floor.audit()
    finally:
        await floor.close()
    for difference in differences[:SHOWN]:
        say(str(difference))
    return {
        **asdict(plot), "events": floor.events, "dead_letters": dict(floor.letters), "numbers_compared": numbers,
        "differences": len(differences), "run_seconds": round(ran_seconds), "run_core_seconds": round(core_seconds),
        "with_audit_seconds": round(time.monotonic() - began),
        "rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> (20 if sys.platform == "darwin" else 10),
    }  # fmt: skip


def say(line: str) -> None:
    """Tell what is going on."""
    print(line, flush=True)


def main() -> int:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.long_run", description=__doc__)
    parser.add_argument("--only", choices=sorted(PLOTS), help="one of the runs")
    parser.add_argument("--share", type=float, default=1.0, help="of the reps and teams")
    parser.add_argument("--results", type=Path, default=RESULTS)
    asked = parser.parse_args()
    found: dict[str, Any] = json.loads(asked.results.read_text()) if asked.only and asked.results.exists() else {}
    for name, plot in PLOTS.items():
        if asked.only not in (None, name):
            continue
        say(name)
        with TemporaryDirectory(prefix="long-run-") as folder:
            server = RedisServer(Path(folder))
            server.start()
            try:
                found[name] = asyncio.run(lived(shared(plot, asked.share), server.url))
            finally:
                server.stop()
        asked.results.write_text(json.dumps(found, indent=2) + "\n")
        say(f"differences: {found[name]['differences']}")
    return int(any(each["differences"] for each in found.values()))


def shared(plot: Plot, share: float) -> Plot:
    """A smaller one of its kind."""
    return replace(plot, reps=max(round(plot.reps * share), 2), teams=max(round(plot.teams * share), 2))


if __name__ == "__main__":
    sys.exit(main())
