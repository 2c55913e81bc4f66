"""What stands out in an import as a whole."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.importing.checking import Check
from pipeline.importing.declared import Declared
from pipeline.importing.faults import Place
from pipeline.importing.field_map import FieldMap
from pipeline.importing.findings import Weight, late_finding
from pipeline.importing.spool import Spool
from pipeline.importing.tellings import Telling, telling_of
from pipeline.importing.verdicts import Memory
from tests.unit.importing.checked import HERE, NOW_MS, Checked, check_rows, deals

STAGES = deals({"stage_id": {"column": "stage"}, "amount_minor": {"column": "amount", "parse": "whole"}})


def found(checked: Checked) -> dict[str, tuple[int, Weight]]:
    """What stands out, by name."""
    return {finding.name: (finding.count, finding.weight) for finding in checked.summary.findings}


def row(number: int, **texts: str) -> dict[str, str]:
    """A row of deal `number`."""
    return {"id": str(number), "at": HERE, **texts}


def test_the_same_row_twice_is_sent_once() -> None:
    """It is no contradiction."""
    checked = check_rows(STAGES, [row(1, stage="new"), row(1, stage="new")])

    assert (len(checked.events), found(checked)) == (1, {"told_again": (1, Weight.NOTE)})
    assert checked.summary.right


def test_a_contradiction_stops_an_import() -> None:
    """Two amounts of one deal at one time: a hash would decide."""
    checked = check_rows(STAGES, [row(1, stage="new", amount="5"), row(1, amount="6"), row(2, amount="6")])

    assert found(checked) == {"told_differently": (1, Weight.GRAVE)}
    assert "deal:1 in rows 2, 3" in checked.said[0]
    assert not checked.summary.sendable


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["", "5", "6"]), st.sampled_from(["", "new", "won"]))))
def test_what_does_not_contradict_is_no_contradiction(told: list[tuple[int, str, str]]) -> None:
    """Whatever rows say of one deal at one time, it is one only if two of them give a field two values."""
    rows = [row(number, amount=amount, stage=stage) for number, amount, stage in told]
    clashing = sum(
        any(len({each[field] for each in told if each[0] == number} - {""}) > 1 for field in (1, 2))
        for number in {each[0] for each in told}
    )

    assert found(check_rows(STAGES, rows)).get("told_differently", (0,))[0] == clashing


def test_what_is_opened_after_it_was_closed_is_told() -> None:
    """It may be so; it may be a date that is a noon."""
    rows = [row(1, stage="won"), row(1, stage="new", at="2026-03-04T12:00:00Z"), row(2, stage="new"), row(2, at=HERE)]

    assert found(check_rows(STAGES, rows))["opened_after_closed"] == (1, Weight.NOTE)


def test_what_happens_in_one_instant_is_in_the_order_of_its_sequence() -> None:
    """Two stages of a day: both are kept, and it is told how often."""
    event = {"type": "crm.deal.changed", "subject": "deal:{id}", "time": {"column": "at"}}
    declared = {**event, "sequence": {"column": "n"}, "data": {"stage_id": {"column": "stage"}}}
    field_map = FieldMap.model_validate({"source": "crm", "event": [declared]})
    checked = check_rows(
        field_map, [row(1, n="1", stage="new"), row(1, n="2", stage="offer"), row(2, n="1", stage="new")]
    )

    assert (len(checked.events), found(checked)) == (3, {"ties": (1, Weight.NOTE)})


def test_who_is_declared_nowhere_is_told() -> None:
    """Neither by the deployment nor by the import itself."""
    known = Declared({"north"}, {"ann"}, {("default", "new")})
    data = {"owner_id": {"column": "rep"}, "stage_id": {"column": "stage"}}
    rows = [row(1, rep="ann", stage="new"), row(2, rep="bob", stage="closedwon"), row(3, rep="bob", stage="new")]
    checked = check_rows(deals(data), rows, known=known)

    assert found(checked) == {"undeclared_reps": (1, Weight.DOUBT), "undeclared_stages": (1, Weight.DOUBT)}
    assert any("closedwon" in line and "neither won nor lost" in line for line in checked.said)
    assert (checked.summary.sendable, checked.summary.right) == (True, False)


def test_what_an_import_declares_itself_is_declared() -> None:
    """Teams and reps of the same file."""
    membership = {
        "type": "org.membership.changed", "subject": "membership:{rep}", "time": "2020-01-01T00:00:00Z",
        "data": {"rep_id": {"column": "rep"}, "team_id": {"column": "team"}},
    }  # fmt: skip
    team = {"type": "org.team.changed", "subject": "team:{team}", "time": "2020-01-01T00:00:00Z"}
    field_map = FieldMap.model_validate({"source": "hr", "event": [membership, team]})

    assert found(check_rows(field_map, [{"rep": "ann", "team": "north"}], known=Declared())) == {}


Days = list[tuple[int, str]]
"""A day of March, and what the owner's column says then."""
days = st.lists(st.tuples(st.integers(1, 9), st.sampled_from(["", "ann", "bob"])), max_size=6, unique_by=lambda d: d[0])
OWNED = {"owner_id": {"column": "owner"}}


