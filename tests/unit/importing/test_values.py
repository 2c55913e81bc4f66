"""What a map can say of a value, a line of it each."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.importing.field_map import FieldMap
from pipeline.importing.ids import valid_or_hashed
from pipeline.importing.texts import PlainNumber
from tests.unit.importing.checked import HERE, Checked, check_row, check_rows, deals

OFFICES = {"office": {"file": "reps.csv", "key": "rep", "value": "office"}}
NOTHING = ["NULL", "\\N", "N/A", "-", "0000-00-00", "0000-00-00 00:00:00"]


def product(value: dict[str, Any], /, **texts: str) -> Any:
    """What the field `product` becomes of a row; None where the event leaves it out."""
    return check_row(deals({"product": value}), **texts).data.get("product")


def looked_up(value: dict[str, Any], text: str) -> Checked:
    """A row whose text is looked up: only `Ann` is known, as `north`."""
    field_map = deals({"product": {"column": "x", "lookup": "office", **value}}, lookups=OFFICES)
    return check_rows(field_map, [{"id": "1", "at": HERE, "x": text}], lookups={"office": {"Ann": "north"}})


def test_a_lookup_without_the_key_refuses_its_row() -> None:
    """Unless the map says what then."""
    assert looked_up({}, "Ann").data == {"product": "north"}
    assert looked_up({}, "Bob").said[0].startswith("row 2: x: 'Bob' is not in lookup office")


@pytest.mark.parametrize(
    ("value", "data"),
    [
        ({"unlisted": "empty"}, {}),
        ({"unlisted": "same"}, {"product": "Bob"}),
        ({"otherwise": "none"}, {"product": "none"}),
    ],
)
def test_a_left_join_keeps_rows_without_a_partner(value: dict[str, Any], data: dict[str, Any]) -> None:
    """Empty, as it was, or another text."""
    assert looked_up(value, "Bob").data == data


@pytest.mark.parametrize(
    ("value", "text", "read"),
    [
        ({"values": {"a": "b"}}, "a", "b"),
        ({"values": {"a": "b"}, "unlisted": "same"}, "c", "c"),
        ({"values": {"a": "b"}, "unlisted": "empty"}, "c", None),
        ({"values": {"a": "b"}, "otherwise": "d"}, "c", "d"),
        ({"case": "lower"}, "ABC", "abc"),
        ({"case": "upper"}, "abc", "ABC"),
        ({"trim": "#."}, " #12. ", "12"),
        ({"pattern": r"^(\d+)"}, "12 units", "12"),
        ({"pattern": r"\d+"}, "unit 12", "12"),
        ({"pattern": r"\d+", "unlisted": "empty"}, "unit", None),
        ({"nothing": ["none"]}, "none", None),
        ({"parse": "id"}, "1795770000.17", "1795770000.17"),
    ],
)
def test_texts_are_made_what_they_should_be(value: dict[str, Any], text: str, read: str | None) -> None:
    """By list, case and pattern."""
    assert product({"column": "x", **value}, x=text) == read


def test_the_first_filled_of_several_columns_is_taken() -> None:
    """Words for nothing are not filled."""
    value = {"first": ["mobile", "phone", "desk"], "nothing": ["-"]}

    assert product(value, mobile="-", phone="", desk="3") == "3"
    assert product(value, mobile="1", phone="2", desk="3") == "1"
    assert product(value, mobile="", phone="", desk="") is None


@pytest.mark.parametrize(
    ("template", "read"),
    [
        ("{a:b:c}", "1"), ('{"a|b"}', "2"), ("{a!b|slug}", "x-y"), ("{ id }-{#row}", "1-2"), ("{rep|upper}", "ANN"),
        ("{rep|lookup:office}-{id}", "north-1"), ('{"#odd"}', "3"), ("{rep}{{", "Ann{"), ("{nobody}", None),
    ],
)  # fmt: skip
def test_templates_take_any_column(template: str, read: str | None) -> None:
    """Names with colons, exclamation marks, quoted ones; row numbers, lookups and filters."""
    field_map = deals({"product": {"template": template, "parse": "id"}}, lookups=OFFICES)
    row = {"id": "1", "at": HERE, "a:b:c": "1", "a|b": "2", "a!b": "X Y", "rep": "Ann", "#odd": "3"}
    made = check_rows(field_map, [row], lookups={"office": {"Ann": "north"}}).data.get("product")

    assert made == (valid_or_hashed(read) if read is not None else None)


@pytest.mark.parametrize(
    "template", ["deal:{id", "deal:}id", "deal:{}", "deal:{id|sluk}", "deal:{#line}", "{a|lookup}"]
)
def test_a_wrong_template_is_a_fault_of_the_map(template: str) -> None:
    """No traceback, and no column of that name."""
    with pytest.raises(ValueError, match=r"template|filter|nothing that a row has"):
        deals({"product": {"template": template}})


@pytest.mark.parametrize(
    ("condition", "passing"),
    [
        ({"is": ["a", "b"]}, ["a", "b"]), ({"is": "a"}, ["a"]), ({"is": ["a"], "not": True}, ["b", "5", "12", ""]),
        ({"filled": True}, ["a", "b", "5", "12"]), ({"filled": False}, [""]), ({"matches": r"^\d+$"}, ["5", "12"]),
        ({"matches": r"^\d", "not": True}, ["a", "b", ""]), ({"in": "office"}, ["a"]),
        ({"in": "office", "not": True}, ["b", "5", "12", ""]),
    ],
)  # fmt: skip
def test_conditions_pick_rows(condition: dict[str, Any], passing: list[str]) -> None:
    """Of five rows, by what is in a column."""
    event = {"type": "crm.deal.changed", "subject": "deal:{id}", "time": {"column": "at"}}
    when = [{"column": "x", **condition}]
    field_map = FieldMap.model_validate({"source": "crm", "lookups": OFFICES, "event": [{**event, "when": when}]})
    texts = ["a", "b", "5", "12", ""]
    rows = [{"id": str(number), "at": HERE, "x": text} for number, text in enumerate(texts)]
    checked = check_rows(field_map, rows, lookups={"office": {"a": "1"}})

    assert [texts[int(event["subject"].removeprefix("deal:"))] for event in checked.events] == passing


@given(st.integers(-100, 100), st.integers(-100, 100))
def test_conditions_compare_numbers_as_numbers(text: int, limit: int) -> None:
    """12 is greater than 5, and nothing is neither greater nor less."""
    for question, passes in (("greater", text > limit), ("less", text < limit)):
        event = {"type": "crm.deal.changed", "subject": "deal:{id}", "time": {"column": "at"}}
        when = [{"column": "x", question: limit}]
        field_map = FieldMap.model_validate({"source": "crm", "event": [{**event, "when": when}]})
        rows = [{"id": "1", "at": HERE, "x": str(text)}, {"id": "2", "at": HERE, "x": ""}]

        assert len(check_rows(field_map, rows).events) == passes


@pytest.mark.parametrize("word", NOTHING)
def test_words_for_nothing_are_declared_once(word: str) -> None:
    """In ids, stages, dates, amounts and conditions alike."""
    data = {
        "owner_id": {"column": "rep"},
        "expected_close_on": {"column": "close", "parse": "date"},
        "amount_minor": {"column": "amount", "parse": "money", "currency": "EUR"},
    }
    field_map = deals(data, nothing=NOTHING)
    texts = {"rep": word, "close": word, "amount": word}

    assert check_row(field_map, **texts).data == {}
    assert not check_row(deals(data), **texts).events or word in ("NULL", "-")


CLEARABLE = {"amount_minor": {"column": "amount", "parse": "money", "currency": "EUR"}, "owner_id": {"column": "rep"}}


def test_an_emptied_column_clears_where_the_map_says_so() -> None:
    """By the map, or by the value; a column that is not there says nothing."""
    empty = {"amount": "", "rep": ""}

    assert check_row(deals(CLEARABLE), **empty).data == {}
    assert check_row(deals(CLEARABLE, empty="clears"), **empty).data == {"amount_minor": None, "owner_id": None}
    assert check_row(deals(CLEARABLE, empty="clears"), rep="").data == {"owner_id": None}
    one = {**CLEARABLE, "owner_id": {"column": "rep", "empty": "clears"}}
    assert check_row(deals(one), **empty).data == {"owner_id": None}


def test_a_required_text_that_is_empty_refuses_its_row() -> None:
    """Whatever empty texts mean elsewhere."""
    field_map = deals({"owner_id": {"column": "rep", "required": True}}, empty="clears")

    assert check_row(field_map, rep="").said == ["row 2: rep is empty"]


@pytest.mark.parametrize(
    ("money", "currency", "text", "data"),
    [
        ({"column": "c"}, {"column": "c"}, "JPY", {"amount_minor": 150_000, "currency": "JPY"}),
        (None, {"column": "c"}, "JPY", {"amount_minor": 150_000, "currency": "JPY"}),
        (None, {"column": "c"}, "kwd", {"amount_minor": 150_000_000, "currency": "KWD"}),
        (None, {"column": "c"}, "€", {"amount_minor": 15_000_000, "currency": "EUR"}),
        ("EUR", {"column": "c"}, "EUR", {"amount_minor": 15_000_000, "currency": "EUR"}),
        ("EUR", {"column": "c"}, "JPY", "amount is read in EUR, and its currency is JPY"),
        (None, {"column": "c"}, "", "c is empty beside an amount"),
        (None, {"column": "c"}, "$", "c: '$' is no ISO 4217 code"),
    ],
)
def test_an_amount_is_in_the_currency_of_its_row(money: Any, currency: Any, text: str, data: Any) -> None:
    """Yen have no decimals, Kuwaiti dinars three; a contradiction is refused."""
    amount = {"column": "amount", "parse": "money", **({"currency": money} if money else {})}
    checked = check_row(deals({"amount_minor": amount, "currency": currency}), amount="150000", c=text)

    if isinstance(data, str):
        assert data in checked.said[0]
        assert checked.events == []
    else:
        assert checked.data == data


def test_a_number_of_json_has_no_locale() -> None:
    """100.5 is that under a German map too."""
    data = {"amount_minor": {"column": "amount", "parse": "money", "currency": "EUR"}}

    assert check_row(deals(data, locale="de"), amount=PlainNumber("100.5")).data == {"amount_minor": 10_050}


@pytest.mark.parametrize("texts", [["1.000", PlainNumber("1.000")], [PlainNumber("1.000"), "1.000"]])
@pytest.mark.parametrize("parse", ["whole", "money"])
def test_a_number_of_json_is_not_taken_for_a_text_that_was_read(parse: str, texts: list[str]) -> None:
    """Nor the other way round: 1.000 is a thousand in German, and one in JSON."""
    value = {"column": "x", "parse": parse, **({"currency": "KRW"} if parse == "money" else {})}
    rows = [{"id": str(number), "at": HERE, "x": text} for number, text in enumerate(texts * 2)]
    events = check_rows(deals({"amount_minor": value}, locale="de"), rows).events

    assert [event["data"]["amount_minor"] for event in events] == [
        1 if type(each) is PlainNumber else 1000 for each in texts * 2
    ]


def test_lengths_of_time_are_added_to_an_instant() -> None:
    """Several, in any form; nothing can be added to a day."""
    added = {"column": "at", "parse": "instant", "plus": [{"column": "wait"}, {"column": "talk"}]}
    field_map = deals({"created_at": added})

    assert check_row(field_map, wait="90s", talk="0:30").data == {"created_at": "2026-03-04T10:02:00.000Z"}
    assert "is a day" in check_row(field_map, at="2026-03-04", wait="90s", talk="").said[0]


def test_a_sequence_comes_from_a_column() -> None:
    """Or from the number of the row."""
    event = {"type": "crm.deal.changed", "subject": "deal:{id}", "time": {"column": "at"}}
    for sequence, read in (({"column": "n"}, 7), ({"column": "#row"}, 2), (3, 3)):
        field_map = FieldMap.model_validate({"source": "crm", "event": [{**event, "sequence": sequence}]})
        assert check_row(field_map, n="7").events[0]["sequence"] == read


def test_an_id_may_be_the_number_of_its_row() -> None:
    """For rows that have none of their own."""
    event = {"type": "crm.activity.changed", "subject": "activity:export-{#row}", "time": {"column": "at"}}
    rows = [{"at": HERE}, {"at": HERE}]
    checked = check_rows(FieldMap.model_validate({"source": "crm", "event": [event]}), rows)

    assert [event["subject"] for event in checked.events] == ["activity:export-2", "activity:export-3"]


HISTORY = [
    {"id": "1", "at": "2026-03-05T10:00:00Z", "stage": "offer"},
    {"id": "1", "at": "2026-03-04T10:00:00Z", "stage": "new"},
    {"id": "1", "at": "2026-03-06T10:00:00Z", "stage": "won"},
    {"id": "2", "at": "2026-03-07T10:00:00Z", "stage": "new"},
]
STAGE = {"column": "stage"}


@pytest.mark.parametrize(
    ("created", "first"),
    [({"event": "earliest"}, "04"), ({"event": "latest"}, "06"), ({"column": "at", "over": "earliest"}, "04")],
)
def test_a_time_may_be_the_first_or_last_of_an_object(created: dict[str, Any], first: str) -> None:
    """Created with the first event that is heard of it, in whatever order rows are."""
    checked = check_rows(deals({"stage_id": STAGE, "created_at": created}), HISTORY)
    found = {(event["subject"], event["data"]["created_at"]) for event in checked.events}

    assert found == {("deal:1", f"2026-03-{first}T10:00:00.000Z"), ("deal:2", "2026-03-07T10:00:00.000Z")}
    assert len(checked.events) == 4


@given(st.permutations(HISTORY), st.sampled_from(["earliest", "latest"]))
def test_only_the_first_or_last_event_of_an_object_may_be_kept(rows: list[dict[str, str]], keep: str) -> None:
    """Whatever the order of rows."""
    event = {"type": "crm.deal.changed", "subject": "deal:{id}", "time": {"column": "at"}, "data": {"stage_id": STAGE}}
    field_map = FieldMap.model_validate({"source": "crm", "event": [{**event, "keep": keep}]})
    kept = {event["subject"]: event["data"]["stage_id"] for event in check_rows(field_map, rows).events}

    assert kept == {"deal:1": "new" if keep == "earliest" else "won", "deal:2": "new"}


@pytest.mark.parametrize("text", ["2026-03-29T02:30:00", "2026-03-29 02:59:59"])
def test_a_time_that_clocks_skip_is_told(text: str) -> None:
    """In Berlin there was none between two and three that night."""
    checked = check_row(deals(zone="Europe/Berlin"), at=text)

    assert "is a time that Europe/Berlin skipped when clocks were set forward; is the zone right?" in checked.said[0]


CALL = {
    "type": "telephony.call.changed",
    "subject": "call:{id}",
    "time": {"column": "ended"},
    "data": {
        name: {"column": name.removesuffix("_at"), "parse": "instant"}
        for name in ("started_at", "answered_at", "ended_at")
    },
}


def call(started: str, answered: str, ended: str) -> Checked:
    """A call in Berlin."""
    field_map = FieldMap.model_validate({"source": "pbx", "zone": "Europe/Berlin", "event": [CALL]})
    return check_row(field_map, started=started, answered=answered, ended=ended)


def test_a_call_over_a_change_of_clocks_ends_after_it_began() -> None:
    """Ten to three, and twenty minutes later it is ten past two: 0:50 and 1:10 UTC."""
    (event,) = call("2025-10-26 02:50", "2025-10-26 02:55", "2025-10-26 02:10").events

    assert event["data"]["started_at"] == "2025-10-26T00:50:00.000Z"
    assert event["data"]["ended_at"] == event["time"] == "2025-10-26T01:10:00.000Z"


def test_a_call_that_ends_before_it_began_is_told() -> None:
    """No clocks were changed: somebody's clock is wrong. It is sent, since what it counts is defined."""
    checked = call("2026-03-04 10:00", "2026-03-04 10:01", "2026-03-04 09:59")

    assert len(checked.events) == 1
    assert checked.said == ["calls that end before they began or were answered: 1 (rows 2)"]
    assert not checked.summary.right


