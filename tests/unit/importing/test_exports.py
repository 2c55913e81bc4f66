"""Exports as people have them: the right events, or a line that says what to do, before anything is sent."""

import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.importing.field_map import FieldMap
from tests.unit.importing.checked import Checked, check_files

HEAD = 'source = "export"\nzone = "Europe/Amsterdam"\n'
DEAL = """
[[event]]
type = "crm.deal.changed"
subject = "deal:{id}"
time = { column = "closed" }
[event.data]
stage_id = { column = "stage" }
"""
MONEY = 'amount_minor = { column = "amount", parse = "money" }\ncurrency = { column = "currency" }\n'
CALL = """
[[event]]
type = "telephony.call.changed"
subject = "call:{id}"
time = { column = "ended" }
[event.data]
rep_id = { column = "agent" }
started_at = { column = "started", parse = "instant" }
ended_at = { column = "ended", parse = "instant" }
"""
EUROS = 'amount_minor = { column = "amount", parse = "money", currency = "EUR" }\ncurrency = "EUR"\n'


def imported(tmp_path: Path, field_map: str, text: str | bytes, name: str = "export.csv") -> Checked:
    """The check of one file by one map."""
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return check_files(FieldMap.model_validate(tomllib.loads(field_map)), path)


def amounts(checked: Checked) -> dict[str, Any]:
    """What deals are worth."""
    return {event["subject"].removeprefix("deal:"): event["data"].get("amount_minor") for event in checked.events}


COMMAS = "id;closed;stage;amount\nA;2026-11-02;won;7,31\nB;2026-11-03;won;2.345,50\nC;2026-11-04;won;20.000\n"


def test_decimal_commas(tmp_path: Path) -> None:
    """Nothing is sent until the locale is declared; then 7.31, 2,345.50 and 20,000 euros."""
    silent = imported(tmp_path, f'{HEAD}delimiter = ";"\n{DEAL}{EUROS}', COMMAS)
    english = imported(tmp_path, f'{HEAD}locale = "en"\ndelimiter = ";"\n{DEAL}{EUROS}', COMMAS)
    dutch = imported(tmp_path, f'{HEAD}locale = "nl"\ndelimiter = ";"\n{DEAL}{EUROS}', COMMAS)

    for refused in (silent, english):
        assert not refused.summary.sendable
        assert any('declare locale = "de" if all are written so' in line for line in refused.said)
    assert amounts(dutch) == {"A": 731, "B": 234_550, "C": 2_000_000}


@pytest.mark.parametrize("form", ["", ', format = "%Y-%m-%d %H:%M:%S %Z"', ', format = "%Y-%m-%d %H:%M:%S UTC"'])
def test_stamps_that_say_utc(tmp_path: Path, form: str) -> None:
    """They are in UTC, whatever the zone of the map is."""
    field_map = f"{HEAD}{CALL}".replace(" }\nrep_id", f"{form} }}\nrep_id").replace('"instant"', f'"instant"{form}')
    rows = "id,agent,started,ended\nZ,ann,2026-11-26 21:40:00 UTC,2026-11-26 21:45:00 UTC\n"
    if form:
        field_map = field_map.replace('time = { column = "ended" }', f'time = {{ column = "ended"{form} }}')
    (event,) = imported(tmp_path, field_map, rows).events

    assert (event["time"], event["data"]["started_at"]) == ("2026-11-26T21:45:00.000Z", "2026-11-26T21:40:00.000Z")


CURRENCIES = "id,closed,stage,amount,currency\nA,2026-11-02,won,2000.00,EUR\nB,2026-11-03,won,300000,JPY\n"


