"""Files in every form in which systems export: the same rows are the same events."""

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import cramjam
import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.config.settings import SetupError
from pipeline.importing.documents import document_rows, flat
from pipeline.importing.faults import RowError
from pipeline.importing.field_map import FieldMap
from pipeline.importing.files import ExportFile
from pipeline.importing.rows import Rows
from tests.unit.importing.checked import Checked, check_files, deals
from tests.unit.importing.workbook import write_workbook

NAMES = {"product": {"column": "what", "parse": "hash"}, "owner_id": {"column": "rep"}}
HEADER = ["id", "at", "rep", "what"]
TEXTS = st.text(st.characters(codec="cp1252", exclude_categories=["Cc", "Zs"]), min_size=1, max_size=12)
ROWS = st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6)
quick = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def written(folder: Path, rows: list[list[str]], encoding: str = "utf-8", end: str = "\r\n", **dialect: Any) -> Path:
    """A CSV file of these rows."""
    text = io.StringIO()
    csv.writer(text, lineterminator=end, **dialect).writerows(rows)
    path = folder / "export.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def table(texts: list[tuple[str, str]]) -> list[list[str]]:
    """Deals with these products, under a header."""
    return [HEADER, *([f"d{n}", "2026-03-04", "ann", what] for n, (what, _) in enumerate(texts))]


@quick
@given(
    ROWS,
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-be"]),
    st.sampled_from(["\r\n", "\n", "\r"]),
    st.booleans(),
)
def test_a_table_is_read_as_it_was_written(
    tmp_path: Path, texts: list[tuple[str, str]], delimiter: str, encoding: str, end: str, every: bool
) -> None:
    """Any delimiter, encoding, line end and quotation: every text comes out as it went in."""
    quoting = csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL
    path = written(tmp_path, table(texts), encoding, end, delimiter=delimiter, quoting=quoting)
    rows = Rows([path], deals(NAMES, delimiter=delimiter, encoding=encoding), tmp_path)
    read = [row["what"] for _, row in rows if not isinstance(row, RowError)]

    assert read == [what for what, _ in texts]


@quick
@given(ROWS, st.sampled_from(["", "gzip", "zstd"]), st.sampled_from(["lines", "array", "pretty", "results", "a.b"]))
def test_json_gives_the_events_of_a_table(tmp_path: Path, texts: list[tuple[str, str]], packed: str, form: str) -> None:
    """An object a line, an array, an answer of an interface, packed or not."""
    header, *cells = table(texts)
    objects = [dict(zip(header, row, strict=True)) for row in cells]
    inner: dict[str, Any] = {"results": {"results": objects}, "a.b": {"paging": {"next": 2}, "a": {"b": objects}}}
    text = {
        "lines": "\n".join(json.dumps(each) for each in objects),
        "array": json.dumps(objects),
        "pretty": json.dumps(objects, indent=2),
    }.get(form) or json.dumps(inner[form])
    name = "export.jsonl" if form == "lines" else "export.json"
    path = tmp_path / f"{name}{'.gz' if packed == 'gzip' else '.zst' if packed == 'zstd' else ''}"
    path.write_bytes(pack(text.encode(), packed))
    more = {"records": form} if form == "a.b" else {}
    events = check_files(deals(NAMES, **more), path).events

    assert events == check_files(deals(NAMES), written(tmp_path, table(texts))).events


def pack(content: bytes, how: str) -> bytes:
    """Compressed."""
    return (
        gzip.compress(content) if how == "gzip" else bytes(cramjam.zstd.compress(content)) if how == "zstd" else content
    )


def of(tmp_path: Path, text: str, /, name: str = "export.csv", **more: Any) -> Checked:
    """The check of a file with this text; semicolons unless the map says otherwise."""
    path = tmp_path / name
    path.write_bytes(text.encode())
    return check_files(deals({"owner_id": {"column": "rep"}}, **more), path)


BODY = "D1;2026-03-04;ann\r\nD2;2026-03-05;bob\r\n"


