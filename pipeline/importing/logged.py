"""An export beside what the logs say of the same kinds of objects, object by object; in a temporary file."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.importing.logs import LogRecord
from pipeline.importing.reconciling import Said
from pipeline.importing.scratch import Scratch
from pipeline.importing.tellings import Telling, telling_of
from pipeline.importing.verdicts import Memory
from pipeline.intake.verdicts import Judge, Refused
from schemas.events import iso
from schemas.types import instant_ms

LOGGED = ("crm", "telephony")
"""Domains whose objects are compared."""
TABLES = """
CREATE TABLE said (n INTEGER PRIMARY KEY, subject TEXT, exported INTEGER, source TEXT, body TEXT);
CREATE INDEX said_of ON said (subject, n);
"""


class Sides(NamedTuple):
    """What is told of one object."""

    subject: str
    export: list[Said]
    log: list[Said]

    @property
    def kind(self) -> str:
        """The kind of object it is."""
        return self.subject.partition(":")[0]


class Logged(Scratch):
    """Both sides."""

    def __init__(self, folder: Path, memory: Memory, as_of_ms: int) -> None:
        """Live events that were appended after `as_of_ms` are left out: the export could not know them."""
        self._as_of_ms = as_of_ms
        self._judges = {domain: Judge(domain, memory.future_tolerance_ms, memory.retention()) for domain in LOGGED}
        super().__init__(folder / "logged.sqlite", TABLES)

    def take_export(self, objects: Iterable[tuple[str, list[bytes]]]) -> set[str]:
        """Take in what an export tells; the kinds of objects that it speaks of."""
        kinds = set()
        for subject, values in objects:
            for value in values:
                event = json.loads(value)
                if str(event["type"]).partition(".")[0] in LOGGED:
                    kinds.add(subject.partition(":")[0])
                    self._add(event, exported=True)
        return kinds

    def take_log(self, records: Iterable[LogRecord], kinds: Collection[str]) -> None:
        """Take in what the pipeline took in of some kinds."""
        for record in records:
            if record.kind is None or record.kind in kinds:
                for value in record.events:
                    self._take_event(value, record, kinds)

    def _take_event(self, value: bytes, record: LogRecord, kinds: Collection[str]) -> None:
        judged = self._judges[record.topic.partition(".")[0]].judge(value, record.timestamp_ms)
        if not isinstance(judged, Refused) and judged.key.partition(":")[0] in kinds:
            event = json.loads(value)
            if event.get("ingested") is not None or record.timestamp_ms <= self._as_of_ms:
                self._add(event, exported=False)

    def objects(self) -> Iterator[Sides]:
        """Object by object."""
        rows = self._database.execute("SELECT subject, exported, source, body FROM said ORDER BY subject, n")
        for subject, told in groupby(rows, lambda row: row[0]):
            sides = Sides(subject, [], [])
            for _, exported, source, body in told:
                into = sides.export if exported else sides.log
                into.append(Said(source, Telling(*json.loads(body))))
            yield sides

    def _add(self, event: Mapping[str, Any], *, exported: bool) -> None:
        telling = telling_of(event)
        body = json.dumps(telling._replace(data=_normal(telling.data)))
        self._database.execute(
            "INSERT INTO said (subject, exported, source, body) VALUES (?, ?, ?, ?)",
            (event["subject"], int(exported), event["source"], body),
        )


def _normal(value: Any, name: str = "") -> Any:
    """Instants as an import writes them: the same ones are equal."""
    if isinstance(value, dict):
        return {key: _normal(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_normal(each, name) for each in value]
    return iso(instant_ms(value)) if name.endswith("_at") and isinstance(value, str) else value
