"""`salespulse reconcile`: an export against the pipeline: months first, then every object, and what corrects them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.exports import opened, readable
from pipeline.cli.options import (
    NONE_FOUND,
    Brokers,
    Json,
    Namespace,
    RedisUrl,
    SettingsFile,
    duration_seconds,
    end,
    live_figures,
    print_json,
    print_table,
    say,
    settings_of,
    tell,
)
from pipeline.cli.sending import BACKLOG, Backlog, Done, memory_of, progress_bars, read_journal, send
from pipeline.config.settings import Settings, SetupError
from pipeline.importing.listing import listed

if TYPE_CHECKING:
    from rich.progress import Progress

    from pipeline.importing.checking import Summary
    from pipeline.importing.journal import Journal
    from pipeline.importing.logged import Logged
    from pipeline.importing.manifest import Run
    from pipeline.importing.reconciled import Found
    from pipeline.importing.spool import Spool

SHOWN = 10
Totals = dict[str, dict[str, Any]]
"""By month and KPI: the export's and the pipeline's."""


def reconcile(
    files: Annotated[
        list[Path],
        typer.Argument(help="Export files or folders, or - for standard input: what is true now."),
    ],
    field_map: Annotated[Path, typer.Option("--map", help="Field map in TOML; see docs/import.md.")],
    apply: Annotated[bool, typer.Option("--apply", help="Send the events that correct what was found.")] = False,
    within: Annotated[
        float | None,
        typer.Option(parser=duration_seconds, metavar="DURATION", help="Instants so close are the same: 1d."),
    ] = None,
    backlog: Backlog = BACKLOG,
    as_json: Json = False,
    brokers: Brokers = None,
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Hold an export against the pipeline. Exits with 1 if anything differs that was not corrected."""
    from pipeline.clock import now_ms
    from pipeline.importing.checking import Check
    from pipeline.importing.declared import TOPIC, declared_by
    from pipeline.importing.field_map import read_field_map
    from pipeline.importing.journal import Journal
    from pipeline.importing.logged import Logged
    from pipeline.importing.logs import records_of, told_of
    from pipeline.importing.reconciled import Found
    from pipeline.importing.spool import Spool
    from pipeline.importing.verdicts import EVER

    declared = read_field_map(field_map)
    settings = settings_of(settings_file, brokers=brokers, redis_url=redis_url, namespace=namespace)
    at_ms = now_ms()
    found, totals, sent = Found(), Totals(), Counter[str]()
    with (
        TemporaryDirectory(prefix="salespulse-reconcile-") as folder,
        Spool(Path(folder)) as spool,
        Journal(Path(folder)) as journal,
        progress_bars() as bar,
    ):
        paths = readable(files, Path(folder))
        read_journal(settings, journal)
        # However old it is, everything is read: what is forgotten is told by comparing.
        told = list(told_of(records_of(settings, TOPIC)))
        check = Check(declared, EVER, spool, journal.next_ms(declared.source, at_ms))
        rows, lookups = opened(paths, declared, field_map, Path(folder))
        summary = check.read(rows, lookups, declared_by(told, settings.future_tolerance_seconds * 1000))
        check.refuse(rows.missing())
        if summary.sendable:
            totals = _totals(settings, told, spool, at_ms)
            with Logged(Path(folder), memory_of(settings), _made_ms(files, at_ms)) as logged:
                found = _found(settings, declared.source, spool, logged, within or 0.0, at_ms)
            if apply and found.events:
                run = _run(journal, declared.source, [field_map, *paths], found, at_ms)
                sent = _applied(settings, journal, run, found, backlog, bar)
    if not summary.sendable:
        _refuse(summary)
    _report(found, totals, sent, as_json=as_json)
    if found.count and not sent:
        end(NONE_FOUND)


def _made_ms(files: Sequence[Path], now_ms: int) -> int:
    """When an export was made, as far as its files say: they could not know what came later."""
    from pipeline.importing.files import is_there

    stamps = [int(file.stat().st_mtime * 1000) for file in files if is_there(file)]
    return max(stamps, default=now_ms)


def _refuse(summary: "Summary") -> None:
    from pipeline.importing.summaries import complaints_of

    for line in complaints_of(summary):
        say(line)
    say("nothing is compared")
    end(NONE_FOUND)