@pytest.mark.parametrize(
    ("text", "more"),
    [
        (f"id;at;rep\r\n{BODY}", {"delimiter": ";"}),
        (f"sep=;\r\nid;at;rep\r\n{BODY}", {}),
        (f"\ufeffsep=;\r\nid;at;rep\r\n{BODY}", {}),
        (f"Deals by owner\r\nAs of 2026-03-06;;\r\n\r\nid;at;rep\r\n{BODY}", {"delimiter": ";"}),
        (f" id ; at; rep \r\n{BODY}", {"delimiter": ";"}),
        (f'id;at;rep\r\n{BODY}\r\n"";"";""\r\nTotals (2);;\r\nSecret;;\r\n', {"delimiter": ";", "footer": "^Totals"}),
        (f"id;at;rep;;\r\n{BODY}", {"delimiter": ";"}),
    ],
)  # fmt: skip
def test_what_stands_around_a_table_is_passed_over(tmp_path: Path, text: str, more: dict[str, Any]) -> None:
    """A line that names the delimiter, titles, blank rows, spaces around names, totals."""
    checked = of(tmp_path, text, **more)

    assert [event["subject"] for event in checked.events] == ["deal:D1", "deal:D2"]
    assert checked.said == []


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    """With titles, the header and blank rows; a text of several lines is in one row."""
    checked = of(tmp_path, 'Title\r\n\r\nid,at,rep\r\nD1,2026-03-04,"a\r\nb"\r\n\r\nD2,soon,ann\r\n')

    assert [str(cause.places[0]) for cause in checked.summary.causes.all()] == ["4", "6"]


def test_a_footer_that_nobody_declared_stops_the_import(tmp_path: Path) -> None:
    """It is a row like any other."""
    checked = of(tmp_path, "id,at,rep\nD1,2026-03-04,ann\nGrand Totals,,\n")

    assert "row 3: at is empty, and is the time of crm.deal.changed" in checked.said[0]


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        ("id;at;rep\n", {}, "has the one column 'id;at;rep'; declare delimiter = \";\" in the map"),
        ("id\tat\trep\n", {}, 'declare delimiter = "\\t" in the map'),
        ("id,at,owner\n", {}, "has no column 'rep'; it has: id, at, owner"),
        ("id,at,rep,rep\n", {}, "has the column 'rep' twice"),
        ("", {}, "has no column 'at'; it is empty"),
        ("sep=;\nid;at;rep\n", {"delimiter": ","}, "says that its delimiter is ';'"),
    ],
)
def test_a_table_that_the_map_is_not_for_gets_one_line(
    tmp_path: Path, text: str, more: dict[str, Any], said: str
) -> None:
    """It says what to write into the map."""
    with pytest.raises(SetupError) as caught:
        of(tmp_path, text, **more)

    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,at,rep\nD1,2026-03-04,1,234.50\n", "row 2: has more cells than the header has names"),
        ('id,at,rep\nD1,2026-03-04,"ann\nD2,2026-03-05,bob\n', "row 2: is not CSV"),
        ("id,at,rep\nD1," + "x" * 200_000 + ",ann\n", "row 2: is not CSV: field larger than field limit"),
    ],
)
def test_a_row_that_is_not_as_the_header_says_is_told(tmp_path: Path, text: str, said: str) -> None:
    """Nothing is cut off, and no quotation mark swallows the rest of a file."""
    assert said in of(tmp_path, text).said[0]


def test_a_short_row_says_nothing_of_what_it_does_not_have(tmp_path: Path) -> None:
    """It clears nothing, where the map lets empty cells clear."""
    checked = of(tmp_path, "id,at,rep\nD1,2026-03-04\nD2,2026-03-04,\n", empty="clears")

    assert [event["data"] for event in checked.events] == [{}, {"owner_id": None}]


def test_bytes_of_another_encoding_stop_the_import(tmp_path: Path) -> None:
    """Names read in the wrong one would become other reps."""
    (tmp_path / "a.csv").write_bytes("id,at,rep\nD1,2026-03-04,ü\n".encode("cp1252"))
    with pytest.raises(SetupError, match=r'is not valid UTF-8 \(line 2\); declare .* encoding = "windows-1252"'):
        check_files(deals({"owner_id": {"column": "rep"}}), tmp_path / "a.csv")