@pytest.mark.parametrize(
    ("row", "time"),
    [
        ({"at": "2026-03-04", "stage": "new"}, "2026-03-04T11:00:00.000Z"),
        ({"at": "2026-03-04", "stage": "won"}, "2026-03-04T22:59:59.999Z"),
        ({"at": "2026-11-28", "stage": "won"}, "2026-11-28T12:00:00.000Z"),
        ({"at": "2026-03-04 09:30", "stage": "won"}, "2026-03-04T08:30:00.000Z"),
    ],
)
def test_a_day_ends_with_what_closes(row: dict[str, str], time: str) -> None:
    """Noon for what neither opens nor closes; today's end is the time of the import; a time of its own is that."""
    checked = check_row(deals({"stage_id": STAGE}, zone="Europe/Berlin"), **row)

    assert checked.events[0]["time"] == time


def test_a_day_begins_with_what_opens() -> None:
    """The event that says when it was created, and what it says."""
    checked = check_row(deals({"created_at": {"column": "at", "parse": "instant"}}), at="2026-03-04")

    assert checked.events[0]["time"] == checked.data["created_at"] == "2026-03-04T00:00:00.000Z"


def test_a_map_says_otherwise() -> None:
    """With `at`; then a midnight in UTC is a day too, where the zone is."""
    value = {"column": "closed", "parse": "instant", "at": "end"}
    checked = check_row(deals({"created_at": value}, zone="America/New_York"), closed="2026-03-04T00:00:00Z")

    assert checked.data["created_at"] == "2026-03-05T04:59:59.999Z"


