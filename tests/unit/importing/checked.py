"""A whole check of an export, without a broker: what the command would send, and what it says."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from pipeline.importing.checking import Check, Summary
from pipeline.importing.declared import Declared
from pipeline.importing.faults import Place, RowError
from pipeline.importing.field_map import FieldMap, Lookup
from pipeline.importing.findings import Before
from pipeline.importing.lookups import Table, read_lookups
from pipeline.importing.rows import Rows
from pipeline.importing.spool import Spool
from pipeline.importing.summaries import complaints_of
from pipeline.importing.texts import Row
from pipeline.importing.verdicts import EVER, Memory

DEAL = {"type": "crm.deal.changed", "subject": "deal:{id}", "time": {"column": "at"}}
NOW_MS = 1_795_867_200_000  # 2026-11-28 12:00 UTC
HERE = "2026-03-04T10:00:00Z"


class Checked(NamedTuple):
    """The events that would be sent, and the summary."""

    events: list[dict[str, Any]]
    summary: Summary

    @property
    def said(self) -> list[str]:
        """What stands out, a line each."""
        return list(complaints_of(self.summary))

    @property
    def data(self) -> dict[str, Any]:
        """Of the only event."""
        (event,) = self.events
        data: dict[str, Any] = event["data"]
        return data


def deals(data: Mapping[str, Any] | None = None, /, **more: Any) -> FieldMap:
    """A map of one event a row: a deal, `{id}`, at `{at}`."""
    declared = {"source": "crm", "zone": "UTC", "event": [{**DEAL, "data": data or {}}], **more}
    return FieldMap.model_validate(declared)


def table(rows: Mapping[str, str]) -> Table:
    """A lookup of these keys and values."""
    lookup = Lookup(file="x.csv", key="key", value="value")
    return Table("x", lookup, [(Place(1), {"key": key, "value": value}) for key, value in rows.items()])


def check_rows(
    field_map: FieldMap,
    rows: Iterable[Row | RowError],
    *,
    lookups: Mapping[str, Mapping[str, str]] | None = None,
    now_ms: int = NOW_MS,
    memory: Memory = EVER,
    known: Declared | None = None,
    show: int = 0,
    before: Before | None = None,
) -> Checked:
    """Of rows that were read; the first is row 2, as under a header."""
    with TemporaryDirectory() as folder, Spool(Path(folder)) as spool:
        check = Check(field_map, memory, spool, now_ms, show, before)
        placed = [(Place(number), row) for number, row in enumerate(rows, 2)]
        tables = {name: table(keys) for name, keys in (lookups or {}).items()}
        summary = check.read(placed, tables, known)
        return Checked(_events(spool), summary)


def check_row(field_map: FieldMap, /, **texts: str) -> Checked:
    """Of one row, of the object 1 in March unless it says otherwise."""
    return check_rows(field_map, [{"id": "1", "at": HERE, **texts}])


def check_files(field_map: FieldMap, *paths: Path, now_ms: int = NOW_MS, memory: Memory = EVER) -> Checked:
    """Of files."""
    with TemporaryDirectory() as folder, Spool(Path(folder)) as spool:
        rows = Rows(paths, field_map, Path(folder))
        check = Check(field_map, memory, spool, now_ms)
        lookups = read_lookups(field_map, Path(folder), paths[0].parent)
        summary = check.read(rows, lookups, None)
        check.refuse(rows.missing())
        return Checked(_events(spool), summary)


def _events(spool: Spool) -> list[dict[str, Any]]:
    return [json.loads(value) for value in spool.events()]
