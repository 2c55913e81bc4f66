"""Where a checked import lies before it is sent: a temporary file, so that memory does not grow with rows."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.importing.drafts import TIME, Draft
from pipeline.importing.faults import Place
from pipeline.importing.row_values import EVENTS
from pipeline.importing.scratch import Scratch
from schemas.events import iso

TABLES = """
CREATE TABLE events (
    n INTEGER PRIMARY KEY, number INTEGER, file TEXT, type TEXT, subject TEXT, time_ms INTEGER, sequence INTEGER,
    closes INTEGER, id TEXT UNIQUE, emptied TEXT, value BLOB
);
CREATE TABLE drafts (
    n INTEGER PRIMARY KEY, number INTEGER, file TEXT, map INTEGER, subject TEXT, time_ms INTEGER, keep TEXT, body TEXT
);
CREATE TABLE extremes (subject TEXT, name TEXT, first_ms INTEGER, last_ms INTEGER, PRIMARY KEY (subject, name))
    WITHOUT ROWID;
CREATE TABLE names (id TEXT, folded TEXT, text TEXT, PRIMARY KEY (id, folded)) WITHOUT ROWID;
"""
KEPT = """
CREATE INDEX drafts_of ON drafts (map, subject, time_ms, n);
DELETE FROM drafts AS draft WHERE keep = 'earliest' AND EXISTS (
    SELECT 1 FROM drafts AS other WHERE other.map = draft.map AND other.subject = draft.subject
    AND (other.time_ms, other.n) < (draft.time_ms, draft.n));
DELETE FROM drafts AS draft WHERE keep = 'latest' AND EXISTS (
    SELECT 1 FROM drafts AS other WHERE other.map = draft.map AND other.subject = draft.subject
    AND (other.time_ms, other.n) > (draft.time_ms, draft.n));
"""


ENDED = """
SELECT subject, max(CASE WHEN closes = 1 THEN time_ms END) AS ended_ms FROM events WHERE type = 'crm.deal.changed'
GROUP BY subject HAVING ended_ms < ? AND ended_ms = max(CASE WHEN closes IS NOT NULL THEN time_ms END)
"""
"""Deals that ended before an instant, and did not go on after it."""
EMPTIED = """
SELECT e.subject, f.value, e.time_ms, e.sequence, e.number, EXISTS (
    SELECT 1 FROM events o WHERE o.subject = e.subject AND (o.time_ms, o.sequence) < (e.time_ms, e.sequence)
    AND json_extract(CAST(o.value AS TEXT), '$.data.' || f.value) IS NOT NULL)