def test_amounts_in_the_currency_of_their_row(tmp_path: Path) -> None:
    """Yen are whole; one currency for all of them is a contradiction."""
    right = imported(tmp_path, f"{HEAD}{DEAL}{MONEY}", CURRENCIES)
    contradicted = MONEY.replace(" }", ', currency = "EUR" }', 1)
    wrong = imported(tmp_path, f"{HEAD}{DEAL}{contradicted}", CURRENCIES)
    dinars = f'{HEAD}locale = "en"\n{DEAL}{MONEY}', f"{CURRENCIES}C,2026-11-03,won,125.125,KWD\n"

    assert amounts(right) == {"A": 200_000, "B": 300_000}
    assert wrong.said[0].startswith("row 3: amount is read in EUR, and its currency is JPY")
    assert amounts(imported(tmp_path, *dinars))["C"] == 125_125


def test_fields_that_were_renamed(tmp_path: Path) -> None:
    """A JSON Lines file whose rows have other names gets a line for each of the map's."""
    line = '{"id":"A","closed":"2026-11-02","stage":"won","dealAmount":100}\n'
    checked = imported(tmp_path, f"{HEAD}{DEAL}{EUROS}", line, "export.jsonl")

    assert checked.said[0].startswith("--map: amount is a column that no row has; did you mean dealAmount?")
    assert not checked.summary.sendable


CLEARED = "id,closed,stage,amount,owner\nA,2026-11-24T10:00:00Z,new,,ann\nB,2026-11-24T10:00:00Z,new,900.00,\n"


def test_fields_that_were_emptied(tmp_path: Path) -> None:
    """They say that there is nothing any more, where the map says that they do."""
    field_map = f'{HEAD}empty = "clears"\n{DEAL}{EUROS}owner_id = {{ column = "owner" }}\n'
    first, second = (event["data"] for event in imported(tmp_path, field_map, CLEARED).events)

    assert (first["amount_minor"], first["owner_id"]) == (None, "ann")
    assert (second["amount_minor"], second["owner_id"]) == (90_000, None)


def test_lengths_of_time_below_nothing(tmp_path: Path) -> None:
    """They are told as what they are, and so is a counter that ran over."""
    field_map = f'{HEAD}{CALL}talk_seconds = {{ column = "talk", parse = "seconds" }}\n'
    talks = ["-00:00:07", "-7", "4294967289", "00:00:41.5", "PT41S"]
    rows = "".join(f"{n},ann,2026-11-25T15:00:00Z,2026-11-25T15:01:00Z,{talk}\n" for n, talk in enumerate(talks))
    checked = imported(tmp_path, field_map, f"id,agent,started,ended,talk\n{rows}")

    assert [event["data"]["talk_seconds"] for event in checked.events] == [41.5, 41.0]
    assert "2 times, rows 2, 3: talk: '-7.0' is negative, which it cannot be" in checked.said
    assert any(line.startswith("row 4: talk: '4294967289.0' is larger than it can be") for line in checked.said)


def test_words_for_nothing(tmp_path: Path) -> None:
    """Declared once, they are nothing in every column; a rep is never called NULL."""
    rows = (
        "id,closed,stage,amount,owner\nA,2026-11-02,new,NULL,NULL\nB,2026-11-03,won,\\N,ann\nC,2026-11-03,won,N/A,-\n"
    )
    field_map = f'{HEAD}nothing = ["NULL", "\\\\N", "N/A", "-"]\n{DEAL}{EUROS}owner_id = {{ column = "owner" }}\n'
    checked = imported(tmp_path, field_map, rows)

    assert amounts(checked) == {"A": None, "B": None, "C": None}
    assert [event["data"].get("owner_id") for event in checked.events] == [None, "ann", None]


ROSTER = """source = "roster"
[[event]]
type = "org.membership.changed"
subject = "membership:{agent|slug}"
time = "2020-01-02T00:00:00Z"
[event.data]
rep_id = { column = "agent", parse = "slug" }
team_id = "north"
"""


