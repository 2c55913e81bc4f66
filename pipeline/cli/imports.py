"""`salespulse imports`: which imports there were, what they told, and taking one back."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import (
    NONE_FOUND,
    Brokers,
    Json,
    Namespace,
    SettingsFile,
    end,
    print_json,
    print_table,
    say,
    settings_of,
    tell,
)
from pipeline.cli.sending import BACKLOG, Backlog, Force, opened_journal, progress_bars, send, settle

if TYPE_CHECKING:
    from pipeline.importing.journal import Journal
    from pipeline.importing.manifest import Run

imports = typer.Typer(help="List, show and undo imports.", no_args_is_help=True)
AnId = Annotated[str, typer.Argument(metavar="ID", help="The id of an import, as imports list shows it.")]


@imports.command(name="list")
def list_(
    as_json: Json = False,
    brokers: Brokers = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """List imports and what was undone, the latest first. Exits with 1 if there are none."""
    settings = settings_of(settings_file, brokers=brokers, namespace=namespace)
    with opened_journal(settings) as journal:
        rows = [_row(journal, run) for run in sorted(journal.runs.values(), key=lambda run: -run.ingested_ms)]
    if as_json:
        print_json(rows)
    elif rows:
        _print_table(rows)
    else:
        say("nothing was imported yet")
    if not rows:
        end(NONE_FOUND)


@imports.command()
def show(
    which: AnId,
    as_json: Json = False,
    brokers: Brokers = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Show one import, and each object it told, with the digest of what it told. Exits with 1 if it is not found."""
    from pipeline.importing.manifest import content_hash

    settings = settings_of(settings_file, brokers=brokers, namespace=namespace)
    with opened_journal(settings) as journal:
        run = journal.runs.get(which)
        if run is None:
            say(f"there is no import {which}")
            end(NONE_FOUND)
        told = ((subject, journal.told(which, subject)) for subject in journal.subjects([which]))
        objects = [
            {"object": subject, "hash": content_hash(said.rows), "events": len(said.rows),
             "settling": len(said.settling)}
            for subject, said in told
        ]  # fmt: skip
        row = _row(journal, run)
    if as_json:
        print_json({**row, "told": objects})
        return
    for name, value in row.items():
        tell(f"{name}: {', '.join(value) if isinstance(value, list) else value}")
    for each in objects:
        tell(f"{each['object']}  {each['hash']}  {each['events']} events, {each['settling']} to settle it")


@imports.command()
def undo(
    which: AnId,
    force: Force = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be undone; send nothing.")] = False,
    backlog: Backlog = BACKLOG,
    as_json: Json = False,
    brokers: Brokers = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Take back what an import told: what it alone told is deleted, the rest is as earlier imports told it.

    Exits with 1 if something is left as it is.
    """
    from pipeline.clock import now_ms
    from pipeline.importing.declared import declared_in
    from pipeline.importing.runs import undo_run

    settings = settings_of(settings_file, brokers=brokers, namespace=namespace)
    with opened_journal(settings) as journal, progress_bars() as bar:
        run = undo_run(journal, which, now_ms())
        journal.add(run, ())
        done = settle(settings, journal, run, declared_in(settings), now_ms(), force=force)
        done.sent.update(done.kinds)
        if not dry_run:
            done.sent = send(settings, journal, done, done.values(journal), backlog, bar)
    if as_json:
        print_json({"run": run.id, "undone": which, "sent": dict(sorted(done.sent.items())), **done.plan.as_json()})
    else:
        for kind, count in sorted(done.sent.items()):
            tell(f"{count:,} {kind} {'would be sent' if dry_run else 'sent'}")
        for line in done.lines(dry_run=dry_run):
            tell(line)
    for line in done.complaints():
        say(line)
    if done.left:
        end(NONE_FOUND)


def _row(journal: "Journal", run: "Run") -> dict[str, Any]:
    """A run for a script."""
    from pipeline.importing.manifest import IMPORT, standing
    from schemas.events import iso

    held = run.id in standing(journal.of_source(run.source))
    state = "broken off" if run.state != "done" else "holds" if held else "taken back" if run.verb == IMPORT else "done"
    return {
        "run": run.id, "at": iso(run.ingested_ms), "what": run.verb, "source": run.source, "state": state,
        "takes_back": list(run.takes_back), "rows": run.rows, "objects": run.objects, "events": run.events,
        "files": list(run.files),
    }  # fmt: skip


def _print_table(rows: list[dict[str, Any]]) -> None:
    from rich.table import Table

    table = Table("Run", "At", "What", "Source", "State", "Takes back", "Rows", "Objects", "Files")
    table.columns[0].no_wrap = True
    for row in rows:
        cells = (row["run"], row["at"], row["what"], row["source"], row["state"], ", ".join(row["takes_back"]))
        table.add_row(*cells, f"{row['rows']:,}", f"{row['objects']:,}", ", ".join(row["files"]))
    print_table(table, 160)
