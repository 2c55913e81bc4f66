"""`salespulse import`: an export of a CRM or a call centre, read through a field map."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Annotated

import typer

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
)
from pipeline.config.settings import SetupError

if TYPE_CHECKING:
    from pipeline.importing.events import Refused
    from pipeline.importing.rows import Rows
    from pipeline.importing.run import Outcome
    from pipeline.sending.event import Outgoing


def import_(
    file: Annotated[Path, typer.Argument(help="Export file: CSV, or JSON Lines (.jsonl, .ndjson, .json).")],
    field_map: Annotated[Path, typer.Option("--map", help="Field map in TOML; see docs/import.md.")],
    backlog: Annotated[
        int,
        typer.Option(
            min=0, help="Backpressure: pause while more events than this wait in the pipeline; 0 never pauses."
        ),
    ] = 5000,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and validate everything; send nothing.")] = False,
    as_json: Json = False,
    brokers: Brokers = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
    shuffle: Annotated[int | None, typer.Option(hidden=True, help="Send in random order, with this seed.")] = None,
    duplicates: Annotated[
        float, typer.Option(hidden=True, min=0, max=1, help="Send this share of events twice.")
    ] = 0.0,
) -> None:
    """Import history, or teams and reps, from an export while live events flow. Exits with 1 if a row is refused."""
    from pipeline.clock import now_ms
    from pipeline.importing.events import events_of
    from pipeline.importing.field_map import read_field_map
    from pipeline.importing.rows import Rows, check_columns, read_lookups

    declared = read_field_map(field_map)
    rows = Rows(file, declared.delimiter)
    check_columns(declared, rows)
    made = events_of(declared, rows, read_lookups(declared, file.parent), now_ms())
    events = _disordered(made, shuffle, duplicates)
    settings = settings_of(settings_file, brokers=brokers, namespace=namespace)
    with _progress(rows) as (progress, waiting):
        if dry_run:
            outcome = _checked(events, progress)
        else:
            from pipeline.clock import pause
            from pipeline.importing.pacing import Pacing
            from pipeline.importing.run import run_import
            from pipeline.sending.producer import EventProducer, SendError
            from pipeline.topics.lag import Lag

            try:
                with EventProducer(settings) as producer, Lag(settings) as lag:
                    pacing = Pacing(backlog, lag.events, pause, waiting)
                    outcome = run_import(events, producer, pacing, progress)
            except SendError as error:
                raise SetupError(
                    f"SALESPULSE_BROKERS: {settings.brokers} did not accept all records: {error}"
                ) from None
    _report(file, outcome, as_json, dry_run)


def _disordered(
    events: "Iterable[Outgoing | Refused]", seed: int | None, share: float
) -> "Iterable[Outgoing | Refused]":
    """For tests: the same events in another order, some twice."""
    if seed is None and not share:
        return events
    random = Random(seed)
    all_events = list(events)
    all_events += random.sample(all_events, int(len(all_events) * share))
    if seed is not None:
        random.shuffle(all_events)
    return all_events


def _checked(events: "Iterable[Outgoing | Refused]", progress: "Callable[[Outcome], None]") -> "Outcome":
    """What an import would do."""
    from pipeline.importing.events import Refused
    from pipeline.importing.run import Outcome

    outcome = Outcome()
    for event in events:
        if isinstance(event, Refused):
            outcome.refuse(event)
        else:
            outcome.sent[str(event.event["type"])] += 1
            progress(outcome)
    return outcome


@contextmanager
def _progress(rows: "Rows") -> "Iterator[tuple[Callable[[Outcome], None], Callable[[int], None]]]":
    """A progress bar on standard error; what draws it after each event, and while the pipeline is waited for."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn(rows.path.name),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %  {task.fields[state]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    with bar:
        task = bar.add_task("", total=rows.total_bytes, state="")

        def draw(outcome: "Outcome") -> None:
            sent = outcome.sent.total()
            if sent % 50 == 0 or rows.read_bytes == rows.total_bytes:
                bar.update(task, completed=rows.read_bytes, state=f"{sent:,} events")

        def wait(behind: int) -> None:
            bar.update(task, state=f"waiting for the pipeline: {behind:,} events behind")

        yield draw, wait


def _report(file: Path, outcome: "Outcome", as_json: bool, dry_run: bool) -> None:
    done = "would be sent" if dry_run else "sent"
    if as_json:
        refusals = [{"row": refused.row, "reason": refused.reason} for refused in outcome.refusals]
        print_json({"sent": dict(sorted(outcome.sent.items())), "refused": outcome.refused, "refusals": refusals})
    else:
        for kind, count in sorted(outcome.sent.items()):
            typer.echo(f"{count:,} {kind} {done}")
        for refused in outcome.refusals:
            say(f"{file.name}: row {refused.row}: {refused.reason}")
        if outcome.refused > len(outcome.refusals):
            say(f"{file.name}: {outcome.refused - len(outcome.refusals):,} more rows refused")
    if outcome.refused:
        end(NONE_FOUND)
