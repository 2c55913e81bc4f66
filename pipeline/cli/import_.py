"""`salespulse import`: exports of a CRM or a call centre, read through a field map; checked as a whole, then sent."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.exports import opened, readable
from pipeline.cli.options import (
    NONE_FOUND,
    Brokers,
    Json,
    Namespace,
    SettingsFile,
    end,
    print_json,
    say,
    settings_of,
    tell,
)
from pipeline.cli.sending import (
    BACKLOG,
    STEP,
    Backlog,
    Done,
    Force,
    memory_of,
    progress_bars,
    read_journal,
    send,
    settle,
)
from pipeline.config.settings import Settings, SetupError

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from pipeline.importing.checking import Summary
    from pipeline.importing.declared import Declared
    from pipeline.importing.rows import Rows


def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Export files or folders, or - for standard input: CSV, JSON, XLSX, ODS, Parquet; also packed"
        ),
    ],
    field_map: Annotated[Path, typer.Option("--map", help="Field map in TOML; see docs/import.md.")],
    partial: Annotated[
        bool,
        typer.Option("--partial", help="Send what is clear even if something else is not; by default all or nothing."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check everything; send nothing.")] = False,
    show: Annotated[int, typer.Option(min=0, help="Print so many rows with the events they become.")] = 0,
    backlog: Backlog = BACKLOG,
    as_json: Json = False,
    replaces: Annotated[
        str | None,
        typer.Option("--replace", help="Take back what an earlier import told: its id, or source for all of this one."),
    ] = None,
    force: Force = False,
    brokers: Brokers = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
    shuffle: Annotated[int | None, typer.Option(hidden=True, help="Send in random order, with this seed.")] = None,
    duplicates: Annotated[
        float, typer.Option(hidden=True, min=0, max=1, help="Send this share of events twice.")
    ] = 0.0,
) -> None:
    """Import history, or teams and reps, from exports while live events flow: all of it, or nothing.

    Exits with 0 only if everything is right, with 1 if something is refused or stands out, with 2 for a wrong map.
    """
    from pipeline.clock import now_ms
    from pipeline.importing.checking import Check
    from pipeline.importing.field_map import read_field_map
    from pipeline.importing.journal import Journal
    from pipeline.importing.runs import export_digest, import_run, record_rows, told_before
    from pipeline.importing.spool import Spool

    declared = read_field_map(field_map)
    settings = settings_of(settings_file, brokers=brokers, namespace=namespace)
    with (
        TemporaryDirectory(prefix="salespulse-import-") as folder,
        Spool(Path(folder)) as spool,
        Journal(Path(folder)) as journal,
        progress_bars() as bar,
    ):
        paths = readable(files, Path(folder))
        rows, lookups = opened(paths, declared, field_map, Path(folder))
        known = _known(settings, needed=not dry_run)
        if known is not None:
            read_journal(settings, journal)
        names = [str(file) for file in files]
        run = import_run(journal, declared.source, export_digest([field_map, *paths]), names, now_ms(), replaces)
        before = told_before(journal, run)
        check = Check(declared, memory_of(settings), spool, run.ingested_ms, show, before)
        summary = check.read(rows, lookups, known, _drawn(bar, "checking", rows))
        check.refuse(rows.missing())
        bar.update(bar.task_ids[0], completed=rows.total_bytes, state=f"{summary.rows:,} rows")
        done = Done(run)
        if partial:
            check.leave_out_forgotten()
        if summary.sendable or partial:
            run = record_rows(journal, run, spool, summary.rows, summary.events.total())
            done = settle(settings, journal, run, known, now_ms(), force=force)
            done.sent = summary.events + Counter(done.kinds)
            if not dry_run:
                values = _disordered(spool.events(), shuffle, duplicates)
                done.sent = send(settings, journal, done, chain(values, done.values(journal)), backlog, bar)
    _report(summary, done, rows, as_json, dry_run)


def _known(settings: Settings, needed: bool) -> "Declared | None":
    """The organisation of the deployment; a dry run does without."""
    from pipeline.importing.declared import declared_in

    try:
        return declared_in(settings)
    except SetupError as error:
        if needed:
            raise
        say(f"not compared with the organisation of the deployment: {error}")
        return None


def _disordered(values: Iterator[bytes], seed: int | None, share: float) -> Iterator[bytes]:
    """For tests: the same events in another order, some twice."""
    if seed is None and not share:
        return values
    random = Random(seed)
    everything = list(values)
    everything += random.sample(everything, int(len(everything) * share))
    if seed is not None:
        random.shuffle(everything)
    return iter(everything)


def _drawn(bar: "Progress", what: str, rows: "Rows") -> "Callable[[int], None]":
    task: TaskID = bar.add_task(what, total=rows.total_bytes, state="")

    def draw(number: int) -> None:
        if number % STEP == 0:
            bar.update(task, completed=rows.read_bytes, state=f"{number:,} rows")

    return draw


def _report(summary: "Summary", done: "Done", rows: "Rows", as_json: bool, dry_run: bool) -> None:
    from pipeline.importing.summaries import complaints_of, json_of, lines_of, shown_of

    sent = done.sent
    if as_json:
        print_json({"run": done.run.id, **json_of(summary, sent), "settled": done.plan.as_json()})
    else:
        for shown in shown_of(summary):
            print_json(shown)
        for line in lines_of(summary):
            tell(line)
        for kind, count in sorted(sent.items()):
            tell(f"{count:,} {kind} {'would be sent' if dry_run else 'sent'}")
        for line in done.lines(dry_run=dry_run) if sent else ():
            tell(line)
    for line in chain(complaints_of(summary), done.complaints()):
        say(line)
    if rows.passed_over:
        say(f"note: {rows.passed_over:,} rows from the footer on are passed over")
    if not sent:
        say("nothing would be sent" if dry_run else "nothing was sent")
    if not summary.right or done.left:
        end(NONE_FOUND)
