"""Which run an import or its undoing is: a new one, or one that was broken off and goes on."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from pipeline.config.settings import SetupError
from pipeline.importing.files import is_folder
from pipeline.importing.findings import Before
from pipeline.importing.journal import Journal
from pipeline.importing.manifest import (
    BEGUN,
    IMPORT,
    UNDO,
    Run,
    Told,
    object_records,
    replaced_by,
    run_id,
    standing,
    taken_back_by,
)
from pipeline.importing.spool import Spool
from pipeline.importing.tellings import telling_of

SOURCE = "source"
"""Instead of an id: all that the imports of the same source told."""
SHOWN = 10
CHUNK = 1 << 20


def export_digest(paths: Iterable[Path]) -> str:
    """Of the bytes of an export and its map: the same where it is the same."""
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(each for each in path.rglob("*") if each.is_file()) if is_folder(path) else [path]:
            with file.open("rb") as read:
                while chunk := read.read(CHUNK):
                    digest.update(chunk)
    return digest.hexdigest()[:16]


def import_run(
    journal: Journal, source: str, export: str, files: Sequence[str], now_ms: int, replaces: str | None
) -> Run:
    """The run that an import is; SetupError where it is to replace what is not there."""
    runs = journal.of_source(source)
    held = standing(runs)
    begun = next((run for run in runs if run.export == export and run.state == BEGUN and run.id in held), None)
    taken = _replaced(journal, source, replaces, held - ({begun.id} if begun else set()))
    if begun is not None:
        return replace(begun, takes_back=tuple(sorted({*begun.takes_back, *taken} - {begun.id})))
    ingested_ms = journal.next_ms(source, now_ms)
    return Run(run_id(source, ingested_ms), IMPORT, source, ingested_ms, BEGUN, taken, export, tuple(files))


def undo_run(journal: Journal, which: str, now_ms: int) -> Run:
    """The run that undoes another one. SetupError for an id that is none, or of what cannot be undone."""
    run = _known(journal, which, "ID")
    runs = journal.of_source(run.source)
    taker = taken_back_by(runs, which)
    if run.verb == UNDO:
        raise SetupError(f"ID: {which} undoes {', '.join(run.takes_back)}: to put it in force again, import it again")
    if taker is not None and taker.verb == UNDO:
        return taker
    if taker is not None:
        raise SetupError(f"ID: {which} was replaced by {taker.id}: undo that one, and {which} holds again")
    ingested_ms = journal.next_ms(run.source, now_ms)
    return Run(run_id(run.source, ingested_ms), UNDO, run.source, ingested_ms, BEGUN, (which,), files=run.files)


def told_before(journal: Journal, run: Run) -> Before | None:
    """What the other imports of the source told of an object, those aside that this run takes back; None for none."""
    held = standing(journal.of_source(run.source)) - {run.id, *run.takes_back}
    if not held:
        return None
    runs = sorted(held)
    return lambda subject: (row for other in runs for row in journal.told(other, subject).rows)


def record_rows(journal: Journal, run: Run, spool: Spool, rows: int, events: int) -> Run:
    """Put what an import tells into the journal, object by object; what it told to settle some before stays."""
    journal.add(run, ())
    known, objects = set(journal.subjects([run.id])), 0
    for subject, values in spool.objects():
        objects += 1
        settling = journal.told(run.id, subject).settling if subject in known else []
        told = Told([telling_of(msgspec.json.decode(value)) for value in values], settling)
        journal.add(run, object_records(run, subject, told))
    counted = replace(run, rows=rows, objects=objects, events=events)
    journal.add(counted, ())
    return counted


def concerned(journal: Journal, run: Run) -> list[str]:
    """The objects that a run may have to settle: those that it tells, and that whatever it takes back told or hid."""
    runs = journal.of_source(run.source)
    return list(journal.subjects({run.id, *replaced_by(runs, [run.id])}))


def _replaced(journal: Journal, source: str, replaces: str | None, held: set[str]) -> tuple[str, ...]:
    if replaces is None:
        return ()
    if replaces == SOURCE:
        return replaced_by(journal.of_source(source), held)
    run = _known(journal, replaces, "--replace")
    if run.verb == UNDO:
        raise SetupError(f"--replace: {replaces} is no import: it undoes {', '.join(run.takes_back)}")
    if run.source != source:
        raise SetupError(f"--replace: {replaces} is of the source {run.source}, and the map is of {source}; undo it")
    return replaced_by(journal.of_source(source), [replaces])


def _known(journal: Journal, which: str, option: str) -> Run:
    run = journal.runs.get(which)
    if run is None:
        known = sorted(journal.runs.values(), key=lambda run: -run.ingested_ms)
        names = [*(run.id for run in known[:SHOWN]), *(["…"] if len(known) > SHOWN else [])]
        names += [SOURCE] if option == "--replace" else []
        raise SetupError(f"{option}: there is no import {which}; allowed: {', '.join(names) or 'none was made yet'}")
    return run
