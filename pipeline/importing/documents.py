"""Rows of JSON: an object a line, an array of objects, or an object that has such an array in it."""

import json
from collections.abc import Generator, Iterator
from typing import IO, Any

from pipeline.config.settings import SetupError
from pipeline.importing.faults import Fault, RowError
from pipeline.importing.files import JSON_LINES, MOST_LETTERS, ExportFile, Lines
from pipeline.importing.texts import PlainNumber, Row
from pipeline.visible import is_whole

LISTS = ("results", "records", "data", "items", "value", "rows", "entries")
"""What interfaces call the list of rows in an answer."""
CHUNK = 1 << 16
NO_OBJECT = Fault("", "is no JSON object")

DECODER = json.JSONDecoder(parse_float=PlainNumber, parse_int=PlainNumber, parse_constant=str)


def document_rows(
    file: ExportFile, records: str | None, encoding: str | None
) -> Generator[tuple[int, Row | RowError], None, None]:
    """Each row with the number of its line, or of the item in its list.

    Raises:
        SetupError: where a file that is one document is not valid, or has no list of rows.
    """
    with file.text(encoding) as text:
        if file.suffix in JSON_LINES or (records is None and _is_lines(text)):
            text.seek(0)
            yield from _lines(Lines(text, file.label))
            return
        text.seek(0)
        try:
            yield from enumerate(map(_row, _items(_Cursor(text), records, file)), 1)
        except (ValueError, RecursionError) as error:
            if isinstance(error, (SetupError, UnicodeDecodeError)):
                raise
            raise SetupError(f"FILE: {file.path} is not valid JSON: {error}") from None


def items_of(row: Row, name: str) -> list[str]:
    """The names of the items of a list in a row."""
    found = 0
    while f"{name}[{found}]" in row or any(each.startswith(f"{name}[{found}].") for each in row):
        found += 1
    return [f"{name}[{number}]" for number in range(found)]


def flat(loaded: dict[str, Any]) -> Row:
    """An object as texts: nested names joined with a dot, items of lists by number, null as empty."""
    texts: dict[str, str] = {}
    waiting: list[tuple[str, Any]] = list(loaded.items())
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict) and value:
            waiting += [(f"{name}.{key}", item) for key, item in value.items()]
        elif isinstance(value, list) and value:
            waiting += [(f"{name}[{number}]", item) for number, item in enumerate(value)]
        elif isinstance(value, bool):
            texts[name] = json.dumps(value)
        else:
            texts[name] = value if isinstance(value, str) else ""
    return texts


def _is_lines(text: IO[str]) -> bool:
    """Whether the first line is an object of its own, and not an answer with a list of rows in it."""
    first = text.readline(MOST_LETTERS)
    try:
        loaded = DECODER.decode(first.lstrip("\ufeff").strip())
    except (ValueError, RecursionError):
        return False
    if not isinstance(loaded, dict):
        return False
    wrapped = any(isinstance(loaded.get(name), list) for name in LISTS)
    return not wrapped or any(some.strip() for some in iter(lambda: text.read(CHUNK), ""))


def _lines(text: Lines) -> Iterator[tuple[int, Row | RowError]]:
    for number, line in enumerate(text, 1):
        text.begin()
        if not line.strip():
            continue
        try:
            yield number, _row(DECODER.decode(line.strip()))
        except (ValueError, RecursionError):
            yield number, RowError(NO_OBJECT)


def _row(loaded: Any) -> Row | RowError:
    if not isinstance(loaded, dict):
        return RowError(NO_OBJECT)
    row = flat(loaded)
    for name, text in row.items():
        if not is_whole(text):
            return RowError(Fault(name, "has half of a letter, an unpaired surrogate, in it"))
    return row


def _items(cursor: "_Cursor", records: str | None, file: ExportFile) -> Iterator[Any]:
    path = records.split(".") if records is not None else None
    if cursor.peek() == "[" and path is None:
        yield from cursor.array()
        return
    if cursor.peek() == "{" and cursor.enter(path):
        yield from cursor.array()
        return
    named = f"no list {records!r}" if records else f"none of the lists {', '.join(LISTS)}"
    raise SetupError(f'FILE: {file.path} has {named}; declare records = "…", the name of its list of rows')


class _Cursor:
    """Reads a document from front to back, one value at a time, so that memory does not grow with it."""

    def __init__(self, text: IO[str]) -> None:
        self._text = text
        self._buffer = ""
        self._at = 0
        self._ended = False

    def peek(self) -> str:
        """The next letter that is no space; empty at the end."""
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at] in " \t\r\n\ufeff":
                self._at += 1
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                return ""

    def take(self, allowed: str) -> str:
        """The next letter, which must be one of these."""
        letter = self.peek()
        if not letter or letter not in allowed:
            raise ValueError(f"{letter or 'its end'!r} where one of {allowed!r} should be")
        self._at += 1
        return letter

    def value(self) -> Any:
        """The next value, whole."""
        self.peek()
        while True:
            try:
                loaded, end = DECODER.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError:
                if not self._more():
                    raise
                continue
            if end == len(self._buffer) and self._more():
                continue
            self._at = end
            return loaded

    def array(self) -> Iterator[Any]:
        """The items of the array that begins here."""
        self.take("[")
        if self.peek() == "]":
            return
        while True:
            yield self.value()
            if self.take(",]") == "]":
                return

    def enter(self, path: list[str] | None) -> bool:
        """Go to the list of that name in the object that begins here; without a name, to one of the usual ones."""
        self.take("{")
        while self.peek() != "}":
            key = self.value()
            self.take(":")
            wanted = key in LISTS if path is None else key == path[0]
            last = path is None or len(path) == 1
            if wanted and last and self.peek() == "[":
                return True
            if wanted and path is not None and not last and self.peek() == "{":
                return self.enter(path[1:])
            self.value()
            if self.take(",}") == "}":
                return False
        return False

    def _more(self) -> bool:
        if self._ended:
            return False
        rest = self._buffer[self._at :]
        if len(rest) > MOST_LETTERS:
            raise ValueError(f"an item of more than {MOST_LETTERS:,} letters")
        read = self._text.read(max(CHUNK, min(len(rest), MOST_LETTERS + 1 - len(rest))))
        self._ended = not read
        self._buffer, self._at = rest + read, 0
        return bool(read)
