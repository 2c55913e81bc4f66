"""The results as plots of the page; needs matplotlib, which only the page needs."""

from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt

from benchmarks.tables import NAMES, Block

WIDTH, HEIGHT = 7.0, 3.0
COLOUR, SECOND, THIRD = "#2f6f9f", "#d98032", "#8a8a8a"


def contest(block: Block) -> None:
    """Events per second of each contender, with the spread."""
    names = [name for name in NAMES if name in block]
    rates = [block[name]["events_per_s"] for name in names]
    middle = [rate["median"] for rate in rates]
    bounds = [[rate["median"] - rate["min"] for rate in rates], [rate["max"] - rate["median"] for rate in rates]]
    colours = [COLOUR if name == "whole_job" else THIRD for name in names]
    plt.barh([NAMES[name] for name in names], middle, xerr=bounds, color=colours, capsize=3)
    plt.gca().invert_yaxis()
    plt.xlabel("events/s on one core: median, least and greatest")


def latency(block: Block) -> None:
    """Percentiles at each rate."""
    _percentiles({f"{rate['events_per_s']:,} events/s": rate for rate in block["rates"]})


def backlog(block: Block) -> None:
    """Percentiles alone and beside an import."""
    _percentiles({"live alone": block["alone"], "beside the import": block["beside_the_import"]})


def scale(block: Block) -> None:
    """Cost for each crew."""
    names = [f"{crew['workers']} on {crew['partitions']}" for crew in block["crews"]]
    plt.bar(names, [crew["core_microseconds_per_event"] for crew in block["crews"]], color=COLOUR)
    plt.xlabel("workers on partitions")
    plt.ylabel("core µs per event")


def growth(block: Block) -> None:
    """Cost for each floor."""
    names, values, colours = [], [], []
    for colour, property_ in zip((COLOUR, SECOND, THIRD, COLOUR), ("reps", "teams", "days", "hot_team"), strict=True):
        for name, found in block[property_].items():
            names.append(name if property_ != "hot_team" else f"hot team: {name}")
            values.append(found["core_microseconds_per_event"])
            colours.append(colour)
    plt.barh(names, values, color=colours)
    plt.gca().invert_yaxis()
    plt.xlabel("core µs per event")


def shares(block: Block) -> None:
    """Where the time goes."""
    found = block["shares"]
    plt.barh(list(found), [100 * share for share in found.values()], color=COLOUR)
    plt.gca().invert_yaxis()
    plt.xlabel("% of the samples")


PLOTS: dict[str, Callable[[Block], None]] = {
    "throughput": contest,
    "flink_sql": contest,
    "insert_only": contest,
    "latency": latency,
    "backlog": backlog,
    "scale": scale,
    "growth": growth,
    "shares": shares,
}
"""By the name of the block."""


def draw(name: str, block: Block, folder: Path) -> None:
    """Draw a block into a file of its name, the same bytes for the same block."""
    with mpl.rc_context({"svg.hashsalt": name, "svg.fonttype": "none", "font.size": 9}):
        plt.figure(figsize=(WIDTH, HEIGHT), layout="constrained")
        PLOTS[name](block)
        plt.gca().spines[["top", "right"]].set_visible(False)
        plt.savefig(folder / f"{name}.svg", metadata={"Date": None})
        plt.close()


def _percentiles(found: dict[str, Block]) -> None:
    kinds = (("p50_ms", COLOUR), ("p95_ms", SECOND), ("p99_ms", THIRD))
    for n, (kind, colour) in enumerate(kinds):
        at = [place + (n - 1) * 0.25 for place in range(len(found))]
        plt.bar(at, [block[kind] for block in found.values()], 0.25, label=kind.removesuffix("_ms"), color=colour)
    plt.xticks(range(len(found)), list(found))
    plt.ylabel("ms from produce to Redis")
    plt.legend(frameon=False)
