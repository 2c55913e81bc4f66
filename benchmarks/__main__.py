"""`python -m benchmarks`: one run of the whole job and of stock Faust, one after the other, with the ratio."""

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import stock_run, whole_job
from benchmarks.events import Arrival, Floor, arrivals, organisation
from benchmarks.machine import machine, versions
from benchmarks.measure import Outcome
from benchmarks.servers import servers

RESULTS = Path(__file__).with_name("results") / "latest.json"
VOID = 1


def main() -> int:
    """Run, compare, and write the results; gives the exit code: 1 when a figure was wrong, and nothing is written."""
    options = _options()
    floor = Floor(options.events, end_ms=int(time.time() * 1000), seed=options.seed)
    people, events = organisation(floor), arrivals(floor)
    prefix = events[: options.stock_events]
    with servers() as started:
        setup = {"machine": machine(started.job_core), "versions": versions(started)}
        _say(f"stock Faust: {len(prefix)} events")
        stock = stock_run.run(started, people, prefix, options.limit_seconds)
        _say(f"stock Faust: {stock.events_per_s:.0f} events/s\nwhole job: {len(events)} events")
        whole = whole_job.run(started, people, events, options.limit_seconds)
        _say(f"whole job: {whole.events_per_s:.0f} events/s")
    results = _results(whole, stock) | setup | {"parameters": _parameters(floor, options, events)}
    print(json.dumps(results, indent=2))
    if whole.differences or stock.differences:
        _say("void: some figures differ from the recomputation; nothing was written")
        return VOID
    options.results.parent.mkdir(parents=True, exist_ok=True)
    options.results.write_text(json.dumps(results, indent=2) + "\n")
    return 0


def _options() -> argparse.Namespace:
    """From the command line, else the environment (`BENCH_EVENTS`, `BENCH_STOCK_EVENTS`)."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--events", type=int, default=int(os.environ.get("BENCH_EVENTS", "200000")))
    parser.add_argument("--stock-events", type=int, default=int(os.environ.get("BENCH_STOCK_EVENTS", "10000")))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit-seconds", type=float, default=600, help="a job that takes longer is void")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the results are written")
    return parser.parse_args()


def _results(whole: Outcome, stock: Outcome) -> dict[str, Any]:
    return {
        "whole_job_events_per_s": round(whole.events_per_s),
        "stock_faust_events_per_s": round(stock.events_per_s),
        "ratio": round(whole.events_per_s / stock.events_per_s, 1),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "whole_job": whole.as_json(),
        "stock_faust": stock.as_json(),
    }


def _parameters(floor: Floor, options: argparse.Namespace, events: list[Arrival]) -> dict[str, Any]:
    return {
        **floor._asdict(),
        "stock_events": options.stock_events,
        "mean_event_bytes": round(sum(len(event.value) for event in events) / len(events)),
        "partitions": stock_run.PARTITIONS,
        "workers": 1,
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
