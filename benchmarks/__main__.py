"""`python -m benchmarks [POINT …]`: measures all points of `make bench`, or some, and prints the results as JSON."""

import argparse
import json
import signal
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.machine import machine, versions
from benchmarks.measure import VoidError
from benchmarks.points import PEERS, POINTS, point
from benchmarks.servers import servers
from benchmarks.sizes import Sizes, add_options, sizes_of
from benchmarks.targets import targets
from benchmarks.words import say

VOID = 1


def main() -> int:
    """Measure, and write after each point; gives the exit code: 1 when a point was void, which is then left out."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the servers are stopped
    results = _others(options) | _beginning()
    void = [
        name for name in options.points or POINTS if not _measured(name, results, sizes_of(options), options.results)
    ]
    print(json.dumps(results, indent=2))
    return VOID if void else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "points", nargs="*", metavar="POINT", choices=[*POINTS, *PEERS, []], help=", ".join(POINTS + PEERS)
    )
    parser.add_argument(
        "--results", type=Path, help="the file to write them to; of points that are named, into those that it holds"
    )
    add_options(parser)
    return parser.parse_args()


def _others(options: argparse.Namespace) -> dict[str, Any]:
    """The results that stand in the file and are not measured now: of points that are named, all others."""
    if not options.points or options.results is None or not options.results.exists():
        return {}
    return {
        name: value for name, value in json.loads(options.results.read_text()).items() if name not in options.points
    }


def _beginning() -> dict[str, Any]:
    with servers() as started:
        return {"date": _now(), "machine": machine(started.job_core), "versions": versions(started)}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _measured(name: str, results: dict[str, Any], sizes: Sizes, file: Path | None) -> bool:
    """Whether the point's figures were right; then its block is among the results."""
    say(name)
    began = time.monotonic()
    try:
        block = point(name)(sizes)
    except VoidError as error:
        say(f"{name} is void: {error}")
        return False
    except Exception:  # what fails here shall not cost the points that were measured, or are still to be
        say(f"{name} failed: {traceback.format_exc()}")
        return False
    took = {"date": _now(), "took_seconds": round(time.monotonic() - began), "sizes": sizes._asdict()}
    results[name] = block | took
    if name == "throughput":
        results |= _headline(block)
    results["targets"] = targets(results)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(results, indent=2) + "\n")
    return True


def _headline(block: dict[str, Any]) -> dict[str, Any]:
    return {
        "whole_job_events_per_s": round(block["whole_job"]["events_per_s"]["median"]),
        "stock_faust_events_per_s": round(block["stock"]["events_per_s"]["median"]),
        "ratio": block["ratios"]["stock"],
    }


if __name__ == "__main__":
    raise SystemExit(main())
