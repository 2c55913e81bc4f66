"""What commands that send share: a file's content, the question whether to send, and the sending.

Of `import` and `imports undo` also the manifest as read, what settles objects, and how a run is sent.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import say
from pipeline.config.settings import Settings, SetupError
from pipeline.importing.listing import listed

if TYPE_CHECKING:
    from rich.progress import Progress

    from pipeline.importing.declared import Declared
    from pipeline.importing.journal import Journal
    from pipeline.importing.manifest import Run
    from pipeline.importing.taking_back import Plan
    from pipeline.importing.verdicts import Memory

STEP = 50
"""A progress bar is drawn once for so many rows or events."""
BACKLOG = 2000
"""So many events a worker takes in within some tenths of a second."""
Backlog = Annotated[
    int,
    typer.Option(min=0, help="Backpressure: pause while more events than this wait in the pipeline; 0 never pauses."),
]
Force = Annotated[bool, typer.Option("--force", help="Take back what others told too.")]


def _no_plan() -> "Plan":
    from pipeline.importing.taking_back import Plan

    return Plan()


@dataclass
class Done:
    """A run, what it does to settle objects, and what was sent of it."""

    run: "Run"
    plan: "Plan" = field(default_factory=_no_plan)
    subjects: list[str] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    """The events that settle objects, by type."""
    sent: "Counter[str]" = field(default_factory=Counter)

    def values(self, journal: "Journal") -> Iterable[bytes]:
        """The events that settle objects."""
        from pipeline.importing.taking_back import settling_events, unfinished_events

        return chain(unfinished_events(journal, self.run), settling_events(journal, self.run, self.subjects))

    @property
    def left(self) -> int:
        """How many objects stay as they are."""
        return len(self.plan.shared) + len(self.plan.forgotten)

    def lines(self, *, dry_run: bool) -> Iterator[str]:
        """What was done, or would be, a line each."""
        from pipeline.views.wording import counted

        if not dry_run:
            yield f"run {self.run.id}"
        if self.run.takes_back:
            yield f"taken back: {', '.join(self.run.takes_back)}"
        for what, subjects in (("deleted", self.plan.deleted), ("corrected", self.plan.corrected)):
            if subjects:
                yield f"{counted(len(subjects), 'object')} {what} ({listed(subjects)})"

    def complaints(self) -> Iterator[str]:
        """What stays as it is, and who must act."""
        if shared := self.plan.shared:
            named = [f"{subject} by {' and '.join(sources)}" for subject, sources in shared.items()]
            told = f"{len(shared):,} ({listed(named)})"
            yield f"told by others too, and left as they are: {told}; --force takes them back"
        if forgotten := self.plan.forgotten:
            told = f"{len(forgotten):,} ({listed(forgotten)})"
            yield f"forgotten since, and not to be taken back: {told}; what they count stays"


def content_of(file: Path) -> bytes:
    """What a file holds, or standard input for `-`; SetupError where it cannot be read."""
    try:
        return typer.get_binary_stream("stdin").read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise SetupError(f"{file}: {error.strerror}") from None


def agreed(what: str) -> bool:
    """Ask whether to send so much. Without a terminal nobody agrees, and a line says which option does."""
    try:
        return bool(typer.confirm(f"send {what}?", err=True))
    except typer.Abort:
        say("no terminal to confirm; use --yes")
        return False


def send_events(settings: Settings, events: Iterable[dict[str, Any]]) -> None:
    """Send events, each acknowledged when this returns; SetupError where the broker does not take all of them."""
    from pipeline.sending.event import Outgoing
    from pipeline.sending.producer import accepting_producer

    with accepting_producer(settings) as producer:
        producer.send_all(map(Outgoing, events))


def memory_of(settings: Settings) -> "Memory":
    """How long the deployment remembers."""
    from pipeline.importing.verdicts import Memory

    return Memory(
        settings.activity_retention_days,
        settings.closed_deal_retention_days,
        settings.day_pane_days,
        settings.future_tolerance_seconds * 1000,
    )


@contextmanager
def opened_journal(settings: Settings) -> "Iterator[Journal]":
    """The manifest as it stands, in a folder that goes away."""
    from pipeline.importing.journal import Journal

    with TemporaryDirectory(prefix="salespulse-imports-") as folder, Journal(Path(folder)) as journal:
        read_journal(settings, journal)
        yield journal


def read_journal(settings: Settings, journal: "Journal") -> None:
    """Read the manifest to its end; SetupError where no broker answers."""
    from pipeline.importing.logs import records_of
    from pipeline.importing.manifest import TOPIC

    for record in records_of(settings, TOPIC):
        if record.key is not None:
            journal.take(record.key, record.value)


def settle(
    settings: Settings, journal: "Journal", run: "Run", known: "Declared | None", now_ms: int, *, force: bool
) -> Done:
    """Add to a run that the journal knows what it takes for the runs that hold to be all that counts."""
    from pipeline.importing.logs import records_of
    from pipeline.importing.others import others_of, topics_of
    from pipeline.importing.runs import concerned
    from pipeline.importing.taking_back import Forgotten, plan, settling_events

    def others(own: Mapping[str, set[str]]) -> Mapping[str, list[str]]:
        return others_of(records_of(settings, *topics_of(own)), own, run.source)

    subjects = concerned(journal, run)
    forgotten = Forgotten(memory_of(settings), known, now_ms)
    made = plan(journal, run, subjects, others, forgotten, force=force)
    kinds = Counter(_type_of(value) for value in settling_events(journal, run, subjects))
    return Done(run, made, subjects, dict(kinds))


def send(
    settings: Settings, journal: "Journal", done: Done, values: Iterable[bytes], backlog: int, bar: "Progress"
) -> "Counter[str]":
    """Send a run; SetupError where the broker does not take all of it."""
    from pipeline.clock import pause
    from pipeline.importing.pacing import Pacing
    from pipeline.importing.run import send_run
    from pipeline.sending.producer import accepting_producer
    from pipeline.topics.lag import Lag

    total = done.sent.total()
    task = bar.add_task("sending", total=total, state="")

    def wait(behind: int) -> None:
        bar.update(task, state=f"waiting for the pipeline: {behind:,} events behind")

    def draw(number: int) -> None:
        if number % STEP == 0 or number == total:
            bar.update(task, completed=number, state=f"{number:,} events")

    with accepting_producer(settings) as producer, Lag(settings) as lag:
        pacing = Pacing(backlog, lag.events, pause, wait, _say_stalled)
        return send_run(done.run, journal, values, producer, pacing, draw)


@contextmanager
def progress_bars() -> "Iterator[Progress]":
    """Progress bars on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %  {task.fields[state]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    ) as bar:
        yield bar


def _say_stalled(behind: int) -> None:
    say(
        f"no worker has acknowledged anything for 10 s, and {behind:,} events wait: start salespulse worker, "
        "or send without waiting with --backlog 0"
    )


def _type_of(value: bytes) -> str:
    return str(json.loads(value)["type"])