def test_json_null_is_not_an_absent_field(tmp_path: Path) -> None:
    """The one clears where the map says so, the other says nothing; so does what is within null."""
    lines = ['{"id":"1","at":"2026-03-04T10:00:00Z","rep":null}', '{"id":"2","at":"2026-03-04T10:00:00Z"}']
    checked = of(tmp_path, "\n".join(lines), name="a.jsonl", empty="clears")
    nested = deals({"owner_id": {"column": "owner.id"}}, empty="clears")
    (tmp_path / "b.jsonl").write_text('{"id":"1","at":"2026-03-04T10:00:00Z","owner":null}\n')

    assert [event["data"] for event in checked.events] == [{"owner_id": None}, {}]
    assert check_files(nested, tmp_path / "b.jsonl").data == {"owner_id": None}


def test_a_column_that_no_row_has_stops_the_import(tmp_path: Path) -> None:
    """A field that was renamed in the CRM: told once, with the name that it may have now."""
    checked = of(tmp_path, '{"id":"1","at":"2026-03-04T10:00:00Z","repId":"ann"}\n', name="a.jsonl")

    assert checked.said == ["--map: rep is a column that no row has; did you mean repId? rows have: at, id, repId"]
    assert not checked.summary.sendable


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1, 2]", "is no JSON object"),
        ('[{"id":"1","at":"2026-03-04T10:00:00Z","rep":"a\\ud800"}]', "rep has half of a letter"),
        ('{"id":"1","at":"2026-03-04T10:00:00Z","rep":"a"}\n{oops\n', "is no JSON object"),
        ('{"x":' + "[" * 100_000, "is not valid JSON"),
        ('[{"id":"1"}', "is not valid JSON"),
        ('{"things": {"id": 1}, "b": 2, \n "c": 3}', "declare records"),
        ('{"results": "none"\n}', "has none of the lists"),
    ],
)
def test_json_that_is_none_is_told(tmp_path: Path, text: str, said: str) -> None:
    """A row, or the file as a whole; half of it is never sent without a word."""
    try:
        lines = of(tmp_path, text, name="a.json").said
    except SetupError as error:
        lines = [str(error)]

    assert any(said in line for line in lines)


@quick
@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
))  # fmt: skip
def test_everything_in_a_document_is_a_text(tmp_path: Path, value: Any) -> None:
    """Every number, text, flag and null in it is there, under the way to it."""

    def leaves(within: Any) -> int:
        inner = list(within.values()) if isinstance(within, dict) else within if isinstance(within, list) else None
        return 1 if not inner else sum(map(leaves, inner))

    if isinstance(value, dict) and not any("." in key or "[" in key or not key for key in _keys(value)):
        assert len(flat(value)) == (leaves(value) if value else 0)
    (tmp_path / "a.json").write_text(json.dumps([value, {"a": value}], indent=1))
    assert len(list(document_rows(ExportFile(tmp_path / "a.json", tmp_path), None, None))) == 2


def _keys(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(key for each in value.values() for key in _keys(each))]
    return [key for each in value for key in _keys(each)] if isinstance(value, list) else []


@quick
@given(ROWS)
def test_parquet_is_read_as_it_was_written(tmp_path: Path, texts: list[tuple[str, str]]) -> None:
    """Every text comes out as it went in."""
    path = tmp_path / "export.parquet"
    with duckdb.connect() as database:
        database.execute('CREATE TABLE t (id VARCHAR, "at" DATE, what VARCHAR)')
        database.executemany(
            "INSERT INTO t VALUES (?, '2026-03-04', ?)", [[f"d{n}", what] for n, (what, _) in enumerate(texts)]
        )
        database.execute(f"COPY t TO '{path}'")
    rows = Rows([path], deals(NAMES), tmp_path)

    assert [row["what"] for _, row in rows if not isinstance(row, RowError)] == [what for what, _ in texts]


