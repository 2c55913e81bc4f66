"""Rows into events: histories, zones, refusals, stable ids."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.settings import SetupError
from pipeline.importing.events import Refused, events_of
from pipeline.importing.field_map import FieldMap
from pipeline.importing.rows import Rows, check_columns, read_lookups
from pipeline.sending.event import Outgoing
from schemas.events import MODELS
from tests.unit.ledger.world import NOON_MS

REP = {"column": "rep", "parse": "slug", "required": True}
DEALS = FieldMap.model_validate(
    {
        "source": "crm-export",
        "lookups": {"office": {"file": "reps.csv", "key": "rep", "value": "office"}},
        "zone": {
            "column": "rep",
            "lookup": "office",
            "values": {"East": "America/New_York", "Far East": "Asia/Tokyo"},
        },
        "event": [
            {
                "type": "crm.deal.changed",
                "subject": "deal:{id}",
                "when": [{"column": "opened", "filled": True}],
                "time": {"column": "opened"},
                "sequence": 1,
                "data": {"stage_id": "open", "owner_id": REP, "created_at": {"column": "opened", "parse": "instant"}},
            },
            {
                "type": "crm.deal.changed",
                "subject": "deal:{id}",
                "when": [{"column": "stage", "is": ["Won", "Lost"]}],
                "time": {"column": "closed"},
                "sequence": 2,
                "data": {
                    "stage_id": {"column": "stage", "values": {"Won": "won", "Lost": "lost"}},
                    "amount_minor": {"column": "amount", "parse": "money", "currency": "USD"},
                    "currency": "USD",
                },
            },
            {
                "type": "org.rep.changed",
                "subject": "rep:{rep|slug}",
                "time": "2020-01-01T00:00:00Z",
                "data": {"active": True},
            },
        ],
    }
)
LOOKUPS = {"office": {"Rep 1": "East", "Rep 2": "Far East", "Rep 3": "Mars"}}
WON = {"id": "D1", "rep": "Rep 1", "stage": "Won", "opened": "2026-03-01", "closed": "2026-07-01", "amount": "1,200"}


def read(*rows: dict[str, str]) -> list[dict[str, Any] | Refused]:
    """The events and refusals of some rows."""
    made = events_of(DEALS, enumerate(rows, 1), LOOKUPS, NOON_MS)
    return [each.event if isinstance(each, Outgoing) else each for each in made]


def test_a_row_gives_the_history_of_its_deal() -> None:
    """A closed deal was open from one day on and won on another, at noon where the rep's office is."""
    opened, won, rep = read(WON)

    assert isinstance(opened, dict)
    assert isinstance(won, dict)
    assert isinstance(rep, dict)
    assert (opened["time"], opened["sequence"]) == ("2026-03-01T17:00:00.000Z", 1)
    assert opened["data"] == {"stage_id": "open", "owner_id": "rep-1", "created_at": "2026-03-01T17:00:00.000Z"}
    assert (won["time"], won["sequence"]) == ("2026-07-01T16:00:00.000Z", 2)
    assert won["data"] == {"stage_id": "won", "amount_minor": 120_000, "currency": "USD"}
    assert rep["subject"] == "rep:rep-1"


def test_a_zone_comes_from_a_lookup() -> None:
    """Noon in Tokyo is three in the morning UTC."""
    opened = read({**WON, "rep": "Rep 2"})[0]

    assert isinstance(opened, dict)
    assert opened["time"] == "2026-03-01T03:00:00.000Z"


def test_an_empty_column_leaves_its_field_out() -> None:
    """Nothing is said about what the row does not say."""
    won = read({**WON, "amount": ""})[1]

    assert isinstance(won, dict)
    assert "amount_minor" not in won["data"]


def test_what_cannot_be_read_is_refused_by_row_and_column() -> None:
    """A bad text refuses its event only, and names row, column and text."""
    refusals = read(WON, {**WON, "closed": "soon"}, {**WON, "rep": "Rep 3"}, {**WON, "rep": "Rep 9"})
    reasons = [(each.row, each.reason) for each in refusals if isinstance(each, Refused)]

    assert reasons == [
        (2, "closed: 'soon' is not a valid instant (ISO 8601)"),
        (3, "rep: 'Mars' is not one of East, Far East"),
        (3, "rep: 'Mars' is not one of East, Far East"),
        (4, "rep: 'Rep 9' is not in lookup office"),
        (4, "rep: 'Rep 9' is not in lookup office"),
    ]


def test_what_the_schema_refuses_never_leaves() -> None:
    """An id that no event may have refuses the row with the field's name."""
    refused = read({**WON, "id": "a b"})[0]

    assert isinstance(refused, Refused)
    assert "subject" in refused.reason


def test_an_organisation_event_comes_once() -> None:
    """A rep named in a thousand rows is introduced once."""
    events = [each for each in read(WON, {**WON, "id": "D2"}) if isinstance(each, dict)]

    assert [event["type"] for event in events].count("org.rep.changed") == 1


def test_the_same_export_gives_the_same_ids() -> None:
    """So importing it again changes nothing; another text gives another id."""
    first, again, other = read(WON)[0], read(WON)[0], read({**WON, "opened": "2026-03-02"})[0]

    assert first == again
    assert isinstance(first, dict)
    assert isinstance(other, dict)
    assert first["id"] != other["id"]


