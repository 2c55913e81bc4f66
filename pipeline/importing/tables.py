"""Tables: rows of cells under a header, as CSV and sheets have them. Rows are counted as a spreadsheet does."""

import csv
import re
from collections.abc import Generator, Iterator, Sequence
from itertools import chain

from pipeline.config.settings import SetupError
from pipeline.importing.faults import Fault, RowError
from pipeline.importing.field_map import FieldMap
from pipeline.importing.files import ExportFile, Lines
from pipeline.importing.listing import listed
from pipeline.importing.map_values import compile_pattern
from pipeline.importing.texts import Row
from pipeline.visible import shortened

Line = tuple[int, list[str] | RowError]
"""The number of a row, and its cells."""
MOST_TITLE_LINES = MOST_NAMED = 20
OTHER_DELIMITERS = ";\t|,"
NO_DELIMITERS = ("\r", "\n", '"')
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\r?\n?', re.IGNORECASE)
"""How a spreadsheet is told the delimiter, in the first line of a file."""


def table_lines(file: ExportFile, field_map: FieldMap) -> Generator[Line, None, None]:
    """The rows of a CSV file, the header and what stands before it among them."""
    with file.text(field_map.encoding) as text:
        lines = Lines(text, file.label)
        first = next(lines, "")
        separator = SEPARATOR_LINE.fullmatch(first)
        told = separator[1] if separator else None
        if told and field_map.delimiter not in (None, told):
            raise SetupError(f"--map: {file.label} says that its delimiter is {told!r}; declare that or none")
        delimiter = told or field_map.delimiter or ("\t" if file.suffix in (".tsv", ".tab") else ",")
        if delimiter in NO_DELIMITERS:
            raise SetupError(f"FILE: {file.label}: {delimiter!r} cannot be a delimiter")
        reader = csv.reader(lines if separator else chain([first], lines), delimiter=delimiter, strict=True)
        yield from _numbered(reader, lines)


def _numbered(reader: "Iterator[list[str]]", lines: Lines) -> Iterator[Line]:
    number = 0
    while True:
        number += 1
        lines.begin()
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, RowError(Fault("", f"is not CSV: {error}", "is a quotation mark missing, or one too many?"))


class Table:
    """Rows under a header. What stands before the header, titles for instance, is passed over."""

    def __init__(self, lines: Iterator[Line], columns: Sequence[str], field_map: FieldMap, label: str) -> None:
        self.passed_over = 0
        """Rows from the footer on."""
        self._lines = lines
        self._columns = columns
        self._map = field_map
        self._label = label

    def __iter__(self) -> Iterator[tuple[int, Row | RowError]]:
        """Each row that is not blank.

        Raises:
            SetupError: where no row is a header that names all columns that are needed.
        """
        header = self._header()
        footer = compile_pattern(self._map.footer)
        for number, cells in self._lines:
            if isinstance(cells, RowError):
                yield number, cells
                continue
            first = next((cell.strip() for cell in cells if cell.strip()), None)
            if first is None:
                continue
            if self.passed_over or (footer is not None and footer.search(first)):
                self.passed_over += 1
                continue
            yield number, self._row(header, cells)

    def _row(self, header: list[str], cells: list[str]) -> Row | RowError:
        if self._map.extra_cells == "refused" and any(cell.strip() for cell in cells[len(header) :]):
            cure = 'is a text with the delimiter in it not quoted? extra_cells = "ignored" leaves them out'
            return RowError(Fault("", "has more cells than the header has names", cure))
        return dict(zip(header, cells, strict=False))

    def _header(self) -> list[str]:
        best: list[str] | None = None
        for _, cells in self._lines:
            if isinstance(cells, RowError):
                continue
            names = [cell.strip() for cell in cells]
            if not any(names):
                continue
            if set(self._columns) <= set(names):
                return self._checked(names)
            if best is None or len(set(self._columns) & set(names)) > len(set(self._columns) & set(best)):
                best = names
            if _ >= MOST_TITLE_LINES:
                break
        raise SetupError(f"{self._label} {self._lacking(best or [])}")

    def _checked(self, names: list[str]) -> list[str]:
        for name in self._columns:
            if names.count(name) > 1:
                raise SetupError(f"{self._label} has the column {name!r} twice")
        return names

    def _lacking(self, names: list[str]) -> str:
        missing = next(name for name in self._columns if name not in names) if self._columns else "any"
        if not names:
            return f"has no column {missing!r}; it is empty"
        other = next((each for each in OTHER_DELIMITERS if len(names) == 1 and each in names[0]), None)
        if other is not None:
            return f"has the one column {shortened(names[0])!r}; declare delimiter = {_toml(other)} in the map"
        return f"has no column {missing!r}; it has: {listed(names, MOST_NAMED)}"


def _toml(letter: str) -> str:
    return '"\\t"' if letter == "\t" else f'"{letter}"'
