"""Live latency beside an import of history: the import waits for the pipeline, so live traffic does not wait for it."""

import csv
import json
import sys
import time
from pathlib import Path
from typing import Any

import redis

from benchmarks.deployment import NAMESPACE, Deployment
from benchmarks.events import CALLS_ONLY, Arrival, Floor, arrivals, organisation
from benchmarks.expected import expected
from benchmarks.latency import percentiles
from benchmarks.load import Feed, Live
from benchmarks.probes import Probes
from benchmarks.servers import Servers, servers
from benchmarks.sizes import Sizes
from benchmarks.words import say
from tests.servers.process import ServerProcess

LIVE_EVENTS_PER_SECOND = 500
DAYS = 28
DAY_MS = 86_400_000
COLUMNS = ("id", "time", "rep_id", "direction", "outcome", "started_at", "ended_at", "talk_seconds")
FIELD_MAP = """source = "history"
[[event]]
type = "telephony.call.changed"
subject = "call:{id}"
time = { column = "time", parse = "instant" }
[event.data]
state = "ended"
rep_id = { column = "rep_id" }
direction = { column = "direction" }
outcome = { column = "outcome" }
started_at = { column = "started_at", parse = "instant" }
ended_at = { column = "ended_at", parse = "instant" }
talk_seconds = { column = "talk_seconds", parse = "whole" }
"""


def run(sizes: Sizes) -> dict[str, Any]:
    """Latency at a steady load alone, then while the import runs; at the end history and live events must be right."""
    now_ms = int(time.time() * 1000)
    history = _history(sizes, now_ms)
    live_seconds = sizes.live_seconds + sizes.limit_seconds
    floor = Floor(LIVE_EVENTS_PER_SECOND * live_seconds, now_ms, sizes.seed, events_per_second=LIVE_EVENTS_PER_SECOND)
    coming = arrivals(floor)
    with servers() as started, redis.Redis.from_url(started.redis_url) as client, Deployment(started) as deployment:
        probes = Probes(started.brokers, client, floor.teams, sizes.seed)
        people = organisation(floor) + probes.organisation(floor)
        deployment.settle(people)
        with Live(Feed(started.brokers, NAMESPACE), coming, LIVE_EVENTS_PER_SECOND) as live:
            alone_until = time.monotonic() + sizes.live_seconds
            alone = probes.run(lambda: time.monotonic() < alone_until, sizes.limit_seconds)
            begun = time.monotonic()
            importing = _import(started, history)
            beside = probes.run(lambda: importing.running, sizes.limit_seconds)
            import_seconds = time.monotonic() - begun
            if importing.stop() != 0:
                raise AssertionError(f"the import failed: {importing.tail()}")
        wanted = expected(people, [*history, *coming[: live.sent], *probes.arrivals])
        checked = deployment.check(wanted, sizes.limit_seconds)
    say(f"  alone {percentiles(alone)}, beside the import {percentiles(beside)}")
    return {
        "imported_events": len(history),
        "import_seconds": round(import_seconds, 1),
        "imported_events_per_s": round(len(history) / import_seconds),
        "live_events_per_s": LIVE_EVENTS_PER_SECOND,
        "alone": percentiles(alone) | {"samples": len(alone)},
        "beside_the_import": percentiles(beside) | {"samples": len(beside)},
        "figures_checked": checked,
    }


def _history(sizes: Sizes, now_ms: int) -> list[Arrival]:
    """Calls of the past four weeks, up to the day before yesterday."""
    return arrivals(
        Floor(
            sizes.import_events,
            now_ms - 2 * DAY_MS,
            sizes.seed + 1,
            events_per_second=1,
            stretch=DAYS * 86_400 // sizes.import_events,
            update_share=0,
            duplicate_share=0,
            weights=CALLS_ONLY,
            prefix="history-",
        )
    )


def _import(started: Servers, history: list[Arrival]) -> ServerProcess:
    """`salespulse import` of these calls from a file, away from the job's core."""
    export, field_map = started.directory / "history.csv", started.directory / "history.toml"
    field_map.write_text(FIELD_MAP)
    _write(export, history)
    options = ["--map", str(field_map), "--brokers", started.brokers, "--namespace", NAMESPACE]
    command = [sys.executable, "-m", "pipeline.cli", "import", str(export), *options]
    importing = ServerProcess(command, started.directory / "import.log")
    importing.start(lambda: True)
    return importing


def _write(export: Path, history: list[Arrival]) -> None:
    with export.open("w", newline="") as file:
        rows = csv.DictWriter(file, COLUMNS)
        rows.writeheader()
        for arrival in history:
            event = json.loads(arrival.value)
            data = {name: event["data"][name] for name in COLUMNS[2:]}
            rows.writerow({"id": event["subject"].removeprefix("call:"), "time": event["time"], **data})