def owned(told: Days) -> list[dict[str, str]]:
    """A row for each day."""
    return [{"id": "1", "at": f"2026-03-0{day}T10:00:00Z", "owner": owner} for day, owner in told]


def before(told: Days) -> list[Telling]:
    """What an earlier import told, by these rows."""
    return [telling_of(event) for event in check_rows(deals(OWNED, empty="unchanged"), owned(told)).events]


@given(days, days)
def test_what_is_empty_after_it_was_filled_has_to_be_explained(earlier: Days, now: Days) -> None:
    """An owner who is missing later than one was told, in this import or one before: gone, or not exported?"""
    filled = [(day, 0) for day, owner in earlier if owner] + [(day, 1) for day, owner in now if owner]
    unclear = sum(not owner and any(other < (day, 1) for other in filled) for day, owner in now)

    for says, expected in ((None, unclear), ("clears", 0), ("unchanged", 0)):
        checked = check_rows(deals(OWNED, empty=says), owned(now), before=lambda _: before(earlier))
        assert found(checked).get("emptied", (0,))[0] == expected
        assert checked.summary.sendable == (expected == 0)


def test_what_is_empty_is_named_with_its_cure() -> None:
    """By field, with the first row."""
    line = check_rows(deals(OWNED), owned([(1, "ann"), (2, ""), (3, "")])).said[0]

    assert line == (
        "texts that are empty where there was a value before: owner_id 2 times, first in row 3; "
        'say empty = "clears" if there is nothing any more, or empty = "unchanged", in the map or of the value'
    )


OLD = Memory(activity_days=35, closed_deal_days=400, pane_days=800)


@pytest.mark.parametrize(
    ("at", "stage", "names"),
    [
        ("2026-11-20T00:00:00Z", "won", set()),
        ("2025-09-01T00:00:00Z", "won", {"late_closings"}),
        ("2025-09-01T00:00:00Z", "new", set()),
        ("2019-05-01T00:00:00Z", "new", {"before_first_day"}),
        ("2019-05-01T00:00:00Z", "won", {"late_closings", "before_first_day"}),
    ],
)
def test_what_the_deployment_would_forget_is_told_before_it_is_sent(at: str, stage: str, names: set[str]) -> None:
    """With the settings that would take it."""
    checked = check_rows(STAGES, [row(1, at=at, stage=stage)], memory=OLD)

    assert set(found(checked)) == names
    assert checked.summary.sendable == (not names)
    if names == {"late_closings"}:
        assert "set SALESPULSE_CLOSED_DEAL_RETENTION_DAYS to 460 or more" in checked.said[0]


def test_of_deals_that_are_forgotten_no_part_is_sent() -> None:
    """An old win without its end would be an open deal; one that was opened again since is none."""
    old, later = "2025-09-01T00:00:00Z", "2026-05-01T00:00:00Z"
    rows = [row(1, at="2025-08-01T00:00:00Z", stage="new"), row(1, at=old, stage="won"), row(2, at=later, stage="won")]
    rows += [row(3, at=old, stage="won"), row(3, at=later, stage="new")]
    with TemporaryDirectory() as folder, Spool(Path(folder)) as spool:
        check = Check(STAGES, OLD, spool, NOW_MS)
        summary = check.read([(Place(number), each) for number, each in enumerate(rows, 2)], {}, None)
        before = summary.events.total()
        check.leave_out_forgotten()
        left = {json.loads(value)["subject"] for value in spool.events()}

    assert (before, summary.events.total(), left) == (5, 3, {"deal:2", "deal:3"})


