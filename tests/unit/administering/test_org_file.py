"""What a file of the organisation means, and what is said where it means nothing."""

import pytest

from pipeline.administering.document import read_document
from pipeline.config.settings import SetupError
from schemas.events import iso
from tests.unit.administering.organisations import NOW_MS, apply, read, told_of
from tests.unit.ledger.world import event


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("teams:\n  north: {timezone: UTC}\n", 2, "teams.north.timezone: no such field; likely time_zone"),
        (
            "teams:\n  north:\n    time_zone: Europe/Amsterdm\n", 3,
            "teams.north.time_zone: allowed is an IANA name, such as Europe/Amsterdam, "
            'given: "Europe/Amsterdm"',
        ),
        (
            "teams:\n  north:\n    calendar:\n      monday:\n      - [09:00, 17:00]\n      - [9:00, 12:00]\n", 6,
            'teams.north.calendar.monday.1.0: allowed is a time of day, such as 09:00, given: "9:00"',
        ),
        (
            "teams:\n  north:\n    calendar: {mondy: []}\n", 3,
            "teams.north.calendar.mondy: no such field; likely monday, given: []",
        ),
        ("team: {}\n", 1, "team: no such section; likely teams"),
        ("teams: [north]\n", 1, "teams: allowed are ids, and below each its fields"),
        ("memberships: {ada: north}\n", 1, "memberships: allowed is a list"),
        ("memberships:\n- {rep_id: ada}\n", 2, "memberships.0.team_id: missing"),
        (
            "memberships:\n- {rep_id: a, team_id: b, valid_from: 2026-02-01, valid_to: 2026-01-01}\n", 2,
            'memberships.0.valid_to: before valid_from, given: "2026-01-01T00:00:00.000Z"',
        ),
        ("memberships:\n- {rep_id: a, team_id: b}\n- {team_id: b, rep_id: a}\n", 3,
         "memberships.1: is there already, in line 2"),
        ("company: {fiscal_year_start: January}\n", 1,
         'company.fiscal_year_start: allowed is a whole number, given: "January"'),
        ("company: {fiscal_year_start: '1'}\n", 1, 'company.fiscal_year_start: allowed is a whole number, given: "1"'),
        ("teams:\n  company: {}\n", 2, 'teams.company: reserved; allowed is any other id, given: "team:company"'),
        ("teams:\n  north: {time_zone_from: 2026-01-01}\n", 2, "teams.north.time_zone: missing"),
        ("teams:\n  north: {ended_at: soon}\n", 2,
         "teams.north.ended_at: allowed is a time with its zone, such as 2026-11-23T10:15:00Z"),
        ("teams:\n  north: {ended_at: 2027-01-01}\n", 2,
         'teams.north.ended_at: more than 300 s ahead (SALESPULSE_FUTURE_TOLERANCE_SECONDS), '
         'given: "2027-01-01T00:00:00.000Z"'),
        ("reps:\n  ada: {deleted: true, country: NL}\n", 2, "reps.ada.deleted: allowed is true, and nothing beside it"),
        ("processes:\n  default:\n    stages:\n    - {id: new}\n    - {id: won, kind: wun}\n", 5,
         "processes.default.stages.1.kind: allowed is 'open', 'won' or 'lost', given: \"wun\""),
        ("north\n", 1,
         "allowed are the sections company, teams, special_days, reps, memberships, identities, absences, "
         "targets, prorations, rates, processes, policies, alert_rules, scores, "
         "contests, recognition, benchmarks"),
    ],
)  # fmt: skip
def test_a_fault_names_its_line_and_what_is_allowed(text: str, line: int, said: str) -> None:
    """As the dead letter would say it, with the place in the file."""
    (fault,) = read(told_of(()), text).faults

    assert (fault.line, fault.text) == (line, said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("teams:\n  a: {}\n  a: {}\n", "org.yaml, line 3: a is there already, in line 2"),
        ("teams:\n  a: [\n", "org.yaml, line 3: no YAML: expected the node content, but found '<stream end>'"),
        ("", "org.yaml: is empty"),
        ("a: &a [*a]\n", "org.yaml, line 1: nested too deep, or too much of it"),
        ("a: !!python/object:os.system {}\nb: 1\n---\nc: 1\n",
         "org.yaml, line 3: no YAML: but found another document"),
        ("? [a]\n: 1\n", "org.yaml, line 1: a name has to be a text"),
    ],
)  # fmt: skip
def test_what_is_no_document_ends_in_one_line(text: str, said: str) -> None:
    """With the line, where the reader knows it."""
    with pytest.raises(SetupError) as error:
        read_document("org.yaml", text.encode())

    assert str(error.value) == said


def test_texts_are_what_their_fields_are() -> None:
    """Norway is no false, 12:00 no number of seconds, an id of digits no number, and a rate is exact."""
    text = (
        "teams: {7: {calendar: {monday: [[12:00, 13:00]]}, silence_minutes: 30}}\n"
        "reps: {no: {country: NO, active: false}}\n"
        "rates: [{currency: USD, effective_on: 2026-01-01, rate: 0.9200}]\n"
    )
    found = read(told_of(()), text)

    assert not found.faults
    records = {key: wanted.record or {} for key, wanted in found.wanted.items()}
    assert records["team:7"]["calendar"]["monday"] == [["12:00", "13:00"]]
    assert records["team:7"]["silence_minutes"] == 30
    assert records["rep:no"] == {"country": "NO", "active": False, "roles": []}
    assert next(record for key, record in records.items() if key.startswith("rate:"))["rate"] == "0.9200"


def test_a_day_is_its_midnight_where_the_team_is() -> None:
    """By the zone that the file gives the team; where none does, by the one that the deployment has."""
    told = told_of([event("team", "west", NOW_MS - 1, time_zone="America/New_York")])
    text = (
        "teams: {east: {time_zone: Europe/Helsinki}}\n"
        "memberships:\n"
        "- {rep_id: ada, team_id: east, valid_from: 2026-01-01}\n"
        "- {rep_id: bob, team_id: west, valid_from: 2026-01-01}\n"
    )
    found = {str((each.record or {}).get("rep_id")): each.record or {} for each in read(told, text).wanted.values()}

    assert iso(found["ada"]["valid_from"]) == "2025-12-31T22:00:00.000Z"
    assert iso(found["bob"]["valid_from"]) == "2026-01-01T05:00:00.000Z"


def test_an_entry_without_id_is_the_one_that_is_there() -> None:
    """Whatever id another source gave it; one that is not there yet takes an id from what it says."""
    told = told_of([event("membership", "hr 1", NOW_MS - 1, rep_id="ada", team_id="north", valid_from=NOW_MS - 1000)])
    text = (
        "memberships:\n"
        f"- {{rep_id: ada, team_id: north, valid_from: '{iso(NOW_MS - 1000)}', valid_to: '{iso(NOW_MS)}'}}\n"
        "- {rep_id: ada, team_id: south}\n"
    )
    made = apply(told, text)

    assert [(step.key.startswith("membership:hr%20"), step.verb) for step in made.steps] == [
        (True, "changed"), (False, "added"),
    ]  # fmt: skip
    assert made.steps[0].events[0]["subject"] == "membership:hr 1"


def test_the_first_edition_of_a_process_needs_no_beginning() -> None:
    """It holds for all time before it too, so one without it is the one that is there."""
    told = told_of([event("process", "default", NOW_MS - 1, stages=[{"id": "new"}])])

    assert not apply(told, "processes: {default: {stages: [{id: new}]}}\n").steps
    assert [step.verb for step in apply(told, "processes: {default: {stages: [{id: old}]}}\n").steps] == ["changed"]
