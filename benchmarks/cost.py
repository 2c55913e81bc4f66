"""What an event costs: one small whole job on servers of its own, with the processor time of all its workers."""

from typing import Any

from benchmarks.deployment import Deployment
from benchmarks.measure import Outcome
from benchmarks.scene import Scene, scene
from benchmarks.servers import servers
from benchmarks.sizes import Sizes
from benchmarks.words import say


def cost(given: Scene, limit_seconds: float, *, workers: int = 1, partitions: int = 4) -> Outcome:
    """Send the events to the waiting workers; checked like every run."""
    with servers() as started, Deployment(started, workers=workers, partitions=partitions) as deployment:
        return deployment.run(given, limit_seconds)


def costs(sizes: Sizes, variants: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The cost on floors that differ in one property; each with its own properties beside it."""
    found = {}
    for name, floor in variants.items():
        given = scene(sizes.growth_events, seed=sizes.seed, **floor)
        found[name] = {**floor, **brief(name, cost(given, sizes.limit_seconds))}
    return found


def brief(name: str, outcome: Outcome) -> dict[str, Any]:
    """What is kept of such a run."""
    say(f"  {name}: {outcome.core_microseconds_per_event:.0f} µs/event")
    return {
        "core_microseconds_per_event": round(outcome.core_microseconds_per_event, 1),
        "events_per_s": round(outcome.events_per_s),
        "kpi_records_per_event": round(outcome.kpi_records / outcome.events, 2),
        "figures_checked": outcome.figures_checked,
    }