def test_calls_that_are_too_old_are_not_sent() -> None:
    """They would be dead letters."""
    call: dict[str, Any] = {
        "type": "telephony.call.changed", "subject": "call:{id}", "time": {"column": "at"},
        "data": {"started_at": {"column": "at", "parse": "instant"}},
    }  # fmt: skip
    field_map = FieldMap.model_validate({"source": "pbx", "event": [call]})
    checked = check_rows(field_map, [row(1, at="2026-09-01T00:00:00Z"), row(2, at="2026-11-20T00:00:00Z")], memory=OLD)

    assert [event["subject"] for event in checked.events] == ["call:2"]
    assert "events of calls older than the deployment remembers, so that it would refuse them: 1;" in checked.said[0]
    assert "SALESPULSE_ACTIVITY_RETENTION_DAYS to 95" in checked.said[0]


def test_what_lies_ahead_is_told() -> None:
    """Day and month may be swapped."""
    checked = check_rows(STAGES, [row(1, at="2027-01-01T00:00:00Z")])

    assert checked.said == [
        "row 2: at: '2027-01-01T00:00:00.000Z' lies in the future; is the zone right, and the order of day and month?"
    ]


@pytest.mark.parametrize(("rows", "count"), [(["ann", "bob"], 1), (["ann", "ann"], 0), (["ann", ""], 0), (["ann"], 0)])
def test_a_call_that_rows_tell_of_different_reps_is_told(rows: list[str], count: int) -> None:
    """The last of them would have all of its talk."""
    call: dict[str, Any] = {
        "type": "telephony.call.changed", "subject": "call:1", "time": {"column": "at"},
        "data": {"rep_id": {"column": "rep"}, "started_at": HERE},
    }  # fmt: skip
    field_map = FieldMap.model_validate({"source": "pbx", "event": [call]})
    told = [row(1, at=f"2026-03-04T1{number}:00:00Z", rep=rep) for number, rep in enumerate(rows)]

    assert found(check_rows(field_map, told)).get("transferred", (0,))[0] == count


@pytest.mark.parametrize(("stages", "weight"), [(["new", "won"], Weight.NOTE), (["won", "won"], Weight.DOUBT)])
def test_rows_that_no_event_is_for_are_counted(stages: list[str], weight: Weight) -> None:
    """Some may be meant; all are a mistake."""
    event = {"type": "crm.deal.changed", "subject": "deal:{id}", "time": {"column": "at"}}
    when = [{"column": "stage", "is": ["new"]}]
    field_map = FieldMap.model_validate({"source": "crm", "event": [{**event, "when": when}]})
    checked = check_rows(field_map, [row(number, stage=stage) for number, stage in enumerate(stages)])

    assert found(checked) == {"no_event": (stages.count("won"), weight)}


@given(st.lists(st.sampled_from(["7", "7.25", "7,25", "1,000.5", "1.000,5"]), min_size=1, max_size=6))
def test_a_column_in_which_numbers_are_written_both_ways_is_named(texts: list[str]) -> None:
    """Points and commas: whatever locale is declared, some would be something else."""
    field_map = deals({"amount_minor": {"column": "amount", "parse": "money", "currency": "EUR"}}, locale="en")
    checked = check_rows(field_map, [row(number, amount=text) for number, text in enumerate(texts)])
    points, commas = {"7.25", "1,000.5"}.intersection(texts), {"7,25", "1.000,5"}.intersection(texts)

    assert ("both_ways" in found(checked)) == bool(points and commas)
    assert checked.summary.sendable == (not commas)


def test_no_setting_takes_in_what_phones_were_set_to_long_ago() -> None:
    """The line says what to do: of activities set how long they are remembered, of phones leave it out."""
    phones, calls = (late_finding(kind, 3, 0, 10 * 86_400_000) for kind in ("agent", "call"))

    assert (phones.name, phones.weight) == ("late_agents", Weight.GRAVE)
    assert "older than 3 days" in phones.line
    assert "SALESPULSE" not in phones.line
    assert "SALESPULSE_ACTIVITY_RETENTION_DAYS to 17" in calls.line
