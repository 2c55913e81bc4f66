"""`salespulse audit`: every published figure beside the one recomputed from the logs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import (
    NONE_FOUND,
    Brokers,
    Json,
    Namespace,
    RedisUrl,
    SettingsFile,
    duration_seconds,
    end,
    print_json,
    say,
    settings_of,
    tell,
)
from pipeline.config.extras import require_extra
from pipeline.config.settings import SetupError

if TYPE_CHECKING:
    from pipeline.audit.report import Report

SHOWN_DIFFERENCES = 200
"""The table shows so many."""


def audit(
    scrape: Annotated[
        list[str] | None,
        typer.Option(
            help="Also compare a worker's metrics: http://host:9100/metrics or http://host:9100/metrics/reps."
        ),
    ] = None,
    patience: Annotated[
        float,
        typer.Option(
            parser=duration_seconds, metavar="DURATION", help="Maximum time to wait for the pipeline to go idle."
        ),
    ] = "30s",  # type: ignore[assignment]
    watch: Annotated[
        float | None,
        typer.Option(parser=duration_seconds, metavar="EVERY", help="Repeat at this interval until interrupted."),
    ] = None,
    metrics_file: Annotated[
        Path | None, typer.Option(help="Write the metrics of each result to this file, for a textfile collector.")
    ] = None,
    metrics_port: Annotated[
        int | None, typer.Option(min=1, max=65_535, help="Serve the metrics of the latest result on this port.")
    ] = None,
    as_json: Json = False,
    brokers: Brokers = None,
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Recompute every published figure from the logs, in SQL, and report differences.

    Safe to run while events flow: each figure is compared at its own cut. Once the pipeline is idle, the last event is
    checked too. Exits with 1 if anything differs. With --watch, an audit that cannot run (Kafka or Redis unavailable)
    is retried.
    """
    require_extra("audit", "audit", "duckdb", "DuckDB")
    from prometheus_client import CollectorRegistry

    from pipeline.audit.audit import Audit
    from pipeline.audit.quiescence import Quiescence
    from pipeline.audit.schedule import Results
    from pipeline.clock import elapsed_seconds, now_ms, pause

    settings = settings_of(settings_file, brokers=brokers, redis_url=redis_url, namespace=namespace)
    results = Results(settings.namespace, CollectorRegistry(), metrics_port, metrics_file)

    def once() -> "Report":
        began = elapsed_seconds()
        report = None
        try:
            report = Audit(settings, scrape or (), say if watch is None else _quietly).run(Quiescence(patience))
        finally:
            results.note(report, now_ms(), elapsed_seconds() - began)
        _print(report, as_json=as_json)
        return report

    try:
        if watch is None:
            if once().differences:
                end(NONE_FOUND)
            return
        while True:
            try:
                once()
            except SetupError as error:
                say(f"salespulse: {error}")
            pause(watch)
    except KeyboardInterrupt:
        return


def _quietly(_line: str) -> None:
    """What is being done is of no interest the hundredth time."""


def _print(report: "Report", *, as_json: bool) -> None:
    if as_json:
        print_json(report.record())
        return
    for line in (*report.reaches(), *report.notes):
        say(line)
    if report.differences:
        _print_table([difference.record() for difference in report.differences])
    compared = ", ".join(f"{numbers:,} in {where}" for where, numbers in report.numbers.items()) or "nothing"
    say(f"{'pipeline idle' if report.quiet else 'events flowing'}: compared {compared}")
    tell(f"differences: {len(report.differences)}")


def _print_table(rows: list[dict[str, Any]]) -> None:
    from rich.table import Table

    from pipeline.views.terminal import Terminal

    table = Table("Where", "Scope", "Window", "KPI", "Shown", "Expected")
    for row in rows[:SHOWN_DIFFERENCES]:
        kpi = row["kpi"] if row["path"] in ("", "value") else f"{row['kpi']} {row['path']}"
        cells = (row["where"], row["scope"], row["window"], kpi, _text(row["shown"]), _text(row["expected"]))
        table.add_row(*cells)
    Terminal().print(table)
    if len(rows) > SHOWN_DIFFERENCES:
        say(f"showing the first {SHOWN_DIFFERENCES} of {len(rows):,} differences; --json prints all")


def _text(value: float | str | None) -> str:
    if value is None:
        return "null"
    return value if isinstance(value, str) else f"{value:.12g}"
