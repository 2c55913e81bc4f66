"""All that can be measured, by name: each gives one block of the results."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from benchmarks.sizes import Sizes

Point = Callable[[Sizes], dict[str, Any]]

POINTS = (
    "throughput", "latency", "backlog", "recovery", "scale", "growth", "idle", "publication", "shares", "importing",
    "audit", "standstill", "boards", "history", "live_pace", "backtest", "readers",
)  # fmt: skip
"""Of `make bench`, in their order."""
PEERS = ("flink_sql", "insert_only")
"""Of `make bench-peers`."""


def point(name: str) -> Point:
    """What measures it; imported only then."""
    run: Point = import_module(f"benchmarks.{name}").run
    return run