def test_names_in_many_scripts(tmp_path: Path) -> None:
    """All become ids; two people who would share one stop the import, and a list tells them apart."""
    rows = "agent\nŁucja Żuk\nSøren Bø\nΕλένη\nДарья\n李娜\nJoão Sá\n"
    checked = imported(tmp_path, ROSTER, rows)
    clash = imported(tmp_path, ROSTER, f"{rows}Joao Sa\n")
    told = ROSTER.replace('parse = "slug"', 'values = { "João Sá" = "joao-2" }, unlisted = "same", parse = "slug"')
    apart = imported(tmp_path, told.replace("{agent|slug}", "{#row}"), f"{rows}Joao Sa\n")

    reps = [event["data"]["rep_id"] for event in checked.events]
    assert reps[:4] + reps[5:] == ["lucja-zuk", "soren-bo", "eleni", "darya", "joao-sa"]
    assert not clash.summary.sendable
    assert [event["data"]["rep_id"] for event in apart.events][-2:] == ["joao-2", "joao-sa"]


VENDORS = ["A" * 140 + "==", "7f2c@203.0.113.9", "7f2c-203.0.113.9", "SIP/200-0000002b", "{11111111-AAAA}", "1795.17"]


def test_ids_of_vendors(tmp_path: Path) -> None:
    """Taken as they are, and plainer by hash; all are told apart."""
    rows = "".join(f"{each},ann,2026-11-26T08:00:00Z,2026-11-26T08:01:00Z\n" for each in VENDORS)
    table = f"id,agent,started,ended\n{rows}"
    plain = imported(tmp_path, f"{HEAD}{CALL}", table)
    hashed = imported(tmp_path, f"{HEAD}{CALL}".replace("{id}", "{id|id}"), table)

    assert [event["subject"] for event in plain.events] == [f"call:{each}" for each in VENDORS]
    assert len({event["subject"] for event in hashed.events}) == len(VENDORS)
    assert hashed.events[-1]["subject"] == "call:1795.17"


def test_dates_of_a_crm(tmp_path: Path) -> None:
    """A midnight in UTC is the day that it says, in New York too; counts of milliseconds and ISO 8601 in one column."""
    close = 'expected_close_on = { column = "due", parse = "date", format = ["iso", "epoch_ms"] }\n'
    lines = [
        '{"id":"A","closed":"2026-11-02T15:00:00Z","stage":"new","due":"2026-12-05T00:00:00Z"}',
        '{"id":"B","closed":"2026-11-02T15:00:00Z","stage":"new","due":"1796428800000"}',
        '{"id":"C","closed":"2026-11-02T15:00:00Z","stage":"new","due":"2026-12-05T02:00:00Z"}',
    ]
    field_map = f"{HEAD}{DEAL}{close}".replace("Europe/Amsterdam", "America/New_York")
    checked = imported(tmp_path, field_map, "\n".join(lines), "export.jsonl")

    assert [event["data"]["expected_close_on"] for event in checked.events] == [
        "2026-12-05",
        "2026-12-05",
        "2026-12-04",
    ]


def test_serials_of_a_spreadsheet(tmp_path: Path) -> None:
    """With and without a time of day, between dates that are written out."""
    form = 'time = { column = "closed", format = ["iso", "excel"] }'
    field_map = f"{HEAD}{DEAL}".replace('time = { column = "closed" }', form)
    checked = imported(tmp_path, field_map, "id,closed,stage\nA,46330,new\nB,46330.5,new\nC,2026-11-04,new\n")

    assert [event["time"] for event in checked.events] == ["2026-11-04T11:00:00.000Z"] * 3


TRANSFER = """
[[event]]
type = "telephony.call.changed"
subject = "call:{linked}"
when = [{ column = "to", matches = '^\\*97$', not = true }]
time = { column = "ended" }
[event.gather.legs]
rep_id = { column = "agent" }
answered_at = { column = "started", parse = "instant" }
ended_at = { column = "ended", parse = "instant" }
[event.data]
rep_id = { column = "agent" }
started_at = { column = "started", parse = "instant", over = "earliest" }
ended_at = { column = "ended", parse = "instant", over = "latest" }
"""
LEGS = [
    "1,ann,2026-11-25T17:00:00Z,2026-11-25T17:05:00Z,2001",
    "1,bob,2026-11-25T17:05:00Z,2026-11-25T17:25:00Z,2002",
    "2,ann,2026-11-25T18:00:00Z,2026-11-25T18:01:00Z,*97",
    "1,ann,2026-11-25T17:00:00Z,2026-11-25T17:05:00Z,2001",
]


