"""A temporary SQLite database in a folder that goes away: what is too much for memory while an import is worked on."""

import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Self

PRAGMAS = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;"


class Scratch:
    """A context: leaving it closes the file, which its folder takes along."""

    def __init__(self, path: Path, tables: str) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(f"{PRAGMAS} {tables}")
        self._database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._database.close()
