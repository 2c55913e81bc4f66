"""The audit's database: DuckDB in bounded memory and a folder on disk, filled from rows, asked by `sql/`."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

import duckdb
import msgspec

from pipeline.audit.records import RecordError, Row
from pipeline.audit.scripts import script
from pipeline.config.settings import PREFIX, SetupError

ROWS_AT_ONCE = 50_000
DEFAULT_MEMORY_MB = 2048
THREADS = 2
"""Of an audit of a whole deployment."""
_lines = msgspec.json.Encoder(order="sorted").encode_lines


class Database:
    """One audit's tables. A context: leaving it forgets them all.

    They take at most `memory_mb` of memory; what is beyond that lies in a folder of the system's temporary one. Where
    a single step cannot do with so much, a SetupError says so. A second thread pays from some hundred thousand
    rows on; over few it makes each statement a third dearer, of which an audit has four hundred.
    """

    def __init__(self, memory_mb: int = DEFAULT_MEMORY_MB, *, threads: int = 1) -> None:
        self._folder = TemporaryDirectory(prefix="salespulse-audit-")
        self.folder = Path(self._folder.name)
        self._connection = duckdb.connect(
            config={
                "temp_directory": str(self.folder),
                "threads": threads,
                "memory_limit": f"{memory_mb}MiB",
                "preserve_insertion_order": False,
            }
        )
        # Nobody opens the file again: it needs neither a log of what was committed, nor a checkpoint at its end.
        self._connection.execute("PRAGMA disable_checkpoint_on_shutdown")
        self._connection.execute(
            f"ATTACH '{self.folder / 'tables.duckdb'}' AS audit (RECOVERY_MODE no_wal_writes); USE audit"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._folder.cleanup()

    def run(self, name: str) -> None:
        """Run one of the scripts in `sql/`, by its name, with what the kinds add to it."""
        with _bounded():
            for statement in _statements(name):
                self._connection.execute(statement)

    def execute(self, statement: str, values: Sequence[Any] = ()) -> None:
        """Run one statement."""
        with _bounded():
            self._connection.execute(statement, values)

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The answer to a query."""
        with _bounded():
            return self._connection.execute(query, values).fetchall()

    def fill(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows to a table, by the names of its columns; they go through a file, which is what DuckDB reads fast.

        RecordError, with its log and offset, for a row that the table does not take.
        """
        waiting = iter(rows)
        while chunk := list(islice(waiting, ROWS_AT_ONCE)):
            try:
                self._copy(table, chunk)
            except duckdb.Error:
                self._name_culprit(table, chunk)
                raise

    def _copy(self, table: str, rows: Sequence[Row]) -> None:
        path = self.folder / "rows.json"
        path.write_bytes(_lines(rows))
        with _bounded():
            self._connection.execute(f"COPY {table} FROM '{path}' (FORMAT json)")

    def _name_culprit(self, table: str, rows: Sequence[Row]) -> None:
        """Of rows that were refused together, say which record the first comes from that is refused alone."""
        for row in rows:
            try:
                self._copy(table, [row])
            except duckdb.Error as error:
                place = f"{row['log']}, offset {row['pos']}" if "pos" in row else f"a row of {table}"
                raise RecordError(f"{place}: {str(error).splitlines()[0]}") from error


@cache
def _statements(name: str) -> Sequence[duckdb.Statement]:
    """A script's statements: parsed once, since every cut asks them again."""
    with duckdb.connect() as parser:
        return tuple(parser.extract_statements(script(name)))


@contextmanager
def _bounded() -> Iterator[None]:
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        line = f"{PREFIX}AUDIT_MEMORY_MB: the audit needs more memory, or more room in the temporary folder"
        raise SetupError(f"{line} ({str(error).splitlines()[0]})") from error