def test_opened_on_a_day_and_won_on_the_same_one_it_is_won() -> None:
    """In the order in which it happened, and nothing is opened again."""
    opened = {"type": "crm.deal.changed", "subject": "deal:{id}", "time": {"column": "opened"}}
    data = {"stage_id": "new", "created_at": {"column": "opened", "parse": "instant"}}
    won = {**opened, "time": {"column": "won"}, "data": {"stage_id": "won"}}
    field_map = FieldMap.model_validate({"source": "crm", "zone": "UTC", "event": [{**opened, "data": data}, won]})
    for at in ("2026-03-04T09:30:00Z", "2026-03-04"):
        first, last = check_row(field_map, opened="2026-03-04", won=at).events
        assert first["time"] < last["time"]


def test_a_list_in_a_row_gives_an_event_for_each_item() -> None:
    """Its items are rows of their own, with all else of the row."""
    event = {
        "type": "crm.deal.changed", "subject": "deal:{#item.id}", "time": {"column": "at"}, "each": "deals",
        "data": {"owner_id": {"column": "owner"}, "product": {"column": "#item.what"}},
    }  # fmt: skip
    row = {
        "at": HERE,
        "owner": "ann",
        "deals[0].id": "1",
        "deals[0].what": "a",
        "deals[1].id": "2",
        "deals[1].what": "b",
    }
    made = check_rows(FieldMap.model_validate({"source": "crm", "event": [event]}), [row]).events

    assert [(each["subject"], each["data"]["product"], each["data"]["owner_id"]) for each in made] == [
        ("deal:1", "a", "ann"),
        ("deal:2", "b", "ann"),
    ]


