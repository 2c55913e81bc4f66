"""Rows into events: histories, zones, refusals, stable ids."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.importing.field_map import FieldMap
from schemas.events import MODELS
from tests.unit.importing.checked import Checked, check_row, check_rows, deals

REP = {"column": "rep", "parse": "slug", "required": True}
DEALS = FieldMap.model_validate(
    {
        "source": "crm-export",
        "lookups": {"office": {"file": "reps.csv", "key": "rep", "value": "office"}},
        "zone": {
            "column": "rep",
            "lookup": "office",
            "values": {"Centre": "Europe/Berlin", "East": "America/New_York", "Far East": "Asia/Tokyo"},
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
                    "amount_minor": {"column": "amount", "parse": "money", "locale": "en"},
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


def read(*rows: dict[str, str]) -> Checked:
    """The check of some rows."""
    return check_rows(DEALS, rows, lookups=LOOKUPS)


def events(*rows: dict[str, str]) -> list[dict[str, Any]]:
    """The events of some rows."""
    return read(*rows).events


def test_a_row_gives_the_history_of_its_deal() -> None:
    """A closed deal was open from the beginning of one day and won at the end of another, where the rep's office is."""
    opened, won, rep = events(WON)

    assert (opened["time"], opened["sequence"]) == ("2026-03-01T05:00:00.000Z", 1)
    assert opened["data"] == {"stage_id": "open", "owner_id": "rep-1", "created_at": "2026-03-01T05:00:00.000Z"}
    assert (won["time"], won["sequence"]) == ("2026-07-02T03:59:59.999Z", 2)
    assert won["data"] == {"stage_id": "won", "amount_minor": 120_000, "currency": "USD"}
    assert rep["subject"] == "rep:rep-1"


def test_a_zone_comes_from_a_lookup() -> None:
    """The first of March begins in Tokyo at three in the afternoon UTC of the day before."""
    assert events({**WON, "rep": "Rep 2"})[0]["time"] == "2026-02-28T15:00:00.000Z"


def test_an_empty_column_leaves_its_field_out() -> None:
    """Nothing is said about what the row does not say."""
    assert "amount_minor" not in events({**WON, "amount": ""})[1]["data"]


def test_what_cannot_be_read_is_told_by_cause() -> None:
    """A cause names its rows as a spreadsheet counts them, its column, its texts, and what to do."""
    said = read(WON, {**WON, "closed": "soon"}, {**WON, "rep": "Rep 3"}, {**WON, "rep": "Rep 9"}).said

    add = 'add it, or say otherwise or unlisted = "empty" or "same"'
    assert said[:3] == [
        f"2 times, row 4: rep: 'Mars' is not one of Centre, East, Far East; {add}",
        f"2 times, row 5: rep: 'Rep 9' is not in lookup office; {add}",
        "row 3: closed: 'soon' is no date or time in ISO 8601; declare its format",
    ]


def test_a_cause_is_told_once_however_often_it_is_met() -> None:
    """Of a thousand rows the first five are named, and three of their texts."""
    (line, *_) = read(*({**WON, "id": f"D{n}", "closed": f"soon {n}"} for n in range(1000))).said

    assert line.startswith("1,000 times, rows 2, 3, 4, 5, 6, …: closed: 'soon 0', 'soon 1', 'soon 2', …: each is no")


def test_a_fault_of_the_map_is_told_once_as_one_of_the_map() -> None:
    """No zone anywhere: that is no matter of rows."""
    field_map = deals(zone=None)
    said = check_rows(field_map, [{"id": str(n), "at": "2026-03-01 10:00"} for n in range(100)]).said

    assert said == ["--map: at has no time zone, and neither has the map; declare zone"]


def test_what_the_pipeline_would_refuse_never_leaves() -> None:
    """An id that no event may have is told with the column and what to write instead."""
    checked = read({**WON, "id": "a\x07b"})

    assert [event["type"] for event in checked.events] == ["org.rep.changed"]
    assert checked.said[0].startswith("2 times, row 2: deal:{id}: 'deal:a\\x07b' is no id")
    assert "write {column|id}" in checked.said[0]


def test_an_organisation_event_comes_once() -> None:
    """A rep named in a thousand rows is introduced once, and nothing is said about it."""
    checked = read(WON, {**WON, "id": "D2"})

    assert [event["type"] for event in checked.events].count("org.rep.changed") == 1
    assert checked.said == []


