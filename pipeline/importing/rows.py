"""Rows of an export, as texts by column, whatever kind of file they are in."""

import difflib
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from pipeline.importing.documents import document_rows
from pipeline.importing.faults import Fault, Place, RowError
from pipeline.importing.field_map import FieldMap
from pipeline.importing.files import ExportFile, export_files
from pipeline.importing.listing import listed
from pipeline.importing.parquet import parquet_rows
from pipeline.importing.sheets import sheet_lines
from pipeline.importing.tables import Line, Table, table_lines
from pipeline.importing.texts import Row

Numbered = Generator[tuple[int, Row | RowError], None, None]
"""Rows of a file with their numbers. It holds the file open until it is closed."""


class Rows:
    """One pass over all files of an export. `total_bytes` and `read_bytes` are for the progress bar."""

    def __init__(
        self,
        paths: Sequence[Path],
        field_map: FieldMap,
        folder: Path,
        columns: Sequence[str] | None = None,
        label: str = "",
    ) -> None:
        """SetupError where a file cannot be read. `folder` is for copies that are unpacked.

        `columns` are those that are needed, by default the map's.
        """
        self.files = export_files(paths, folder)
        self.columns = sorted(field_map.columns() if columns is None else columns)
        self.total_bytes = sum(file.total_bytes for file in self.files)
        self.rows = 0
        self.passed_over = 0
        """Rows behind the end of a table."""
        self._map = field_map
        self._label = label
        self._seen: set[str] = set()
        self._done_bytes = 0

    @property
    def read_bytes(self) -> int:
        """How far reading has come."""
        return self._done_bytes + sum(file.read_bytes for file in self.files)

    def __iter__(self) -> Iterator[tuple[Place, Row | RowError]]:
        """Each row and its place.

        Raises:
            SetupError: where a file as a whole cannot be read as the map says.
        """
        several = len(self.files) > 1
        for file in self.files:
            with closing(self._of(file)) as rows:
                for number, row in rows:
                    self.rows += 1
                    yield Place(number, file.label if several else ""), row
            self._done_bytes += file.total_bytes

    def begin(self) -> None:
        """Called before anything is asked of a broker: SetupError where a file has no header that the map can use."""
        for file in self.files:
            with closing(self._of(file)) as rows:
                next(rows, None)
        self._seen.clear()

    def missing(self) -> list[RowError]:
        """Called after the pass: a refusal for each column that the map reads and no row had."""
        if not self.rows:
            return []
        known = sorted(self._seen)
        lists = {name.partition("[")[0] for name in known if "[" in name}
        return [
            RowError(Fault(name, "is a column that no row has", _near(name, known), of_map=True))
            for name in self.columns
            if name not in self._seen | lists and not any(name.startswith(f"{each}.") for each in self._seen)
        ]

    def _of(self, file: ExportFile) -> Numbered:
        kind = file.kind(self._map.encoding)
        if kind == "json":
            return self._documents(document_rows(file, self._map.records, self._map.encoding))
        if kind == "parquet":
            return self._documents(parquet_rows(file))
        return self._under_header(
            file, sheet_lines(file, self._map.sheet) if kind == "sheet" else table_lines(file, self._map)
        )

    def _under_header(self, file: ExportFile, lines: Generator[Line, None, None]) -> Numbered:
        self._seen.update(self.columns)
        with closing(lines):
            table = Table(lines, self.columns, self._map, f"--map: {self._label}{file.label}")
            yield from table
            self.passed_over += table.passed_over

    def _documents(self, rows: Numbered) -> Numbered:
        with closing(rows):
            for number, row in rows:
                if not isinstance(row, RowError):
                    self._seen.update(row)
                yield number, row


def _near(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, 1, 0.5)
    have = f"rows have: {listed(known, 20)}"
    return f"did you mean {near[0]}? {have}" if near else have