def test_a_list_is_no_text() -> None:
    """Half of a row is never sent without a word: the map says which item."""
    assert check_row(deals({"product": {"column": "ids[0]"}}), **{"ids[0]": "a"}).data == {"product": "a"}
    assert (
        "ids is a list; name one of its items"
        in check_row(deals({"product": {"column": "ids"}}), **{"ids[0]": "a"}).said[0]
    )


@pytest.mark.parametrize(("data", "said"), [
    ({"owner_id": {"column": "x"}}, "x: 'a\\x07b' is no id: a text of 1 to 512 bytes"),
    ({"stage_id": {"column": "x"}}, "x: 'a\\x07b' is no name: letters of ASCII"),
    ({"currency": {"column": "x", "parse": "text"}}, "x: 'a\\x07b' is no ISO 4217 code"),
    ({"amount_minor": {"column": "x", "parse": "whole"}}, "x: 'a\\x07b' is no number as en writes it"),
    ({"created_at": {"column": "x", "parse": "instant"}}, "x: 'a\\x07b' is no date or time in ISO 8601"),
])  # fmt: skip
def test_a_text_that_is_none_is_told_in_words(data: dict[str, Any], said: str) -> None:
    """With value, column and cure; no codes of a library."""
    assert said in check_row(deals(data), x="a\x07b").said[0]


@pytest.mark.parametrize("zone", ["europe/amsterdam", "Eastern Standard Time", "Mars", "", "../etc/passwd"])
def test_a_zone_that_is_none_is_told(zone: str) -> None:
    """With the name that is meant, where Windows has another one for it."""
    field_map = deals(zone={"column": "zone"})
    (line,) = check_row(field_map, at="2026-03-04 10:00", zone=zone).said

    assert "time zone" in line
    assert ("America/New_York" in line) == (zone == "Eastern Standard Time")


def test_a_wrong_zone_of_the_map_is_told_before_any_row_is_read() -> None:
    """It is a fault of the map."""
    with pytest.raises(ValueError, match="unknown time zone Mars"):
        deals(zone="Mars")
