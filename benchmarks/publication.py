"""How much is published: figures into Redis, bytes on the KPI topics, and the size and time of a Prometheus scrape."""

import time
from typing import Any

from benchmarks.deployment import Deployment
from benchmarks.repeated import spread
from benchmarks.scene import scene
from benchmarks.servers import servers
from benchmarks.sizes import Sizes
from benchmarks.words import say

REPS = (1_000, 10_000)
SCRAPES = 2


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
        scrapes = [_scraped(deployment) for _ in range(SCRAPES)]
    say(f"  {reps} reps: {figures / seconds:.0f} figures/s, scrape {scrapes[-1]}")
    return {
        "reps": reps,
        "redis_figures_per_s": round(figures / seconds),
        "kpi_topic_bytes_per_s": round(outcome.kpi_bytes / outcome.kpi_topic_seconds),
        "kpi_topic_records_per_s": round(outcome.kpi_records / outcome.kpi_topic_seconds),
        "kpi_topic_bytes_per_event": round(outcome.kpi_bytes / outcome.events),
        "scrape_bytes": scrapes[-1][0],
        "scrape_seconds": spread([seconds for _, seconds in scrapes], 3),
        "figures_checked": outcome.figures_checked,
    }


def _scraped(deployment: Deployment) -> tuple[int, float]:
    began = time.monotonic()
    size = len(deployment.scrape())
    return size, time.monotonic() - began
