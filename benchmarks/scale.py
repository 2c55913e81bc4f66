"""What an event costs with more workers and more partitions; all workers share the one core that is measured."""

from typing import Any

from benchmarks.cost import brief, cost
from benchmarks.scene import scene
from benchmarks.sizes import Sizes

CREWS = ((1, 4), (2, 4), (4, 4), (4, 16))
"""Workers and partitions."""


def run(sizes: Sizes) -> dict[str, Any]:
    """The same events for each crew."""
    given = scene(sizes.growth_events, seed=sizes.seed)
    crews = []
    for workers, partitions in CREWS:
        outcome = cost(given, sizes.limit_seconds, workers=workers, partitions=partitions)
        named = brief(f"{workers} workers on {partitions} partitions", outcome)
        crews.append({"workers": workers, "partitions": partitions, **named})
    return {"events": sizes.growth_events, "crews": crews}
