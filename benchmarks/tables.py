"""The results as tables of the page, one for each block."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from benchmarks.sizes import NOMINAL

Block = dict[str, Any]
NAMES = {
    "whole_job": "Salespulse, whole job",
    "stock": "stock Faust",
    "kafka_streams": "Kafka Streams, RocksDB",
    "kafka_streams_memory": "Kafka Streams, in memory",
    "flink_heap": "Flink SQL, heap",
    "flink_rocksdb": "Flink SQL, RocksDB",
    "bytewax": "Bytewax",
    "kafka_streams_minutes": "Kafka Streams, windowed count",
}


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def number(value: float) -> str:
    """As people read it: three significant digits or all before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.3g}"


def spread(values: dict[str, float]) -> str:
    """A median with its bounds."""
    return f"{number(values['median'])} ({number(values['min'])} to {number(values['max'])})"


def sized(name: str, size: int) -> str:
    """A size, with the nominal one where it is smaller; a tenth of the events goes into warming up."""
    nominal = NOMINAL.get(name, 0)
    return f"{size:,} (nominal: {nominal:,})" if size < 0.9 * nominal else f"{size:,}"


def contest(block: Block) -> str:
    """Contenders of one race."""
    rows = [
        (
            NAMES[name],
            sized("events", found["events"]) if name == "whole_job" else number(found["events"]),
            spread(found["events_per_s"]),
            spread(found["core_microseconds_per_event"]),
            "" if name == "whole_job" else f"{block['ratios'][name]:,}",
            f"{found['void_runs']} of {found['void_runs'] + len(found['runs'])}",
        )
        for name, found in sorted(block.items(), key=lambda item: item[0] != "whole_job")
        if name in NAMES
    ]
    return table(("program", "events timed", "events/s", "core µs per event", "whole job ÷ this", "void runs"), rows)


def latency(block: Block) -> str:
    """Produce to Redis, at each rate."""
    rows = [
        (f"{rate['events_per_s']:,} events/s", *_percentiles(rate), f"{rate['core_share']:.0%}")
        for rate in block["rates"]
    ]
    return table(("load", "p50 ms", "p95 ms", "p99 ms", "worst ms", "calls seen", "core used"), rows)


def backlog(block: Block) -> str:
    """Live traffic alone and beside an import."""
    live = f"{block['live_events_per_s']} live events/s"
    beside = (
        f"{live}, {sized('import_events', block['imported_events'])} imported at {block['imported_events_per_s']:,}/s"
    )
    rows = [(f"{live} alone", *_percentiles(block["alone"])), (beside, *_percentiles(block["beside_the_import"]))]
    return table(("load", "p50 ms", "p95 ms", "p99 ms", "worst ms", "calls seen"), rows)


def recovery(block: Block) -> str:
    """One worker that was killed."""
    return _facts(
        ("objects remembered", sized("objects", block["objects"])),
        ("from the start of the process to ready, s", block["seconds_to_ready"]),
        ("of this, the longest take-over of a stage, s", block["longest_take_over_seconds"]),
        ("state log read, MiB", number(block["read_mib"])),
        ("peak memory after the restart, MiB", number(block["peak_memory_mib"])),
        ("memory per object, bytes (figures included)", number(block["memory_bytes_per_object"])),
        ("events taken in, MiB", number(block["event_mib"])),
        ("appended to the state logs, MiB", number(block["state_log_mib"])),
        ("state log bytes per byte of events", block["state_log_bytes_per_event_byte"]),
    )


def scale(block: Block) -> str:
    """Crews of workers."""
    rows = [
        (crew["workers"], crew["partitions"], number(crew["core_microseconds_per_event"])) for crew in block["crews"]
    ]
    return table(("workers", "partitions", "core µs per event"), rows)


def growth(block: Block) -> str:
    """Every property that grows."""
    rows = [
        (name, number(found["core_microseconds_per_event"]), number(found["kpi_records_per_event"]))
        for property_ in ("reps", "teams", "days", "hot_team")
        for name, found in block[property_].items()
    ]
    return table(("floor", "core µs per event", "KPI records per event"), rows)