@given(st.permutations(LEGS))
def test_a_call_in_several_rows(rows: list[str]) -> None:
    """It is one, with the leg of each; a voicemail box is told by a pattern, and left out."""
    with TemporaryDirectory() as folder:
        table = "\n".join(["linked,agent,started,ended,to", *rows])
        (call,) = imported(Path(folder), f"{HEAD}{TRANSFER}", table).events
    data = call["data"]

    assert (call["subject"], data["rep_id"], data["started_at"][11:16], data["ended_at"][11:16]) == (
        "call:1", "bob", "17:00", "17:25",
    )  # fmt: skip
    assert [(leg["rep_id"], leg["answered_at"][11:16], leg["ended_at"][11:16]) for leg in data["legs"]] == [
        ("ann", "17:00", "17:05"),
        ("bob", "17:05", "17:25"),
    ]


SPLIT = """
[[event]]
type = "crm.deal.changed"
subject = "deal:{deal}"
time = { column = "since" }
[event.gather.split]
rep_id = { column = "rep" }
share_bp = { column = "share", parse = "whole" }
"""


def test_a_split_in_several_rows(tmp_path: Path) -> None:
    """A table of shares, one a row: each deal tells its whole split."""
    rows = [f"{row},2026-11-02T10:00Z" for row in ("1,ann,6000", "2,ann,10000", "1,ben,4000")]
    checked = imported(tmp_path, f"{HEAD}{SPLIT}", "\n".join(["deal,rep,share,since", *rows]))

    assert {event["subject"]: event["data"]["split"] for event in checked.events} == {
        "deal:1": [{"rep_id": "ann", "share_bp": 6_000}, {"rep_id": "ben", "share_bp": 4_000}],
        "deal:2": [{"rep_id": "ann", "share_bp": 10_000}],
    }


@pytest.mark.parametrize(("list_", "said"), [("leggs", "gathers nothing in 'leggs'"), ("queue_id", "gathers nothing")])
def test_only_lists_of_an_event_are_gathered(list_: str, said: str) -> None:
    """A name that is none is a fault of the map, and so is a field that their items do not have."""
    with pytest.raises(ValueError, match=said):
        FieldMap.model_validate(tomllib.loads(f"{HEAD}{TRANSFER.replace('gather.legs', f'gather.{list_}')}"))
    with pytest.raises(ValueError, match="legs has no field 'answered'; allowed: answered_at, "):
        FieldMap.model_validate(tomllib.loads(f"{HEAD}{TRANSFER.replace('answered_at', 'answered')}"))


def test_a_day_that_is_before_its_own_morning(tmp_path: Path) -> None:
    """Created on a date, won at half past nine of it: it is won, and nothing is opened again."""
    opened = DEAL.replace("closed", "opened").replace('{ column = "stage" }', '"new"')
    opened += 'created_at = { column = "opened", parse = "instant" }\n'
    checked = imported(tmp_path, f"{HEAD}{opened}{DEAL}", "id,opened,closed,stage\nA,2026-11-02,2026-11-02 09:30,won\n")

    assert [event["time"] for event in checked.events] == ["2026-11-01T23:00:00.000Z", "2026-11-02T08:30:00.000Z"]
    assert checked.said == []


def test_day_and_month_the_wrong_way_round(tmp_path: Path) -> None:
    """The rows that happen to fit are not sent: it is all or nothing."""
    form = 'time = { column = "closed", format = "%m/%d/%Y" }'
    rows = "".join(f"{day},{day:02}/11/2026,new\n" for day in range(1, 28))
    checked = imported(
        tmp_path, f"{HEAD}{DEAL}".replace('time = { column = "closed" }', form), f"id,closed,stage\n{rows}"
    )

    assert not checked.summary.sendable
    assert checked.said[0].startswith("15 times, rows 14, 15, 16, 17, 18, …: closed: '13/11/2026', ")
