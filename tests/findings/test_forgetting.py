"""What is forgotten, what is told again, and what comes before its object does."""

from typing import Any

from pipeline.scores.figures import record
from tests.findings.audit import audited_measures
from tests.findings.floor import Floor, berlin, call, deal
from tests.unit.ledger.world import DAY, HOUR, event

START = berlin("2025-11-04T10:00")
LATER = START + 36 * DAY
"""A day after what happened at the start was forgotten."""
LEADS = ("leads_created", "leads_worked", "leads_waiting")


def test_a_deal_that_comes_long_after_its_first_call_counts() -> None:
    """The call is forgotten by then, the deal never was: it is won like any other, and no dead letter."""
    floor = Floor().at(START, call("c", START, deal_id="d"))
    floor.at(LATER, deal("d", LATER, "won", amount_minor=5000_00, account_id="a"))

    assert floor.world.reasons() == []
    assert floor.value("year:2025", "won", "company") == 1
    assert floor.value("year:2025", "bookings", "company") == 5000_00
    assert floor.value("year:2025", "new_customers", "company") == 1


def test_a_lead_that_comes_long_after_its_first_call_is_the_same_for_the_audit() -> None:
    """Created once; whether the forgotten call still counts as a touch has one answer."""
    floor = Floor().at(START, call("c", START, lead_id="l"))
    floor.at(LATER, event("lead", "l", LATER, owner_id="rep-01", created_at=START - DAY))

    assert floor.measures("leads_created") == {("north", "rep-01", "leads_created"): 1}
    assert floor.measures(*LEADS) == audited_measures(floor, *LEADS)


def test_a_lead_told_in_two_parts_keeps_its_owner() -> None:
    """The owner on the first day and the creation 36 days later are one lead of rep-01."""
    floor = Floor().at(START, event("lead", "l", START, owner_id="rep-01"))
    floor.at(LATER, event("lead", "l", LATER, created_at=START - DAY))

    due = {("north", "rep-01", "leads_created"): 1, ("north", "rep-01", "leads_waiting"): 1}
    assert audited_measures(floor, *LEADS) == due
    assert floor.measures(*LEADS) == due


def test_a_meeting_that_is_moved_after_it_was_forgotten_counts_once() -> None:
    """One meeting was set; it is one of the show rate's denominator, whatever became of it."""
    floor = Floor()
    booked: dict[str, Any] = {"rep_id": "rep-01", "booked_at": START, "status": "scheduled"}
    floor.at(START, event("meeting", "m", START, starts_at=START + DAY, **booked))
    floor.at(START + DAY, event("meeting", "m", START + DAY, status="no_show"))
    moved = START + 40 * DAY
    floor.at(moved, event("meeting", "m", moved, starts_at=moved + DAY, **booked))
    held = moved + DAY + HOUR
    floor.at(held, event("meeting", "m", held, status="held"))
    figures = floor.figures()

    assert figures["team:north", "year:2025", "meetings_set"]["value"] == 1
    assert figures["team:north", "year:2025", "show_rate"]["denominator"] == 1


def test_a_call_whose_start_is_corrected_after_it_was_forgotten_counts_once() -> None:
    """One call, corrected from 36 to 34 days ago."""
    floor = Floor().at(START, call("c", START))
    floor.at(LATER, event("call", "c", LATER, rep_id="rep-01", direction="outbound", started_at=START + 2 * DAY))

    assert floor.value("year:2025", "dials") == 1


def test_a_move_beyond_the_retention_says_that_activities_stay() -> None:
    """41 days later the rep turns out to be in south: the deal moves, the forgotten call cannot; the day says so."""
    floor = Floor().at(START, call("c", START), deal("d", START, "won", amount_minor=100_00))
    later = START + 41 * DAY
    since = berlin("2025-11-01T00:00")
    floor.at(later, event("membership", "move", later, rep_id="rep-01", team_id="south", valid_from=since))
    day = next(f for f in floor.taken() if (f.scope, f.window) == ("team:north", "day:2025-11-04"))

    assert (day.kpis["dials"]["value"], day.kpis["won"]["value"]) == (1, 0)
    assert floor.past("quarter:2025-Q4", "won", "team:south") == 1
    assert b'"activities_fixed":true' in record(day)


def test_what_is_said_of_a_forgotten_call_is_a_dead_letter() -> None:
    """Its deletion and a correction without its start change nothing any more: both are late."""
    floor = Floor().at(START, call("c", START))
    floor.at(LATER, event("call", "c", LATER, verb="deleted"), event("call", "c", LATER + 1, outcome="voicemail"))

    assert floor.value("quarter:2025-Q4", "connected_calls") == 1
    assert floor.world.reasons() == ["late", "late"]


def test_a_deletion_that_leaves_a_touch_is_a_dead_letter() -> None:
    """The lead counts as worked by a call that was deleted too late: somebody has to be told."""
    floor = Floor().at(
        START, event("lead", "l", START, owner_id="rep-01", created_at=START), call("c", START, lead_id="l")
    )
    floor.at(LATER, event("call", "c", LATER, verb="deleted"))

    assert floor.value("year:2025", "leads_worked") == 1
    assert floor.world.reasons() == ["late"]


def test_only_windows_that_begin_before_say_that_activities_stay() -> None:
    """On the 10th of December calls are remembered from the 5th of November on, in Berlin's morning."""
    floor = Floor().at(START, call("c1", START), call("c2", START + 3 * DAY))
    floor.at(berlin("2025-12-10T10:00"), call("c3", berlin("2025-12-10T09:59")))
    said = {f.window: f.activities_fixed for f in floor.taken() if f.scope == "team:north"}

    assert said["day:2025-11-04"]
    assert said["month:2025-11"]
    assert said["quarter:2025-Q4"]
    assert said["90d"]
    assert not said["day:2025-11-07"]
    assert not said["month:2025-12"]
    assert not said["24h"]
    assert not said["now"]