def test_parquet_says_what_its_values_are(tmp_path: Path) -> None:
    """Numbers need no locale, times no format; a zone in them wins; what is nested has the names it has in JSON."""
    path = tmp_path / "export.parquet"
    told = """
        SELECT 'D1' AS id, TIMESTAMPTZ '2026-03-04 11:00:00+01' AS "at", TIMESTAMP '2026-03-04 10:00:00.5' AS opened,
            DATE '2026-05-01' AS due, 1234.50::DECIMAL(9, 2) AS amount, {'id': 'ann'} AS owner, NULL::VARCHAR AS what
    """
    with duckdb.connect() as database:
        database.execute(f"COPY ({told}) TO '{path}'")
    data = {
        "owner_id": {"column": "owner.id"}, "currency": "EUR", "product": {"column": "what"},
        "amount_minor": {"column": "amount", "parse": "money"},
        "created_at": {"column": "opened", "parse": "instant", "format": "%d.%m.%Y"},
        "expected_close_on": {"column": "due", "parse": "date", "format": "%d.%m.%Y"},
    }  # fmt: skip
    [event] = check_files(deals(data, locale="de", zone="Europe/Berlin"), path).events

    assert event["time"] == "2026-03-04T10:00:00.000Z"
    assert event["data"] == {
        "owner_id": "ann", "currency": "EUR", "amount_minor": 123_450, "created_at": "2026-03-04T09:00:00.500Z",
        "expected_close_on": "2026-05-01",
    }  # fmt: skip


def test_several_files_and_folders_are_one_import(tmp_path: Path) -> None:
    """Their rows are told apart by file, and what is told in two of them is sent once."""
    field_map = deals({"owner_id": {"column": "rep"}})
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "a.csv").write_text("id,at,rep\nD1,2026-03-04,ann\n")
    (folder / "b.csv").write_text("id,at,rep\nD1,2026-03-04,ann\nD2,soon,bob\n")
    (folder / "readme.md").write_text("not an export")
    checked = check_files(field_map, folder)

    assert [event["subject"] for event in checked.events] == ["deal:D1"]
    assert checked.said[0].startswith("row b.csv:3: at: 'soon'")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SetupError, match="has no file to import"):
        check_files(field_map, tmp_path / "empty")


def test_a_workbook_says_what_is_a_number_and_what_is_a_date(tmp_path: Path) -> None:
    """Whatever locale and format the map declares for texts; a title stands above the header."""
    data = {"amount_minor": {"column": "amount", "parse": "money", "currency": "EUR"}, "owner_id": {"column": "rep"}}
    event = {
        "type": "crm.deal.changed",
        "subject": "deal:{id}",
        "time": {"column": "at", "format": "%d.%m.%Y"},
        "data": data,
    }
    field_map = FieldMap.model_validate({"source": "sheet", "zone": "UTC", "locale": "de", "event": [event]})
    path = tmp_path / "export.xlsx"
    write_workbook(path, [["All deals"], ["id", "at", "rep", "amount"], ["n:7", "d:46085", "ann", "n:1234.5"],
                    ["n:8", "d:46085.5", "bob", "1.234,50"], ["n:9", "04.03.2026", "cem", "n:12"]])  # fmt: skip
    events = check_files(field_map, path).events

    assert [(event["subject"], event["time"], event["data"]["amount_minor"]) for event in events] == [
        ("deal:7", "2026-03-04T12:00:00.000Z", 123_450),
        ("deal:8", "2026-03-04T12:00:00.000Z", 123_450),
        ("deal:9", "2026-03-04T12:00:00.000Z", 1_200),
    ]


@pytest.mark.parametrize("cell", ["1E400", "-1E400", "inf", "NaN"])
def test_a_cell_that_holds_no_number_refuses_its_row_alone(tmp_path: Path, cell: str) -> None:
    """And none where the map does not read its column."""
    amount = {"amount_minor": {"column": "amount", "parse": "money", "currency": "EUR"}}
    write_workbook(tmp_path / "export.xlsx", [["id", "at", "amount", "other"],
                                              ["1", "2026-03-04", f"n:{cell}", "n:1"],
                                              ["2", "2026-03-04", "n:7", f"n:{cell}"]])  # fmt: skip
    checked = check_files(deals(amount), tmp_path / "export.xlsx")

    assert [event["subject"] for event in checked.events] == ["deal:2"]
    assert [line.partition(":")[0] for line in checked.said] == ["row 2"]


