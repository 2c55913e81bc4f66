"""The audit's database: DuckDB in memory, filled from rows, asked by the scripts in `sql/`."""

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

import duckdb
import msgspec

from pipeline.audit.records import Row
from pipeline.audit.scripts import script

ROWS_AT_ONCE = 50_000
_lines = msgspec.json.Encoder(order="sorted").encode_lines


class Database:
    """One audit's tables. A context: leaving it forgets them all."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="salespulse-audit-")
        self._connection = duckdb.connect(config={"temp_directory": self._folder.name, "threads": 2})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._folder.cleanup()

    def run(self, name: str) -> None:
        """Run one of the scripts in `sql/`, by its name, with what the kinds add to it."""
        self._connection.execute(script(name))

    def execute(self, statement: str, values: Sequence[Any] = ()) -> None:
        """Run one statement."""
        self._connection.execute(statement, values)

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The answer to a query."""
        return self._connection.execute(query, values).fetchall()

    def fill(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows to a table, by the names of its columns; they go through a file, which is what DuckDB reads fast."""
        path = Path(self._folder.name, "rows.json")
        waiting = iter(rows)
        while chunk := list(islice(waiting, ROWS_AT_ONCE)):
            path.write_bytes(_lines(chunk))
            self._connection.execute(f"COPY {table} FROM '{path}' (FORMAT json)")
