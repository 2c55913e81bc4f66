"""The manifest of imports: which runs there were, and what each told of every object. The topic `imports`; pure.

A run has one record under its id, and one or more under `<id>|<subject>|<part>` for each object it told anything of.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Final, Literal

import msgspec

from pipeline.config.settings import SetupError
from pipeline.importing.tellings import Telling
from pipeline.sending.event import content_of

TOPIC = "imports"
IMPORT: Final = "import"
UNDO: Final = "undo"
BEGUN: Final = "begun"
DONE: Final = "done"
PART_BYTES = 400_000
"""So long the tellings of one record are at most, about: a broker takes a MiB."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of `import`, or the undoing of some. `takes_back` are the runs of which nothing is to hold any more."""

    id: str
    verb: Literal["import", "undo"]
    source: str
    ingested_ms: int
    state: Literal["begun", "done"] = BEGUN
    takes_back: tuple[str, ...] = ()
    export: str = ""
    """The digest of map and files: the same export, run again after it was broken off, goes on as this run."""
    files: tuple[str, ...] = ()
    rows: int = 0
    objects: int = 0
    events: int = 0

    def done(self) -> "Run":
        """The same, everything sent."""
        return replace(self, state=DONE)


@dataclass(frozen=True, slots=True)
class Told:
    """What a run told of one object: by its rows, and to settle what other runs had told."""

    rows: list[Telling] = field(default_factory=list)
    settling: list[Telling] = field(default_factory=list)


def run_id(source: str, ingested_ms: int) -> str:
    """The id of a run: short, for people to type."""
    return hashlib.sha256(f"{source} {ingested_ms}".encode()).hexdigest()[:8]


def standing(runs: Iterable[Run]) -> set[str]:
    """The imports that hold: those that no run takes back which holds itself. What was undone is not undone again."""
    held: set[str] = set()
    taken: set[str] = set()
    for run in sorted(runs, key=lambda run: run.ingested_ms, reverse=True):
        if run.id not in taken:
            taken.update(run.takes_back)
            held.update({run.id} if run.verb == IMPORT else ())
    return held


def taken_back_by(runs: Iterable[Run], which: str) -> Run | None:
    """The latest run that takes another one back, if it holds itself."""
    known = list(runs)
    holds = standing(known)
    takers = [run for run in known if which in run.takes_back and (run.verb == UNDO or run.id in holds)]
    return max(takers, key=lambda run: run.ingested_ms, default=None)


def replaced_by(runs: Sequence[Run], which: Iterable[str]) -> tuple[str, ...]:
    """Which runs another one has to take back for these not to hold, nor what they had replaced."""
    by_id = {run.id: run for run in runs}
    waiting, found = list(which), dict[str, None]()
    while waiting:
        each = waiting.pop()
        if each not in found and each in by_id:
            found[each] = None
            waiting += by_id[each].takes_back
    return tuple(sorted(found))


def run_record(run: Run) -> tuple[bytes, bytes]:
    """Key and value of a run's own record."""
    return run.id.encode(), json.dumps(asdict(run), ensure_ascii=False).encode()


def object_records(run: Run, subject: str, told: Told) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of what a run told of an object."""
    for number, (rows, settling) in enumerate(_parts(told)):
        said = {"run": run.id, "source": run.source, "subject": subject, "hash": content_hash(told.rows)}
        value = {**said, "rows": rows, "settling": settling}
        yield f"{run.id}|{subject}|{number}".encode(), msgspec.json.encode(value)


def content_hash(told: Sequence[Telling]) -> str:
    """Of what an export tells of an object, whenever it was imported."""
    ids = sorted({each.id for each in told})
    return hashlib.sha256(content_of({"ids": ids})).hexdigest()[:16]


def read_run(value: bytes) -> Run:
    """A run's own record; SetupError for what another release wrote."""
    try:
        said = json.loads(value)
        known = {each.name for each in fields(Run)}
        lists = {name: tuple(text) for name, text in said.items() if isinstance(text, list)}
        return Run(**({name: text for name, text in said.items() if name in known} | lists))
    except (ValueError, TypeError) as error:
        raise SetupError(f"the topic {TOPIC} holds a record of no known run ({error})") from None


class _Record(msgspec.Struct):
    """What a record says of an object, as far as it is read again."""

    source: str
    rows: list[Telling]
    settling: list[Telling]


_record = msgspec.json.Decoder(_Record).decode


def read_told(value: bytes) -> Told:
    """What a record says of an object."""
    said = _record(value)
    return Told(said.rows, said.settling)


def source_of(value: bytes) -> str:
    """Whose runs a record of an object is of."""
    return _record(value).source


def _parts(told: Told) -> Iterator[tuple[list[Telling], list[Telling]]]:
    """Its tellings, as many together as a record takes: it always takes one."""
    if len(told.rows) + len(told.settling) == 1:
        yield told.rows, told.settling
        return
    rows: list[Telling] = []
    settling: list[Telling] = []
    held = 0
    for each, into in [*((each, rows) for each in told.rows), *((each, settling) for each in told.settling)]:
        into.append(each)
        held += len(json.dumps(each.data)) + 200
        if held >= PART_BYTES:
            yield list(rows), list(settling)
            rows.clear()
            settling.clear()
            held = 0
    yield rows, settling
