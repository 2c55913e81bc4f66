"""Rows of an export file, CSV or JSON Lines, as texts by column, with how far reading has come."""

import csv
import json
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from pipeline.config.settings import SetupError
from pipeline.importing.field_map import FieldMap

JSON_LINES = (".jsonl", ".ndjson", ".json")


class Rows:
    """One pass over a file. `total_bytes` and `read_bytes` are for the progress bar."""

    def __init__(self, path: Path, delimiter: str = ",") -> None:
        self.path = path
        self.delimiter = delimiter
        self.read_bytes = 0
        try:
            self.total_bytes = path.stat().st_size
            with path.open("rb"):
                pass
        except OSError as error:
            raise SetupError(f"FILE: cannot read {path}: {error.strerror}") from None

    def __iter__(self) -> Iterator[tuple[int, Mapping[str, str] | None]]:
        """Row number (1 is the first row of data) and texts; None for a row that is neither CSV nor JSON.

        Raises:
            SetupError: when the file is not UTF-8; reading on would spoil names.
        """
        return self._json() if self.path.suffix in JSON_LINES else self._csv()

    def columns(self) -> list[str] | None:
        """The header of a CSV file; None for JSON Lines, where every row has its own."""
        if self.path.suffix in JSON_LINES:
            return None
        try:
            return next(csv.reader(self._lines(), delimiter=self.delimiter), [])
        except csv.Error as error:
            raise SetupError(f"FILE: {self.path} is not valid CSV: {error}") from None
        finally:
            self.read_bytes = 0

    def _lines(self) -> Iterator[str]:
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                self.read_bytes += len(line)
                try:
                    yield line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError:
                    raise SetupError(f"FILE: {self.path} is not valid UTF-8 (line {number})") from None

    def _csv(self) -> Iterator[tuple[int, Mapping[str, str] | None]]:
        reader = csv.DictReader(self._lines(), delimiter=self.delimiter, restval="")
        for number in count(1):
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield number, None
                continue
            row.pop(None, None)  # what is beyond the header has no name
            yield number, row

    def _json(self) -> Iterator[tuple[int, Mapping[str, str] | None]]:
        for number, line in enumerate(self._lines(), 1):
            if line.strip():
                yield number, _flat(line)


def _flat(line: str) -> dict[str, str] | None:
    """A JSON object as texts, nested names joined with a dot; None for anything else."""
    try:
        loaded = json.loads(line, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    if not isinstance(loaded, dict):
        return None
    texts: dict[str, str] = {}
    waiting: list[tuple[str, Any]] = [("", loaded)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{name}.{key}" if name else key, item) for key, item in value.items()]
        else:
            texts[name] = "" if value is None else json.dumps(value) if isinstance(value, (bool, list)) else str(value)
    return texts


def check_columns(field_map: FieldMap, rows: Rows) -> None:
    """Refuse a map that reads columns the file does not have; SetupError naming the first of them."""
    header = rows.columns()
    if header is None:
        return
    for missing in sorted(field_map.columns() - set(header)):
        raise SetupError(f"--map: {rows.path.name} has no column {missing!r}; it has: {', '.join(header)}")


def read_lookups(field_map: FieldMap, folder: Path) -> dict[str, dict[str, str]]:
    """The declared lookups, read from their files in `folder`; SetupError where a file or column is missing."""
    read: dict[str, dict[str, str]] = {}
    for name, lookup in field_map.lookups.items():
        rows = Rows(folder / lookup.file, field_map.delimiter)
        header = rows.columns()
        for column in (lookup.key, lookup.value):
            if header is not None and column not in header:
                raise SetupError(f"--map: lookup {name}: {lookup.file} has no column {column!r}")
        read[name] = {row.get(lookup.key, "").strip(): row.get(lookup.value, "").strip() for _, row in rows if row}
    return read