def test_the_same_export_gives_the_same_ids() -> None:
    """So importing it again changes nothing; another text gives another id."""
    first, again, other = events(WON)[0], events(WON)[0], events({**WON, "opened": "2026-03-02"})[0]

    assert first == again
    assert first["id"] != other["id"]


def test_the_summary_counts_what_is_in_an_export() -> None:
    """Rows, objects, events by type, first and last instant; what the organisation is told of has no say in those."""
    summary = read(WON, {**WON, "id": "D2", "stage": "Open", "closed": ""}).summary

    assert (summary.rows, summary.objects) == (2, 3)
    assert summary.events == {"crm.deal.changed": 3, "org.rep.changed": 1}
    assert (summary.first_ms, summary.last_ms) == (1_772_341_200_000, 1_782_964_799_999)


def test_rows_are_shown_with_the_events_they_become() -> None:
    """The first of them, whole."""
    shown = check_rows(DEALS, [WON, {**WON, "id": "D2"}], lookups=LOOKUPS, show=1).summary.shown

    assert [(str(place), row, len(events)) for place, row, events in shown] == [("2", WON, 3)]


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
    for event in events(row):
        MODELS[event["type"]].model_validate_json(json.dumps(event))


def test_an_instant_beyond_all_calendars_refuses_its_row() -> None:
    """A year that no event can have is no crash."""
    assert check_row(deals(), at="9999-12-31T23:59:59Z").said == [
        "row 2: at: '9999-12-31T23:59:59Z' lies outside of the years 1970 to 2199"
    ]


def test_what_is_wrong_with_an_event_of_no_row_is_wrong_with_the_map() -> None:
    """There is no row 0."""
    once = {"type": "org.team.changed", "subject": "team:a\x07b", "once": True, "time": "2020-01-01T00:00:00Z"}
    (line,) = check_rows(FieldMap.model_validate({"source": "hr", "event": [once]}), []).said

    assert line.startswith("--map: team:a\x07b: 'team:a\\x07b' is no id")


FIELDS = {
    "owner_id": ["text", "slug", "hash", "id"],
    "amount_minor": ["whole", "money"],
    "created_at": ["instant"],
    "expected_close_on": ["date"],
    "currency": ["currency"],
    "product": ["text", "decimal", "slug"],
}
FORMATS = ["iso", "excel", "epoch_ms", "epoch_seconds", "%d.%m.%Y", "%d %b %y %H:%M %Z", "%I%p %D"]
VALUES = st.sampled_from(sorted(FIELDS)).flatmap(
    lambda field: st.fixed_dictionaries(
        {"field": st.just(field), "parse": st.sampled_from(FIELDS[field])},
        optional={
            "locale": st.sampled_from(["en", "de", "fr", "ar_EG", "de_CH"]),
            "format": st.lists(
                st.sampled_from(FORMATS),
                min_size=1,
                unique=True,
            ),
            "at": st.sampled_from(["start", "noon", "end"]),
            "zone": st.sampled_from(["Europe/Berlin", "America/St_Johns"]),
            "case": st.sampled_from(["upper", "lower"]),
            "pattern": st.sampled_from(["(.*)", r"\d+", "x?"]),
            "unlisted": st.sampled_from(["refused", "empty", "same"]),
            "empty": st.just("clears"),
            "trim": st.just("-"),
            "required": st.booleans(),
        },
    )
)
ANY = st.one_of(st.text(max_size=20), st.integers().map(str), st.floats().map(str), st.dates().map(str))
SEEN = st.sampled_from(
    ["1,234.50", "(5)", "€5", "$1", "12:30", "2026-03-29 02:30", "2026-02-30", "46329.375", "1795500000000", "NULL",
     "-", "3 PM 01/02/26", "٣", "½", "1e400", "9" * 400, "\x00", "a|b", "{x}", "01.02.2026", "3 Mär 26 10:00 UTC"]
)  # fmt: skip


@given(VALUES, st.one_of(SEEN, ANY))
def test_whatever_a_map_says_of_whatever_text_it_is_an_event_or_a_line(given_: dict[str, Any], text: str) -> None:
    """Nothing raises, nothing leaves that the pipeline would refuse, and nothing is refused without a word."""
    value = {name: said for name, said in given_.items() if name != "field"}
    if value["parse"] == "money":
        value["currency"] = "KWD"
    checked = check_row(deals({given_["field"]: {"column": "x", **value}}), x=text)

    assert len(checked.events) + checked.summary.causes.refused == 1
    assert bool(checked.said) == bool(checked.summary.causes.refused)
    for event in checked.events:
        MODELS[event["type"]].model_validate_json(json.dumps(event))
