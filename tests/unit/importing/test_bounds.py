"""What no export holds ends in one short line: numbers beyond counting, rows without end, columns by the million."""

import json
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.settings import SetupError
from pipeline.importing import files
from pipeline.importing.durations import seconds
from pipeline.importing.faults import Fault, Place, Refused, RowError
from pipeline.importing.field_map import FieldMap
from pipeline.importing.files import MOST_LETTERS
from pipeline.importing.formats import read_stamp
from pipeline.importing.numbers import money, number, whole
from pipeline.importing.rows import Rows
from pipeline.importing.texts import PlainNumber
from tests.unit.importing.checked import check_rows, deals

LONGEST_LINE = 3000
EXPONENTS = st.one_of(st.integers(-400, 400), st.sampled_from([-(10**8), 10**8, 99_999_999, -99_999_999]))


@given(st.from_regex(r"-?[1-9][0-9]{0,30}(\.[0-9]{1,30})?", fullmatch=True), EXPONENTS, st.booleans())
def test_a_number_of_any_size_is_read_or_refused_at_once(digits: str, exponent: int, plain: bool) -> None:
    """Made a whole number, or a text, it never takes more than some hundred letters."""
    text = f"{digits}E{exponent}" if plain else digits + "0" * min(max(exponent, 0), 5000)
    given = PlainNumber(text) if plain else text
    reads: list[Callable[[], str]] = [
        lambda: format(number(given, "en"), "f"), lambda: str(whole(given, "en")),
        lambda: str(money(given, "en", "EUR")), lambda: str(seconds(given, "en", "h")),
        lambda: str(read_stamp(text, ("epoch_ms", "excel"), "en").local),
    ]  # fmt: skip
    for read in reads:
        try:
            told = read()
        except ValueError as error:
            told = str(error)
        assert len(told) < 1000


def test_an_exponent_of_eight_digits_is_one_line() -> None:
    """It used to be made a whole number of a hundred million digits."""
    checked = check_rows(
        deals({"amount_minor": {"column": "a", "parse": "whole"}}),
        [{"id": "d1", "at": "2026-03-04T10:00:00Z", "a": PlainNumber("1E99999999")}],
    )

    assert checked.said == ["row 2: a: '1E99999999' is larger or finer than anything that is counted"]
    assert number("1" + "0" * 20, "en") == Decimal(10**20)


def read(path: Path, field_map: FieldMap | None = None) -> list[object]:
    """All rows of a file."""
    rows = Rows([path], field_map or deals(), path.parent)
    return [row for _, row in rows]


def one_line(path: Path) -> str:
    """The line in which reading a file ends, with little memory."""
    tracemalloc.start()
    try:
        with pytest.raises(SetupError) as ended:
            read(path)
        assert tracemalloc.get_traced_memory()[1] < 64 * MOST_LETTERS
    finally:
        tracemalloc.stop()
    line = str(ended.value)
    assert len(line) < LONGEST_LINE
    assert "\n" not in line
    return line


@pytest.mark.parametrize(
    ("name", "begin", "more"),
    [
        ("a.csv", "id,at\nd1,", "x"),
        ("a.csv", "id,at\nd1,2026-03-04\n", '"a\n",'),
        ("a.csv", "", "id,"),
        ("a.jsonl", '{"id": "', "x"),
        ("a.json", '[{"id": "', "x"),
        ("a.json", '{"data": [{"id": ["', "x" * 1000 + '","'),
    ],
)
def test_a_row_without_end_is_one_line(tmp_path: Path, name: str, begin: str, more: str) -> None:
    """No more of it is read than any row has."""
    path = tmp_path / name
    path.write_text(begin + more * (8 * MOST_LETTERS // len(more)))

    assert f"more than {MOST_LETTERS:,} letters" in one_line(path)


def test_a_document_in_one_line_may_be_of_any_length(tmp_path: Path) -> None:
    """So interfaces answer: it is read item by item."""
    items = [{"id": f"d{n}", "at": "2026-03-04", "text": "x" * 1000} for n in range(5000)]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(items))
    assert path.stat().st_size > MOST_LETTERS

    assert len(read(path)) == 5000


def test_of_a_million_columns_twenty_are_named(tmp_path: Path) -> None:
    """And of each no more than fits into a line."""
    names = [f"column-{n}" for n in range(200_000)]
    path = tmp_path / "a.csv"
    path.write_text(",".join(names) + "\n")
    line = one_line(path)
    assert "has no column 'at'; it has: column-0, " in line
    assert line.endswith("column-19, …")

    path.write_text(";".join(["y" * 100_000] * 3) + "\n")
    assert len(one_line(path)) < LONGEST_LINE
    path.write_text(",".join(["y" * 100_000] * 3) + "\n")
    assert len(one_line(path)) < LONGEST_LINE


def test_rows_with_a_million_names_of_their_own_are_one_line() -> None:
    """Names of a document are as long as somebody likes."""
    refused = Refused(Place(1), Fault("n" * 100_000, "is wrong"), "t" * 100_000)
    checked = check_rows(deals(), [RowError(refused.fault, refused.text)])

    assert all(len(line) < LONGEST_LINE for line in checked.said)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_line_that_is_not_of_the_encoding_is_named_however_long(tmp_path: Path, encoding: str) -> None:
    """What comes before it may be one line without an end."""
    path = tmp_path / "a.csv"
    bad = b"\xff\xff" if encoding == "utf-8" else b"\xd8\xdc"
    start = "id,at\n".encode(encoding)
    lines = ("d1,2026-03-04\n" + "d2,2026-03-04 " * 5000 + "\n").encode(encoding).removeprefix(b"\xff\xfe")
    path.write_bytes(start + lines + bad * 2 + b"\n")
    with pytest.raises(SetupError, match=r"line 4\b"):
        read(path, deals(encoding=encoding))
    assert len(lines) > files.CHUNK_BYTES


@pytest.mark.parametrize("name", ["a.csv.zst", "a.xlsx"])
def test_a_packed_file_that_unpacks_to_gigabytes_is_one_line(tmp_path: Path, name: str) -> None:
    """Neither the disk is filled nor memory."""
    path, zeros = tmp_path / name, bytes(1 << 20)
    if name.endswith(".zst"):
        packer = zstandard.ZstdCompressor().compressobj()
        path.write_bytes(b"".join([*(packer.compress(zeros) for _ in range(300)), packer.flush()]))
    else:
        with ZipFile(path, "w", ZIP_DEFLATED) as packed, packed.open("xl/workbook.xml", "w") as sheet:
            for _ in range(300):
                sheet.write(zeros)
    assert path.stat().st_size < 400_000

    assert "unpacks to more than 200 times its size; unpack it yourself" in one_line(path)
