"""Lookups: what another file of the export tells for a key, always or for a time."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from pipeline.config.settings import SetupError
from pipeline.importing.faults import Place, RowError
from pipeline.importing.field_map import FieldMap, Lookup
from pipeline.importing.files import is_there
from pipeline.importing.formats import read_stamp
from pipeline.importing.rows import Rows
from pipeline.importing.texts import Row


class Table:
    """A lookup, read. Of several rows of a key the one that holds on the day is taken, the one that began last."""

    def __init__(self, name: str, lookup: Lookup, rows: Iterable[tuple[Place, Row]]) -> None:
        """SetupError where a key has two values that hold at once from the same day on."""
        self.dated = lookup.valid_from is not None or lookup.valid_to is not None
        self._lookup = lookup
        self._found: dict[str, list[tuple[date, date, str]]] = {}
        for place, row in rows:
            self._add(name, place, row)
        for spans in self._found.values():
            spans.sort(reverse=True)

    def find(self, key: str, day: date | None = None) -> str | None:
        """What it tells for a key, on a day where it is dated; None where it tells nothing."""
        spans = self._found.get(key.casefold() if self._lookup.ignore_case else key)
        if spans is None:
            return None
        if day is None or not self.dated:
            return spans[0][2]
        return next((value for first, last, value in spans if first <= day <= last), None)

    def _add(self, name: str, place: Place, row: Row) -> None:
        key, value = row.get(self._lookup.key, "").strip(), row.get(self._lookup.value, "").strip()
        if not key:
            return
        spans = self._found.setdefault(key.casefold() if self._lookup.ignore_case else key, [])
        first = self._day(name, place, row, self._lookup.valid_from) or date.min
        last = self._day(name, place, row, self._lookup.valid_to) or date.max
        if any(began == first and told != value for began, _, told in spans):
            raise SetupError(f"--map: lookup {name}: row {place} tells another {self._lookup.value} for {key!r} again")
        spans.append((first, last, value))

    def _day(self, name: str, place: Place, row: Row, column: str | None) -> date | None:
        text = row.get(column, "").strip() if column is not None else ""
        if not text:
            return None
        try:
            return read_stamp(text, ("iso",), "en").local.date()
        except (ValueError, ArithmeticError) as error:
            raise SetupError(f"--map: lookup {name}: row {place}: {column}: {text!r} {error}") from None


def read_lookups(field_map: FieldMap, copies: Path, *folders: Path) -> dict[str, Table]:
    """The declared lookups, each from the first folder that has its file; SetupError where a file or column lacks.

    `copies` is a folder for what has to be unpacked.
    """
    return {name: _table(name, lookup, field_map, copies, folders) for name, lookup in field_map.lookups.items()}


def _table(name: str, lookup: Lookup, field_map: FieldMap, copies: Path, folders: tuple[Path, ...]) -> Table:
    path = next((path for folder in folders if is_there(path := folder / lookup.file)), folders[0] / lookup.file)
    own = field_map.model_copy(update={"footer": None, "sheet": None, "records": None})
    rows = Rows([path], own, copies, lookup.columns(), f"lookup {name}: ")
    return Table(name, lookup, _good(name, rows))


def _good(name: str, rows: Rows) -> Iterable[tuple[Place, Row]]:
    for place, row in rows:
        if isinstance(row, RowError):
            raise SetupError(f"--map: lookup {name}: row {place}: {row.fault.complaint}")
        yield place, row
