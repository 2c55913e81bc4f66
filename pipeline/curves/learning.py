"""What share of a total is usually reached at which share of a period's working time: learnt in SQL from past days."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import duckdb
import msgspec

from schemas.goals import MOST_BASIS_POINTS

LEAST_PERIODS = 8
"""With fewer the two totals furthest apart would not hold eight of ten."""
MOST_PERIODS = 24
"""So many of the latest periods are learnt from: two years of months."""
MOST_MEMORY_MB = 1024
WHOLE = 10_000
TABLES = {
    "aim": "scope VARCHAR, kpi VARCHAR, kind VARCHAR",
    "period": "scope VARCHAR, kind VARCHAR, first_day BIGINT, last_day BIGINT",
    "worked": "scope VARCHAR, day BIGINT, work_ms BIGINT",
    "amount": "scope VARCHAR, kpi VARCHAR, day BIGINT, amount HUGEINT",
}
_SCRIPT = files("pipeline.curves").joinpath("learning.sql")
_lines = msgspec.json.Encoder().encode_lines
Row = dict[str, Any]


@dataclass(slots=True)
class Past:
    """The days that are over, as rows: what is to be learnt, of which periods, and what was reached when."""

    aim: list[Row] = field(default_factory=list)
    """`scope`, `kpi` and `kind` of period."""
    period: list[Row] = field(default_factory=list)
    """`scope`, `kind`, `first_day` and `last_day` of each period that is over and wholly known."""
    worked: list[Row] = field(default_factory=list)
    """`scope`, `day` and `work_ms` of every day of them."""
    amount: list[Row] = field(default_factory=list)
    """`scope`, `kpi`, `day` and `amount`, of days on which there was anything."""


class Learnt(NamedTuple):
    """The curve of a scope, a KPI and a kind of period; `shares`, `low` and `high` are as in `org.curve.changed`."""

    scope: str
    kpi: str
    kind: str
    periods: int
    typical: int
    shares: list[int]
    low: list[int]
    high: list[int]


def learn(past: Past) -> list[Learnt]:
    """The curves that follow from the past, by scope, KPI and kind; also those of too few periods to be of use.

    A day of a scope takes a kilobyte and more while it is learnt from: of many scopes give a few at a time.
    """
    with TemporaryDirectory(prefix="salespulse-curves-") as folder, _database(folder) as database:
        for table, columns in TABLES.items():
            database.execute(f"CREATE TABLE {table} ({columns})")
            _fill(database, Path(folder), table, getattr(past, table))
        database.execute(f"SET VARIABLE most_periods = {MOST_PERIODS}")
        database.execute(f"SET VARIABLE most_factor = {MOST_BASIS_POINTS / WHOLE}")
        database.execute(_SCRIPT.read_text())
        return [Learnt(*row) for row in database.execute("FROM curve ORDER BY ALL").fetchall()]


def _database(folder: str) -> duckdb.DuckDBPyConnection:
    """In bounded memory; what is beyond that lies in the folder, and not where the command was started."""
    limits: dict[str, Any] = {"memory_limit": f"{MOST_MEMORY_MB}MiB", "threads": 1, "temp_directory": folder}
    return duckdb.connect(config=limits)


def _fill(database: duckdb.DuckDBPyConnection, folder: Path, table: str, rows: Iterable[Row]) -> None:
    """Through a file, which is what DuckDB reads fast."""
    path = folder / "rows.json"
    if lines := _lines(rows):
        path.write_bytes(lines)
        database.execute(f"COPY {table} FROM '{path}' (FORMAT json)")