def idle(block: Block) -> str:
    """At rest and at a low rate."""
    return _facts(
        ("nothing comes in", f"{block['idle_core_share']:.1%} of a core"),
        ("100 events/s", f"{block['core_share_at_100_events_per_s']:.1%} of a core"),
    )


def publication(block: Block) -> str:
    """What goes out."""
    head = ("reps", "figures/s into Redis", "KPI topic KiB/s", "KPI topic bytes per event")
    told, rows = _scrapes(block["floors"])
    out = [
        (
            number(floor["reps"]),
            number(floor["redis_figures_per_s"]),
            number(floor["kpi_topic_bytes_per_s"] / 1024),
            number(floor["kpi_topic_bytes_per_event"]),
            *row,
        )
        for floor, row in zip(block["floors"], rows, strict=True)
    ]
    return table((*head, *told), out)


def _scrapes(floors: Sequence[Block]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The columns of scrapes and their rows."""
    head = tuple(
        f"{name}: {column}" for name in floors[0]["scrapes"] for column in ("KiB", "core s at first", "core s later")
    )
    return head, [
        tuple(
            text
            for taken in floor["scrapes"].values()
            for text in (
                number(taken["bytes"] / 1024), f"{taken['first_core_seconds']:.2f}", spread(taken["later_core_seconds"])
            )
        )
        for floor in floors
    ]  # fmt: skip


def shares(block: Block) -> str:
    """Where the time goes."""
    return table(("part", "share of samples"), ((part, f"{share:.1%}") for part, share in block["shares"].items()))


def importing(block: Block) -> str:
    """How fast exports are checked."""
    rows = [
        (
            name,
            number(found["rows"]),
            number(found["events"]),
            number(found["rows_a_second"]),
            number(found["rows_a_core_second"]),
            number(found["events_a_second"]),
        )
        for name, found in block.items()
        if isinstance(found, dict) and "rows" in found
    ]
    return table(("export", "rows", "events", "rows a second", "rows a second of a core", "events a second"), rows)


def audit(block: Block) -> str:
    """What an audit takes."""
    return _facts(
        ("events, and objects", f"{number(block['events'])} and {number(block['objects'])}"),
        ("reading the logs", f"{number(block['read_seconds'])} s"),
        ("working out every cell and figure in SQL", f"{number(block['sql_seconds'])} s"),
        ("processor time", f"{number(block['core_seconds'])} s"),
        ("KPIs, and numbers of all figures", f"{number(block['kpis'])} and {number(block['numbers'])}"),
        (
            "memory of the process, and what its tables may take",
            f"{number(block['peak_memory_mib'])} and {number(block['memory_limit_mib'])} MiB",
        ),
        ("on disk", f"{number(block['on_disk_mib'])} MiB"),
    )


def standstill(block: Block) -> str:
    """How long figures stand still, beside the longest while nothing happens."""
    rows = [
        (f"{found['workers']} {name} workers restarted in turn", *_stillness(found["baseline"], found["restarts"]))
        for name, found in block["rolling_restart"].items()
    ] + [
        (f"the organisation's copy, {found['reps']:,} reps", *_stillness(found["baseline"], found["copy"]))
        for found in block["organisation_copy"].values()
    ]
    head = (
        "what happens",
        "longest s",
        "median over teams s",
        "before: longest s",
        "before: median s",
        "longest ÷ before",
    )
    return table(head, rows)


def boards(block: Block) -> str:
    """Memory of boards with years of days, and what it costs to read them back."""
    head = ("stage", "memory, MB", "to read it back, s of a core", "longest step, ms", "state log, MB")
    rows = [
        (
            name,
            number(found["memory_bytes"] / 1e6),
            number(found["core_seconds"]),
            number(found["longest_step_ms"]),
            number(found["state_log_bytes"] / 1e6),
        )
        for name, found in block["stages"].items()
    ]
    return table(head, [*rows, ("both", number(block["memory_bytes"] / 1e6), number(block["core_seconds"]), "", "")])


def history(block: Block) -> str:
    """What Redis takes of years, and what it costs to fill it once it is lost."""
    head = ("stage", "figures", "Redis, MB", "to fill it, s of a core", "of this, current windows, s of a core")
    rows = [
        (
            name,
            number(found["figures"]),
            number(found["redis_bytes"] / 1e6),
            number(found["core_seconds"]),
            number(found["current_core_seconds"]),
        )
        for name, found in (*block["stages"].items(), ("both", block))
    ]
    return table(head, rows)


def live_pace(block: Block) -> str:
    """What an event writes to the KPI topics at two paces."""
    paces = {"day": "20,000 events in eight hours", "burst": "50 events a second"}
    rows = [
        (
            text,
            number(found["kpi_records"]),
            number(found["kpi_bytes"] / 1e3),
            number(found["topic_bytes"] / 1e3),
            number(found["core_milliseconds"]),
        )
        for name, text in paces.items()
        for found in [block[name]]
    ]
    head = (
        f"{block['reps']} reps",
        "KPI records an event",
        "KB an event",
        "KB on the topic",
        "ms of a core, all stages",
    )
    return table(head, rows)


def backtest(block: Block) -> str:
    """What a backtest of each rule over some days takes."""
    rows = [(name, number(found["core_seconds"]), number(found["alerts"])) for name, found in block["rules"].items()]
    return table(("rule", "s of a core", "alerts"), rows)


def targets(block: Sequence[Block]) -> str:
    """What was to be reached, and what was."""
    rows = [
        (each["name"], each["before"], each["reached"], each["target"], "yes" if each["met"] else "no")
        for each in block
    ]
    return table(("figure", "before", "reached", "target", "met"), rows)


def readers(block: Block) -> str:
    """Ingestion beside readers that never pause, and without."""
    names = {"without": "nobody reads", "beside": f"{block['scrapers']} scrape loops, {block['streams']} streams"}
    rows = [
        (
            text,
            spread(block[name]["events_per_s"]),
            spread(block[name]["core_microseconds_per_event"]),
            spread(block[name]["board_core_share"]),
        )
        for name, text in names.items()
    ]
    ratios = (
        "ratio of the medians",
        f"{block['ratios']['events_per_s']}",
        f"{block['ratios']['events_per_core_second']}",
    )
    return table(("", "events/s", "worker: core µs per event", "board: share of a core"), [*rows, (*ratios, "")])


def run(results: Block) -> str:
    """What the figures were measured on and with."""
    machine, versions = results["machine"], results["versions"]
    return _facts(
        ("date", results["date"]),
        (
            "processor",
            f"{machine['processor']}, {machine['cores']} cores, of which the job had {machine['cores_of_the_job']}",
        ),
        ("memory", f"{machine['memory_gib']} GiB"),
        ("system", machine["system"]),
        ("load before the run", machine["load_average_1m"]),
        ("versions", ", ".join(f"{name} {version}" for name, version in versions.items())),
    )


TABLES: dict[str, Callable[[Block], str]] = {
    "throughput": contest,
    "flink_sql": contest,
    "insert_only": contest,
    "latency": latency,
    "backlog": backlog,
    "recovery": recovery,
    "scale": scale,
    "growth": growth,
    "idle": idle,
    "publication": publication,
    "shares": shares,
    "importing": importing,
    "audit": audit,
    "standstill": standstill,
    "boards": boards,
    "history": history,
    "live_pace": live_pace,
    "backtest": backtest,
    "readers": readers,
}
"""By the name of the block."""
PLOTTED = frozenset({"throughput", "flink_sql", "insert_only", "latency", "backlog", "scale", "growth", "shares"})
"""Blocks that have a plot beside their table."""


def _percentiles(found: Block) -> tuple[str, ...]:
    return (*(number(found[name]) for name in ("p50_ms", "p95_ms", "p99_ms", "max_ms")), number(found["samples"]))


def _stillness(before: Block, found: Block) -> tuple[str, ...]:
    names = ("longest_seconds", "median_seconds")
    return (
        *(number(found[name]) for name in names),
        *(number(before[name]) for name in names),
        number(found["longest_ratio"]),
    )


def _facts(*rows: tuple[str, object]) -> str:
    return table(("what", "value"), rows)
