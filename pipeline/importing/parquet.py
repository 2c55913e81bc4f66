"""Rows of a Parquet file, read by DuckDB, which the extra `audit` brings."""

import json
from collections.abc import Generator
from typing import Any

from pipeline.config.extras import require_extra
from pipeline.config.settings import SetupError
from pipeline.importing.documents import DECODER, flat
from pipeline.importing.files import ExportFile
from pipeline.importing.texts import PlainStamp, Row

BATCH = 2000
STAMPS = ("DATE", "TIME", "TIMESTAMP")
"""What the types of dates and times begin with."""
IN_UTC = "strftime(make_timestamp(epoch_us({0})), '%Y-%m-%dT%H:%M:%S.%fZ') AS {0}"
ZONED = "TIMESTAMP WITH TIME ZONE"


def parquet_rows(file: ExportFile) -> Generator[tuple[int, Row], None, None]:
    """Each row with its number. Numbers and times are read as such, those with a zone as instants.

    Raises:
        SetupError: where the file cannot be read.
    """
    require_extra("import", "audit", "duckdb", "duckdb to read Parquet")
    import duckdb  # noqa: PLC0415 (only Parquet needs it)

    path = str(file.whole_path())
    try:
        with duckdb.connect() as database:
            columns: list[tuple[Any, ...]] = database.execute("DESCRIBE FROM read_parquet(?)", [path]).fetchall()
            types = {str(name): str(kind) for name, kind, *_ in columns}
            stamps = frozenset(name for name, kind in types.items() if kind.startswith(STAMPS))
            asked = database.execute(
                f"SELECT to_json(r) FROM (SELECT {_selected(types)} FROM read_parquet(?)) r", [path]
            )
            number = 0
            while batch := asked.fetchmany(BATCH):
                for (text,) in batch:
                    number += 1
                    yield number, _row(DECODER.decode(text), stamps)
    except (duckdb.Error, json.JSONDecodeError) as error:
        raise SetupError(f"FILE: {file.path} is no Parquet that can be read: {error}") from None


def _selected(types: dict[str, str]) -> str:
    zoned = [IN_UTC.format(_quoted(name)) for name, kind in types.items() if kind == ZONED]
    return f"* REPLACE ({', '.join(zoned)})" if zoned else "*"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _row(loaded: dict[str, Any], stamps: frozenset[str]) -> Row:
    return {name: PlainStamp(text) if name in stamps and text else text for name, text in flat(loaded).items()}
