"""How much is published: figures into Redis, bytes on the KPI topics, and what scrapes of teams and of reps take."""

import time
from typing import Any

from benchmarks.deployment import Deployment
from benchmarks.processes import core_seconds
from benchmarks.repeated import spread
from benchmarks.scene import scene
from benchmarks.servers import servers
from benchmarks.sizes import Sizes
from benchmarks.words import say
from pipeline.monitoring.shared_scrape import FRESH_SECONDS

REPS = (1_000, 10_000)
SCRAPES = 3
"""Of each path; the first one writes every line, those after it what changed."""
PATHS = {"teams": "/metrics", "reps": "/metrics/reps"}


def run(sizes: Sizes) -> dict[str, Any]:
    """The same number of events on two floors, with the reps shown to Prometheus."""
    return {"events": sizes.growth_events, "floors": [_floor(reps, sizes) for reps in REPS]}


def _floor(reps: int, sizes: Sizes) -> dict[str, Any]:
    given = scene(sizes.growth_events, seed=sizes.seed, reps=reps)
    with servers() as started, Deployment(started, prometheus_reps=True) as deployment:
        deployment.settle(given.organisation)
        before, began = deployment.counted("salespulse_figures_total", sink="redis"), time.monotonic()
        outcome = deployment.run(given, sizes.limit_seconds)
        seconds = time.monotonic() - began
        figures = deployment.counted("salespulse_figures_total", sink="redis") - before
        scrapes = {name: _scraped(deployment, path) for name, path in PATHS.items()}
    say(f"  {reps} reps: {figures / seconds:.0f} figures/s, scrapes {scrapes}")
    return {
        "reps": reps,
        "redis_figures_per_s": round(figures / seconds),
        "kpi_topic_bytes_per_s": round(outcome.kpi_bytes / outcome.kpi_topic_seconds),
        "kpi_topic_records_per_s": round(outcome.kpi_records / outcome.kpi_topic_seconds),
        "kpi_topic_bytes_per_event": round(outcome.kpi_bytes / outcome.events),
        "scrapes": scrapes,
        "figures_checked": outcome.figures_checked,
    }


def _scraped(deployment: Deployment, path: str) -> dict[str, Any]:
    """Of one path, with the worker's processor time: of whatever else it does meanwhile too."""
    taken = []
    for _ in range(SCRAPES):
        time.sleep(2 * FRESH_SECONDS)  # what is asked for sooner is the page of before
        before, began = core_seconds(deployment.workers), time.monotonic()
        size = len(deployment.scrape(path=path))
        taken.append((size, time.monotonic() - began, core_seconds(deployment.workers) - before))
    return {
        "bytes": taken[-1][0],
        "seconds": spread([seconds for _, seconds, _ in taken], 3),
        "first_core_seconds": round(taken[0][2], 3),
        "later_core_seconds": spread([core for _, _, core in taken[1:]], 3),
    }