def _totals(settings: Settings, told: Sequence[tuple[bytes, int]], spool: "Spool", now_ms: int) -> Totals:
    """Month by month the export by the organisation of the deployment, beside the figures of the company."""
    from pipeline.importing.month_totals import COLUMNS, organisation_of, totals_of

    own = [(value, now_ms) for subject, values in spool.objects() for value in values if _is_of_org(subject)]
    organisation = organisation_of([*told, *own], settings.currency, now_ms)
    export = totals_of(((subject, values) for subject, values in spool.objects() if not _is_of_org(subject)),
                       organisation, now_ms)  # fmt: skip
    figures = _published(settings, list(export))
    return {
        month: {name: {"export": totals[name], "pipeline": figures.get(month, {}).get(name)} for name in COLUMNS}
        for month, totals in export.items()
    }


def _is_of_org(subject: str) -> bool:
    from pipeline.sending.event import domain_of

    return domain_of(subject.partition(":")[0]) == "org"


def _published(settings: Settings, months: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """The company's figures of some months, from Redis; nothing where none answers."""
    from pipeline.importing.month_totals import COLUMNS
    from pipeline.views.asked import asked

    if not months:
        return {}
    try:
        with live_figures(settings) as live:
            found = live.history("company", asked(None, "month", months[0], months[-1]))
    except SetupError as error:
        say(f"totals are not compared: {error}")
        return {}
    if found is None:
        return {}
    return {
        window.id.partition(":")[2]: {name: window.kpis.get(name, {}).get("value") for name in COLUMNS}
        for window in found[0].windows.values()
    }


def _found(settings: Settings, source: str, spool: "Spool", logged: "Logged", within: float, now_ms: int) -> "Found":
    from pipeline.importing.logs import records_of
    from pipeline.importing.others import topics_of
    from pipeline.importing.reconciled import ranges_of
    from pipeline.importing.reconciled import reconcile as compared

    kinds = logged.take_export(spool.objects())
    topics = topics_of(f"{kind}:x" for kind in kinds)
    logged.take_log(records_of(settings, *topics), kinds)
    ranges = ranges_of(logged.objects())
    return compared(logged.objects(), ranges, source, round(within * 1000), memory_of(settings), now_ms)


def _run(journal: "Journal", source: str, paths: Sequence[Path], found: "Found", now_ms: int) -> "Run":
    """The run that corrects; written into the journal with what it tells, so that it can be undone as any other."""
    from dataclasses import replace

    from pipeline.importing.manifest import Told, object_records
    from pipeline.importing.runs import export_digest, import_run

    files = [path.name for path in paths[1:]]
    run = import_run(journal, source, f"reconcile {export_digest(paths)}", files, now_ms, None)
    events = sum(map(len, found.events.values()))
    run = replace(run, objects=run.objects + len(found.events), events=run.events + events)
    journal.add(run, ())
    for subject, made in found.events.items():
        before = journal.told(run.id, subject)
        journal.add(run, object_records(run, subject, Told([*before.rows, *made], before.settling)))
    return run


def _applied(
    settings: Settings, journal: "Journal", run: "Run", found: "Found", backlog: int, bar: "Progress"
) -> "Counter[str]":
    """Send everything that the run told, also before it was broken off."""
    from pipeline.importing.taking_back import row_events

    done = Done(run, subjects=list(journal.subjects([run.id])))
    done.sent.update({"events": sum(map(len, found.events.values()))})
    return send(settings, journal, done, row_events(journal, run, done.subjects), backlog, bar)


def _report(found: "Found", totals: Totals, sent: "Counter[str]", *, as_json: bool) -> None:
    if as_json:
        print_json({"totals": totals, **found.as_json(), "sent": dict(sorted(sent.items()))})
        return
    if totals:
        _print_totals(totals)
    tell(f"{found.compared:,} objects compared")
    done = "corrected" if sent else "found"
    changed = [f"{subject} ({', '.join(sorted({each.field for each in fields}))})"
               for subject, fields in found.changed.items()]  # fmt: skip
    for what, names in (
        (f"missed, {done}", found.missed),
        (f"told otherwise, {done}", changed),
        (f"not in the export any more, {done}", found.deleted),
        ("forgotten, and compared by totals only", found.forgotten),
    ):
        if names:
            tell(f"{what}: {len(names):,} ({listed(names, SHOWN)})")
    for kind, count in sorted(sent.items()):
        tell(f"{count:,} {kind} sent")
    if found.count and not sent:
        say("nothing was sent; --apply corrects what was found")


def _print_totals(totals: Totals) -> None:
    from rich.table import Table

    names = list(next(iter(totals.values())))
    table = Table("Month", *(f"{name}\nexport / pipeline" for name in names))
    for month, told in totals.items():
        table.add_row(month, *(_cell(told[name]["export"], told[name]["pipeline"]) for name in names))
    print_table(table, 140)


def _cell(export: int, pipeline: Any) -> str:
    if pipeline is None:
        return f"{export:,} / –"
    return f"{export:,}" if export == pipeline else f"{export:,} / {pipeline:,}"
