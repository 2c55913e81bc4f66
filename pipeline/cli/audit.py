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
)
from pipeline.settings import SetupError

if TYPE_CHECKING:
    from pipeline.audit.report import Report

SHOWN_DIFFERENCES = 200
"""The table shows so many."""


def audit(
    scrape: Annotated[
        list[str] | None, typer.Option(help="A worker's metrics, http://host:9100/metrics, to be compared as well.")
    ] = None,
    patience: Annotated[
        float, typer.Option(parser=duration_seconds, metavar="DURATION", help="Wait so long for rest at most.")
    ] = "30s",  # type: ignore[assignment]
    watch: Annotated[
        float | None, typer.Option(parser=duration_seconds, metavar="EVERY", help="Do it again so often, for ever.")
    ] = None,
    metrics_file: Annotated[
        Path | None, typer.Option(help="With each result, write its metrics here, for a textfile collector.")
    ] = None,
    metrics_port: Annotated[
        int | None, typer.Option(min=1, max=65_535, help="Serve the metrics of the last result on this port.")
    ] = None,
    as_json: Json = False,
    brokers: Brokers = None,
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Recompute every published figure from the logs, in SQL, and show where they differ.

    Events may flow meanwhile: each figure is compared at its own cut; at rest even the last event is checked. Ends with
    1 where anything differs. With --watch an audit that cannot run (Kafka or Redis do not answer) is tried again.
    """
    from prometheus_client import CollectorRegistry

    from pipeline.audit.audit import Audit
    from pipeline.audit.rest import Rest
    from pipeline.audit.schedule import Results
    from pipeline.clock import elapsed_seconds, now_ms, pause

    settings = settings_of(settings_file, brokers=brokers, redis_url=redis_url, namespace=namespace)
    results = Results(settings.namespace, CollectorRegistry(), metrics_port, metrics_file)

    def once() -> "Report":
        began = elapsed_seconds()
        report = None
        try:
            report = Audit(settings, scrape or (), say if watch is None else _quietly).run(Rest(patience))
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
    for note in report.notes:
        say(note)
    if report.differences:
        _print_table([difference.record() for difference in report.differences])
    compared = ", ".join(f"{numbers:,} of {where}" for where, numbers in report.numbers.items()) or "nothing"
    say(f"{'at rest' if report.quiet else 'while events flow'}: compared {compared}")
    typer.echo(f"differences: {len(report.differences)}")


def _print_table(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("Where", "Scope", "Window", "KPI", "Shown", "Expected")
    for row in rows[:SHOWN_DIFFERENCES]:
        kpi = row["kpi"] if row["path"] in ("", "value") else f"{row['kpi']} {row['path']}"
        table.add_row(row["where"], row["scope"], row["window"], kpi, _text(row["shown"]), _text(row["expected"]))
    Console().print(table)
    if len(rows) > SHOWN_DIFFERENCES:
        say(f"the first {SHOWN_DIFFERENCES} of {len(rows):,} differences are shown; --json gives all")


def _text(value: float | str | None) -> str:
    if value is None:
        return "null"
    return value if isinstance(value, str) else f"{value:.12g}"