FROM events e, json_each(e.emptied) f WHERE e.emptied IS NOT NULL ORDER BY e.subject, e.time_ms, e.n
"""
COLUMNS = "number, file, map, subject, time_ms, keep, body"


class Ready(NamedTuple):
    """An event that is ready to be sent, and what is asked of it."""

    number: int
    file: str
    type: str
    subject: str
    time_ms: int
    sequence: int
    closes: int | None
    id: str
    emptied: str | None
    """The names of fields that it leaves empty, in JSON."""
    value: bytes


class Named(NamedTuple):
    """An id, and a name that it was made of."""

    id: str
    folded: str
    text: str


def gathered(drafts: Iterable[Draft]) -> Draft:
    """Of all drafts of an object, in the order of their times, the last one, with the items of all; each item once."""
    lists: dict[str, list[Any]] = {}
    for draft in drafts:
        for name, item in draft.items.items():
            items = lists.setdefault(name, [])
            if item not in items:
                items.append(item)
    draft.data |= lists
    return draft


class Spool(Scratch):
    """All events of an import."""

    def __init__(self, folder: Path) -> None:
        self._added = 0
        super().__init__(folder / "events.sqlite", TABLES)

    def add(self, ready: Sequence[Ready]) -> None:
        """Keep events; the same one is kept once."""
        self._added += sum(not each.type.startswith("org.") for each in ready)
        self._database.executemany(
            "INSERT OR IGNORE INTO events (number, file, type, subject, time_ms, sequence, closes, id, emptied, value)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ready,
        )

    def defer(self, draft: Draft) -> None:
        """Keep a draft until all rows were read, and what it says of its object as a whole."""
        for pending in draft.open.values():
            if pending.instant is not None:
                self._widen(draft.subject, pending.name, pending.instant.at_ms)
        body = {
            "type": draft.type, "sequence": draft.sequence, "data": draft.data, "closes": draft.closes,
            "items": draft.items, "backwards": draft.backwards, "emptied": draft.emptied,
            "open": {name: [pending.name, pending.latest] for name, pending in draft.open.items()},
        }  # fmt: skip
        self._database.execute(
            "INSERT INTO drafts (number, file, map, subject, time_ms, keep, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                draft.place.number, draft.place.file, draft.number, draft.subject, draft.time_ms, draft.keep,
                json.dumps(body),
            ),
        )  # fmt: skip

    def deferred(self) -> Iterator[Draft]:
        """Called once, after all rows: the drafts that are kept, with nothing open any more."""
        self._database.execute("COMMIT")
        self._database.executescript(f"{KEPT} CREATE INDEX events_of ON events (subject, time_ms);")
        self._database.execute("BEGIN")
        self._widen_by_events()
        for row in self.each(f"SELECT {COLUMNS} FROM drafts WHERE keep IS NOT 'gather' ORDER BY n"):
            yield self._draft(*row)
        gathering = self.each(f"SELECT {COLUMNS} FROM drafts WHERE keep = 'gather' ORDER BY map, subject, time_ms, n")
        for _, rows in groupby(gathering, lambda row: row[2:4]):
            yield gathered(self._draft(*row) for row in rows)

    def _draft(
        self, number: int, file: str, which: int, subject: str, time_ms: int, keep: str | None, text: str
    ) -> Draft:
        body = json.loads(text)
        draft = Draft(
            Place(number, file), which, body["type"], subject, time_ms, body["sequence"], body["data"],
            body["closes"], body["backwards"], keep, body["items"], emptied=tuple(body["emptied"]),
        )  # fmt: skip
        self._settle(draft, body["open"])
        return draft

    def drop_closed_before(self, before_ms: int) -> None:
        """Leave out deals that ended before an instant, and did not go on after it, with all that is told of them."""
        self._database.execute(f"DELETE FROM events WHERE subject IN (SELECT subject FROM ({ENDED}))", (before_ms,))

    def closed_before(self, before_ms: int) -> tuple[int, int | None]:
        """How many deals ended before an instant, and when the first of them did."""
        count, first_ms = self.ask(f"SELECT count(*), min(ended_ms) FROM ({ENDED})", before_ms)[0]
        return count, first_ms

    def note_names(self, named: Sequence[Named]) -> None:
        """Keep which names became an id."""
        self._database.executemany("INSERT OR IGNORE INTO names VALUES (?, ?, ?)", named)

    def emptied(self) -> Iterator[tuple[str, str, tuple[int, int], int, bool]]:
        """Fields that an event leaves empty: object, field, moment, row, and whether the import filled it before.

        Those of one object follow each other.
        """
        for subject, name, time_ms, sequence, row, filled in self._database.execute(EMPTIED):
            yield subject, name, (time_ms, sequence), row, bool(filled)

    def told_again(self) -> int:
        """Events that the import tells more than once, word by word; those of the organisation are in many rows."""
        return int(self._added - self.ask("SELECT count(*) FROM events WHERE type NOT LIKE 'org.%'")[0][0])

    def ask(self, question: str, *given: Any) -> list[tuple[Any, ...]]:
        """The answer to a question about all events, in SQL."""
        return self._database.execute(question, given).fetchall()

    def each(self, question: str, *given: Any) -> Iterator[tuple[Any, ...]]:
        """The same, row by row."""
        yield from self._database.execute(question, given)

    def events(self) -> Iterator[bytes]:
        """Everything to send, in the order of rows and of the map."""
        for (value,) in self._database.execute("SELECT value FROM events ORDER BY n"):
            yield value

    def objects(self) -> Iterator[tuple[str, list[bytes]]]:
        """The same events, object by object."""
        rows = self._database.execute("SELECT subject, value FROM events ORDER BY subject, n")
        for subject, told in groupby(rows, lambda row: row[0]):
            yield subject, [value for _, value in told]

    def events_of_row(self, place: Place) -> list[dict[str, Any]]:
        """What one row becomes."""
        found = self.ask("SELECT value FROM events WHERE number = ? AND file = ? ORDER BY n", place.number, place.file)
        return [json.loads(value) for (value,) in found]

    def _settle(self, draft: Draft, open_: dict[str, list[Any]]) -> None:
        for name, (asked, latest) in open_.items():
            found = self.ask(
                "SELECT first_ms, last_ms FROM extremes WHERE subject = ? AND name = ?", draft.subject, asked
            )
            if not found:
                continue
            at_ms = found[0][1] if latest else found[0][0]
            if name == TIME:
                draft.time_ms = at_ms
            else:
                draft.data[name] = iso(at_ms)

    def _widen(self, subject: str, name: str, at_ms: int) -> None:
        self._database.execute(
            "INSERT INTO extremes VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " first_ms = min(first_ms, excluded.first_ms), last_ms = max(last_ms, excluded.last_ms)",
            (subject, name, at_ms, at_ms),
        )

    def _widen_by_events(self) -> None:
        for table in ("events", "drafts"):
            self._database.execute(
                f"INSERT INTO extremes SELECT subject, ?, min(time_ms), max(time_ms) FROM {table}"
                " WHERE subject IN (SELECT subject FROM drafts) GROUP BY subject"
                " ON CONFLICT DO UPDATE SET first_ms = min(first_ms, excluded.first_ms),"
                " last_ms = max(last_ms, excluded.last_ms)",
                (EVENTS,),
            )