def test_a_sheet_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With those that are; so is a file that is no workbook."""
    write_workbook(tmp_path / "a.xlsx", [["id", "at"]])
    with pytest.raises(SetupError, match="has no sheet 'Wins'; it has: Deals"):
        check_files(deals(sheet="Wins"), tmp_path / "a.xlsx")
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04 and nothing else")
    with pytest.raises(SetupError, match="is no workbook that can be read"):
        check_files(deals(), tmp_path / "b.xlsx")


@pytest.mark.parametrize(("content", "said"), [
    (b"PAR1....", "is no Parquet that can be read"),
    (b"\x1f\x8b\x08nothing", "is not whole"), (b"\x28\xb5\x2f\xfdnothing", "is not whole"),
])  # fmt: skip
def test_a_file_that_cannot_be_read_gets_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    """What it is, and what to do."""
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(SetupError) as caught:
        check_files(deals(), tmp_path / "a.csv")

    assert said in str(caught.value)


LOOKUP = {
    "team": {
        "file": "teams.csv",
        "key": "mail",
        "value": "team",
        "ignore_case": True,
        "valid_from": "from",
        "valid_to": "to",
    }
}


@pytest.mark.parametrize(
    ("at", "team"),
    [
        ("2026-03-04", "south"),
        ("2026-03-31", "south"),
        ("2026-04-01T03:00:00Z", "south"),
        ("2026-04-01", "north"),
        ("2026-02-28", None),
    ],
)
def test_a_dated_lookup_tells_what_held_on_the_day_of_the_event(tmp_path: Path, at: str, team: str | None) -> None:
    """A team by the rep's mail address, in any case."""
    (tmp_path / "teams.csv").write_text(
        "mail,team,from,to\nann@x.org,south,2026-03-01,2026-03-31\nann@x.org,north,2026-04-01,\n"
    )
    (tmp_path / "calls.csv").write_text(f"id,at,mail\n1,{at},ANN@x.org\n")
    event = {
        "type": "telephony.call.changed", "subject": "call:{id}", "time": {"column": "at"},
        "data": {"team_id": {"column": "mail", "lookup": "team", "unlisted": "empty"}},
    }  # fmt: skip
    field_map = FieldMap.model_validate(
        {"source": "pbx", "zone": "America/New_York", "lookups": LOOKUP, "event": [event]}
    )

    assert check_files(field_map, tmp_path / "calls.csv").data.get("team_id") == team


@pytest.mark.parametrize(("rows", "said"), [
    ("ann,south\nann,north\n", "row 3 tells another team for 'ann' again"), ("ann,south,x\n", "has more cells"),
])  # fmt: skip
def test_a_lookup_that_is_not_clear_stops_the_import(tmp_path: Path, rows: str, said: str) -> None:
    """Which of two values it means is not guessed."""
    (tmp_path / "teams.csv").write_text(f"rep,team\n{rows}")
    (tmp_path / "a.csv").write_text("id,at,rep\n1,2026-03-04,ann\n")
    lookups = {"team": {"file": "teams.csv", "key": "rep", "value": "team"}}
    with pytest.raises(SetupError, match=said):
        check_files(deals({"product": {"column": "rep", "lookup": "team"}}, lookups=lookups), tmp_path / "a.csv")


def test_a_packed_file_that_is_damaged_gets_one_line(tmp_path: Path) -> None:
    """Wherever a byte of it was changed; it is read as it was where that byte says nothing of what is in it."""
    (tmp_path / "export.csv").write_bytes(content := b"id,at\n" + b"".join(b"%d,2026-03-04\n" % n for n in range(50)))
    events = check_files(deals(), tmp_path / "export.csv").events
    whole = gzip.compress(content, mtime=0)
    said = []
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        (tmp_path / "export.csv.gz").write_bytes(damaged)
        try:
            assert check_files(deals(), tmp_path / "export.csv.gz").events == events
        except SetupError as error:
            said.append(str(error))
    assert len(said) > len(whole) // 2
    assert not [line for line in said if "\n" in line]


@pytest.mark.parametrize("delimiter", ["\n", "\r", '"'])
def test_a_delimiter_that_cannot_be_one_gets_one_line(tmp_path: Path, delimiter: str) -> None:
    """Lines and quotes have a meaning of their own."""
    (tmp_path / "export.csv").write_text("id,at\n1,2026-03-04\n")
    with pytest.raises(SetupError, match="cannot be a delimiter"):
        check_files(deals(delimiter=delimiter), tmp_path / "export.csv")
