"""What was to be reached and what is, worked out from the files of results."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from benchmarks.tables import Block, number

Read = Callable[[Block], float]


class Target(NamedTuple):
    """One figure: what it was, what it is to be, where it stands, and how it is written.

    `of` reads it from all results; where a run was not made it raises KeyError or StopIteration, and the figure is left
    out. Less is better unless `more` is better.
    """

    name: str
    before: str
    target: float
    of: Read
    unit: str = ""
    more: bool = False
    scale: float = 1


def targets(results: Block) -> list[dict[str, Any]]:
    """Name, before, reached, target and whether it is met, of each figure that was measured."""
    return list(_reached(results))


def _reached(results: Block) -> Iterator[dict[str, Any]]:
    for each in TARGETS:
        try:
            value = each.of(results) / each.scale
        except (KeyError, StopIteration):
            continue
        yield {
            "name": each.name,
            "before": each.before,
            "reached": _written(value, each.unit),
            "target": _written(each.target, each.unit),
            "met": value >= each.target if each.more else value <= each.target,
        }


def _written(value: float, unit: str) -> str:
    return f"{number(value)} {unit}".strip()


def _at(*names: str) -> Read:
    """What stands there in the results, name by name."""

    def read(results: Block) -> float:
        found: Any = results
        for name in names:
            found = found[name]
        return float(found)

    return read


def _ratio(block: str, peer: str) -> Read:
    """Events a second of the whole job, over those of a peer in the same run."""
    ours, theirs = (_at(block, job, "events_per_s", "median") for job in ("whole_job", peer))
    return lambda results: ours(results) / theirs(results)


def _row(block: str, rows: str, key: str, value: int, *names: str) -> Read:
    """Of a block with rows, what stands in the row of that value."""

    def read(results: Block) -> float:
        return _at(*names)(next(row for row in results[block][rows] if row[key] == value))

    return read


def _latency(rate: int, name: str) -> Read:
    return _row("latency", "rates", "events_per_s", rate, name)


def _floor(reps: int) -> Read:
    return _at("growth", "reps", f"{reps} reps", "core_microseconds_per_event")


TARGETS = (
    Target(
        "whole job, 500 reps",
        "74 µs",
        30,
        _at("throughput", "whole_job", "core_microseconds_per_event", "median"),
        "µs",
    ),
    Target("against stock Faust", "9.9 to 15 x", 25, _ratio("throughput", "stock"), "x", more=True),
    Target("against Kafka Streams, RocksDB", "1.4 to 2 x", 3.5, _ratio("throughput", "kafka_streams"), "x", more=True),
    Target("against Flink SQL, heap", "0.76 x", 1.5, _ratio("flink_sql", "flink_heap"), "x", more=True),
    Target("p50 at 2,000/s", "178 ms", 60, _latency(2000, "p50_ms"), "ms"),
    Target("p99 at 2,000/s", "586 ms", 150, _latency(2000, "p99_ms"), "ms"),
    Target("p50 at 10,000/s", "975 ms", 120, _latency(10_000, "p50_ms"), "ms"),
    Target("p99 at 10,000/s", "1,860 ms", 350, _latency(10_000, "p99_ms"), "ms"),
    Target("silent after work, of a core", "5 to 9 %", 2, _at("idle", "idle_core_share"), "%", scale=0.01),
    Target("100 events/s, of a core", "24 to 37 %", 8, _at("idle", "core_share_at_100_events_per_s"), "%", scale=0.01),
    Target("5,000 reps, an event", "551 µs", 80, _floor(5000), "µs"),
    Target("50,000 reps, an event", "1,442 µs", 200, _floor(50_000), "µs"),
    Target(
        "scrape of 10,000 reps",
        "20 s",
        0.5,
        _row("publication", "floors", "reps", 10_000, "scrapes", "reps", "seconds", "median"),
        "s",
    ),
    Target("memory an object", "541 B", 300, _at("recovery", "memory_bytes_per_object"), "B"),
    Target("1,000,000 objects back", "6.0 s", 4, _at("recovery", "seconds_to_ready"), "s"),
    Target("boards of 500 reps with 800 days, memory", "1,280 MB", 350, _at("boards", "memory_bytes"), "MB", scale=1e6),
    Target(
        "boards of 500 reps with 800 days, read back",
        "5.9 s of a core",
        2,
        _at("boards", "core_seconds"),
        "s of a core",
    ),
    Target("Redis of 500 reps with 800 days", "3 GB", 400, _at("history", "redis_bytes"), "MB", scale=1e6),
    Target("a lost Redis refilled", "2 to 9 min", 60, _at("history", "core_seconds"), "s of a core"),
    Target("of this, current windows", "not measured", 5, _at("history", "current_core_seconds"), "s of a core"),
    Target("KPI topics at live pace, an event", "50 KB", 10, _at("live_pace", "day", "topic_bytes"), "KB", scale=1e3),
    Target("backtest of 30 days of 200 reps", "not measured", 60, _at("backtest", "most_core_seconds"), "s of a core"),
    Target("1,000,000 objects audited", "not measured", 600, _at("audit", "core_seconds"), "s of a core"),
    Target("import beside live traffic", "1,490/s", 8000, _at("backlog", "imported_events_per_s"), "/s", more=True),
    Target("p99 of live traffic beside the import", "599 ms", 300, _at("backlog", "beside_the_import", "p99_ms"), "ms"),
)
