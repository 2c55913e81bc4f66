"""What is told so that the organisation is what a file says."""

import pytest

from pipeline.administering.topic import Told
from pipeline.ledger.roster import RosterPolicy
from pipeline.sending.event import content_of, id_of
from tests.unit.administering.organisations import DAY, NOW_MS, apply, planned, told_of
from tests.unit.ledger.world import event


def stood() -> Told:
    """A deployment that other sources told of."""
    return told_of(
        [
            event("company", "company", NOW_MS - DAY, time_zone="UTC"),
            event("team", "north", NOW_MS - DAY, time_zone="UTC", silence_minutes=30),
            event("team", "south", NOW_MS - DAY),
            event("rep", "ada", NOW_MS - DAY, country="NL"),
            event("membership", "m1", NOW_MS - DAY, rep_id="ada", team_id="south", valid_from=NOW_MS - DAY),
            event("membership", "m0", NOW_MS - DAY, rep_id="ada", team_id="north", valid_to=NOW_MS - DAY),
            event("rate", "r1", NOW_MS - DAY, currency="USD", effective_on="2026-01-01", rate="0.9"),
            event("process", "default", NOW_MS - DAY, stages=[{"id": "new"}]),
        ]
    )


def test_an_object_is_all_that_the_file_says_of_it() -> None:
    """What it leaves out is cleared; an object that it does not name is left, and named."""
    made = planned(stood(), "teams: {north: {time_zone: Europe/Amsterdam}}\n")

    (step,) = made.steps
    assert [each["data"] for each in step.events] == [
        {"silence_minutes": None}, {"time_zone": "Europe/Amsterdam", "time_zone_from": None},
    ]  # fmt: skip
    assert made.others == ["membership:m1", "process:default", "rate:r1", "rep:ada", "team:south"]


def test_others_end_where_the_file_has_their_section() -> None:
    """A team and a membership now, a rep by having left, a rate by deletion; a process and what is over never."""
    text = "teams: {north: {time_zone: UTC, silence_minutes: 30}}\nreps:\nmemberships: []\nprocesses: {}\n"
    made = apply(told := stood(), text, end_others=True)
    records = dict(told.records())

    assert [(step.key, step.verb) for step in made.steps] == [
        ("membership:m1", "ended"), ("rep:ada", "ended"), ("team:south", "ended"),
    ]  # fmt: skip
    assert made.others == ["process:default", "rate:r1"]
    assert records["team:south"]["ended_at"] == records["membership:m1"]["valid_to"] == NOW_MS + 1
    assert records["rep:ada"] == {"active": False, "country": "NL", "roles": []}


def test_an_id_is_that_of_its_rep_and_beginning() -> None:
    """What another source told is found by these; another rep for it is another identity, and the rest is left."""
    told = told_of(
        [
            event("rep", "ada", NOW_MS - DAY), event("rep", "bob", NOW_MS - DAY),
            event("identity", "hr-1", NOW_MS - DAY, external_id="crm-7", rep_id="ada"),
            event("identity", "hr-2", NOW_MS - DAY, external_id="desk", rep_id="ada"),
        ]
    )  # fmt: skip
    text = """identities:
- {external_id: crm-7, rep_id: ada, valid_to: 2026-11-01}
- {external_id: crm-7, rep_id: bob, valid_from: 2026-11-01}
"""
    made = apply(told, text, end_others=True)
    organisation = told.organisation("EUR", NOW_MS + 2)

    assert [(step.key, step.verb) for step in made.steps if step.key.startswith("identity:hr")] == [
        ("identity:hr-1", "changed"), ("identity:hr-2", "ended"),
    ]  # fmt: skip
    assert [organisation.rep_of("crm-7", NOW_MS - days * DAY) for days in (30, 1)] == ["ada", "bob"]
    assert [organisation.rep_of("desk", at_ms) for at_ms in (NOW_MS, NOW_MS + 2)] == ["ada", "desk"]
    assert planned(told, text, NOW_MS + 2, end_others=True).steps == []


def test_what_was_deleted_and_is_named_is_there_again() -> None:
    """By an event of its own, before anything else is told of it."""
    told = told_of([event("team", "north", NOW_MS - DAY, parent_id="emea"),
                    event("team", "north", NOW_MS - 1000, verb="deleted")])  # fmt: skip
    made = apply(told, "teams: {north: {}}\n")

    assert [each["type"] for each in made.events()] == ["org.team.restored", "org.team.changed"]
    assert dict(told.records()) == {"team:north": {"time_zones": []}}


def test_a_team_that_was_restored_ends_no_earlier() -> None:
    """The deletion would be an older version than the restoration: that is said, with what is allowed."""
    told = told_of([event("team", "north", NOW_MS - DAY), event("team", "north", NOW_MS - 1000, verb="restored")])
    (fault,) = planned(told, "teams:\n  north: {ended_at: 2026-01-01}\n").faults

    assert (fault.line, fault.text) == (
        2, "team:north: ended or restored since; allowed is ended_at from 2026-11-18T11:06:39.001Z on",
    )  # fmt: skip


def test_what_a_clock_that_is_ahead_told_does_not_win() -> None:
    """An event of the file is later than all that was told of its object."""
    told = told_of([event("rep", "ada", NOW_MS + 200_000, country="NL")])
    apply(told, "reps: {ada: {country: DE}}\n")

    assert dict(told.records())["rep:ada"]["country"] == "DE"


@pytest.mark.parametrize("sent", [0, 1, 2])
def test_what_was_sent_in_part_is_sent_to_the_end(sent: int) -> None:
    """Ids follow from content; a second run tells what the first did not come to."""
    text = "teams: {a: {}, b: {time_zone: UTC}}\n"
    told, first = told_of(()), list(planned(told_of(()), text).events())
    for each in first:
        assert each["id"] == id_of(content_of({name: said for name, said in each.items() if name != "id"}))
    told = told_of(first[:sent], NOW_MS + 1)
    rest = list(apply(told, text).events())

    assert [each["id"] for each in (*first[:sent], *rest)] == [each["id"] for each in first]
    assert not apply(told, text, NOW_MS + 2).steps


def test_what_the_topic_has_no_room_for_is_a_fault() -> None:
    """A record that is full would refuse what the file adds."""
    told = Told(RosterPolicy(most_dated=2))
    text = "teams:\n  north:\n    time_zones:\n"
    days = [f"    - {{time_zone: UTC, time_zone_from: 2026-01-0{number}}}\n" for number in range(1, 4)]
    (fault,) = planned(told, text + "".join(days)).faults

    assert (fault.line, fault.text) == (2, "team:north: no room for another day, instant or stage; allowed are 2")
    assert not planned(told, text + "".join(days[:2])).faults