@given(
    st.fixed_dictionaries(
        {
            "id": st.text(max_size=12),
            "rep": st.sampled_from(["Rep 1", "Rep 2", "Rep 3", "", "?"]),
            "stage": st.sampled_from(["Won", "Lost", "Open", ""]),
            "opened": st.one_of(st.dates().map(str), st.text(max_size=12)),
            "closed": st.one_of(st.dates().map(str), st.text(max_size=12)),
            "amount": st.one_of(st.integers().map(str), st.text(max_size=6)),
        }
    )
)
def test_whatever_a_row_holds_its_events_are_valid_or_refused(row: dict[str, str]) -> None:
    """No row raises, and nothing leaves that the pipeline would refuse for its form."""
    for each in read(row):
        if not isinstance(each, Refused):
            MODELS[each["type"]].model_validate_json(json.dumps(each))


def test_csv_and_json_lines_give_the_same_events(tmp_path: Path) -> None:
    """Nested objects are named with dots, numbers keep their digits, null is empty."""
    fields = {"subject": "deal:{id}", "type": "crm.deal.changed", "time": {"column": "at.day"}}
    amount = {"column": "at.amount", "parse": "money", "currency": "EUR"}
    field_map = FieldMap.model_validate(
        {"source": "x", "zone": "UTC", "event": [{**fields, "data": {"amount_minor": amount, "currency": "EUR"}}]}
    )
    (tmp_path / "a.csv").write_text("\ufeffid,at.day,at.amount\nD1,2026-01-02,10.10\nD2,2026-01-03,\n")
    (tmp_path / "a.jsonl").write_text(
        '{"id":"D1","at":{"day":"2026-01-02","amount":10.10}}\n\n{"id":"D2","at":{"day":"2026-01-03","amount":null}}\n'
    )
    csv, lines = (list(events_of(field_map, Rows(tmp_path / name), {}, NOON_MS)) for name in ("a.csv", "a.jsonl"))

    assert csv == lines
    assert len(csv) == 2


def test_a_line_that_is_no_json_is_refused(tmp_path: Path) -> None:
    """It refuses its own row and no other."""
    (tmp_path / "a.jsonl").write_text('{"id":"D1","opened":"2026-01-02","rep":"Rep 1"}\n{oops\n')
    made = list(events_of(DEALS, Rows(tmp_path / "a.jsonl"), LOOKUPS, NOON_MS))

    assert [each.row for each in made if isinstance(each, Refused)] == [2]


@pytest.mark.parametrize("line", ["7", '{"x":' + "[" * 100_000, "id,opened"])
def test_a_row_that_cannot_be_read_is_never_passed_over(tmp_path: Path, line: str) -> None:
    """It is refused, also where no event's condition would have looked at it."""
    (tmp_path / "a.jsonl").write_text(line + "\n")
    field_map = DEALS.model_copy(update={"events": DEALS.events[:2]})

    assert [type(each) for each in events_of(field_map, Rows(tmp_path / "a.jsonl"), LOOKUPS, NOON_MS)] == [Refused]


def test_a_field_that_is_too_long_refuses_its_row(tmp_path: Path) -> None:
    """The rows after it are read."""
    long = "x" * 200_000
    (tmp_path / "a.csv").write_text(f"id,rep,opened\nD1,{long},2026-01-02\nD2,Rep 1,2026-01-02\n")
    made = list(events_of(DEALS, Rows(tmp_path / "a.csv"), LOOKUPS, NOON_MS))

    assert [each.row for each in made if isinstance(each, Refused)] == [1]
    assert any(isinstance(each, Outgoing) and each.event["subject"] == "deal:D2" for each in made)


def test_a_file_that_is_not_utf_8_is_refused_as_a_whole(tmp_path: Path) -> None:
    """Names read in the wrong encoding would become other reps."""
    (tmp_path / "a.csv").write_bytes("id,rep\nD1,ü\n".encode("latin-1"))
    with pytest.raises(SetupError, match=r"is not valid UTF-8 \(line 2\)"):
        list(Rows(tmp_path / "a.csv"))


def test_an_instant_beyond_all_calendars_refuses_its_row() -> None:
    """A year that no date can have is no crash."""
    field_map = FieldMap.model_validate(
        {
            "source": "x",
            "event": [{"type": "crm.deal.deleted", "subject": "deal:{id}", "time": {"column": "at", "plus": ["9999"]}}],
        }
    )
    made = list(events_of(field_map, [(1, {"id": "D1", "at": "9999-12-31T23:59:59Z"})], {}, NOON_MS))

    assert [each.reason for each in made if isinstance(each, Refused)] == ["at: '9999-12-31T23:59:59Z' is out of range"]


def test_how_far_reading_has_come_is_known(tmp_path: Path) -> None:
    """At the end of a file all of its bytes have been read."""
    (tmp_path / "a.csv").write_text('id,text\n1,"two\nlines"\n2,ü\n')
    rows = Rows(tmp_path / "a.csv")

    assert [number for number, _ in rows] == [1, 2]
    assert rows.read_bytes == rows.total_bytes


def test_lookups_are_read_beside_the_file(tmp_path: Path) -> None:
    """A lookup's file lies in the folder of the imported one."""
    (tmp_path / "reps.csv").write_text("rep,office\nRep 1,East\n")

    assert read_lookups(DEALS, tmp_path) == {"office": {"Rep 1": "East"}}


def test_a_column_that_is_not_there_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    """The line names the column and what the file has instead."""
    (tmp_path / "a.csv").write_text("id,rep,stage,opened,closed\n")
    with pytest.raises(SetupError, match="has no column 'amount'; it has: id, rep, stage, opened, closed"):
        check_columns(DEALS, Rows(tmp_path / "a.csv"))
