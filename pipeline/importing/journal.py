"""The manifest of a source as it is read, in a temporary file, so that memory does not grow with objects."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.importing.manifest import Run, Told, read_run, read_told, source_of, standing
from pipeline.importing.scratch import Scratch
from pipeline.importing.settling import settle
from pipeline.importing.tellings import Telling

TABLES = """
CREATE TABLE told (subject TEXT, run TEXT, part INTEGER, source TEXT, value BLOB, PRIMARY KEY (subject, run, part))
    WITHOUT ROWID;
CREATE INDEX told_by ON told (run, subject);
"""


class Settled(NamedTuple):
    """What an object needs so that it stands as the runs that hold tell it."""

    subject: str
    told: list[Telling]
    """Everything its source ever told of it."""
    stays: bool
    """Whether any run that holds tells it."""
    events: list[Telling]


class Journal(Scratch):
    """All runs, and what they told."""

    def __init__(self, folder: Path) -> None:
        self.runs: dict[str, Run] = {}
        self._held: dict[str, set[str]] = {}
        """Of a source the runs that hold, until another run is known."""
        super().__init__(folder / "imports.sqlite", TABLES)

    def take(self, key: bytes, value: bytes | None) -> None:
        """Take in a record of the topic; of one key the last one holds."""
        run, bar, rest = key.decode().partition("|")
        if not bar:
            if value:
                self._know(read_run(value))
            return
        subject, _, part = rest.rpartition("|")
        if value:
            self._keep(key, value, source_of(value))
        else:
            self._database.execute(
                "DELETE FROM told WHERE subject = ? AND run = ? AND part = ?", (subject, run, int(part))
            )

    def add(self, run: Run, records: Iterable[tuple[bytes, bytes]]) -> None:
        """What a run is about to tell of an object."""
        self._know(run)
        for key, value in records:
            self._keep(key, value, run.source)

    def of_source(self, source: str) -> list[Run]:
        """The runs of a source, in the order of their time."""
        return sorted((run for run in self.runs.values() if run.source == source), key=lambda run: run.ingested_ms)

    def next_ms(self, source: str, now_ms: int) -> int:
        """When a new run of a source was made: later than all that its runs told, so that it wins over them."""
        latest_ms = max((run.ingested_ms for run in self.of_source(source)), default=0)
        return max(now_ms, latest_ms + 1)

    def told(self, run: str, subject: str) -> Told:
        """What one run told of an object."""
        found = Told()
        for (value,) in self._database.execute(
            "SELECT value FROM told WHERE subject = ? AND run = ? ORDER BY part", (subject, run)
        ):
            part = read_told(value)
            found.rows.extend(part.rows)
            found.settling.extend(part.settling)
        return found

    def subjects(self, runs: Collection[str]) -> Iterator[str]:
        """The objects that any of some runs told, in order."""
        marks = ", ".join("?" * len(runs))
        yield from (
            subject
            for (subject,) in self._database.execute(
                f"SELECT DISTINCT subject FROM told WHERE run IN ({marks}) ORDER BY subject", tuple(runs)
            ).fetchall()
        )

    def records(self, run: str) -> Iterator[tuple[bytes, bytes]]:
        """Keys and values of what a run told, object by object."""
        asked = "SELECT subject, part, value FROM told WHERE run = ? ORDER BY subject, part"
        for subject, part, value in self._database.execute(asked, (run,)):
            yield f"{run}|{subject}|{part}".encode(), value

    def settled(self, source: str, subject: str) -> Settled:
        """What it takes for an object to stand as the runs of a source tell it that hold."""
        held = self._standing(source)
        told: list[Telling] = []
        target: list[Telling] = []
        plain = True
        for run in self._runs_of(source, subject):
            said = self.told(run, subject)
            told += [*said.rows, *said.settling]
            target += said.rows if run in held else []
            plain = plain and run in held and not said.settling
        events = [] if plain else settle(subject, source, told, target)
        return Settled(subject, told, bool(target), events)

    def _know(self, run: Run) -> None:
        if self.runs.get(run.id) != run:
            self._held.clear()
            self.runs[run.id] = run

    def _standing(self, source: str) -> set[str]:
        if source not in self._held:
            self._held[source] = standing(self.of_source(source))
        return self._held[source]

    def _keep(self, key: bytes, value: bytes, source: str) -> None:
        run, _, rest = key.decode().partition("|")
        subject, _, part = rest.rpartition("|")
        kept = subject, run, int(part), source, value
        self._database.execute("INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?, ?)", kept)

    def _runs_of(self, source: str, subject: str) -> list[str]:
        asked = "SELECT DISTINCT run FROM told WHERE subject = ? AND source = ?"
        runs = [run for (run,) in self._database.execute(asked, (subject, source)) if run in self.runs]
        return sorted(runs, key=lambda run: self.runs[run].ingested_ms)
