"""Legs of a call: one call for who answered first, and for each of its reps what that one talked."""

from typing import Any

from tests.unit.audit.logs_of import folded, worked_out
from tests.unit.ledger.world import DAY, NOON_MS, World, event, organisation

SECOND = 1000
START_MS = NOON_MS - 3600 * SECOND


def leg(rep: str | None, answered: int | None, ended: int | None, **more: Any) -> dict[str, Any]:
    """A leg of a rep, from so many seconds after the start until so many."""
    instants = {"answered_at": answered, "ended_at": ended}
    given = {name: START_MS + after * SECOND for name, after in instants.items() if after is not None}
    return {"rep_id": rep, **given, **more}


def call(*legs: dict[str, Any], **data: Any) -> World:
    """A call in that ended after ten minutes; rep-02 is the one it names itself. Pipeline and audit agree on it."""
    known: dict[str, Any] = {
        "rep_id": "rep-02", "direction": "inbound", "outcome": "answered", "started_at": START_MS,
        "ended_at": START_MS + 600 * SECOND, "legs": list(legs), "lead_id": "l",
    }  # fmt: skip
    told = event("call", "c", START_MS + 600 * SECOND, **(known | data))
    lead = event("lead", "l", START_MS, owner_id="rep-01", created_at=START_MS)
    world = World(partitions=1).play(organisation(), [lead], [told])
    assert worked_out(world) == folded(world)
    return world


def of(world: World, measure: str) -> dict[str, int]:
    """One measure by rep, without zeros."""
    found = {rep: world.measure(measure, rep=rep) for rep in ("rep-01", "rep-02", "unassigned", "")}
    return {rep: amount for rep, amount in found.items() if amount}


def test_a_call_that_is_passed_on_is_one_call_of_who_answered_first() -> None:
    """rep-01 takes it after 15 s and talks for 100 s, rep-02 for 300 s less 40 s on hold: whichever leg comes first."""
    world = call(leg("rep-02", 120, 420, hold_seconds=40), leg("rep-01", 15, 115))

    for measure in ("calls", "offered", "answered", "activities", "connected", "answered_in_20s"):
        assert of(world, measure) == {"rep-01": 1}
    assert of(world, "answer_wait_ms") == {"rep-01": 15 * SECOND}
    assert of(world, "talk_ms") == {"rep-01": 100 * SECOND, "rep-02": 260 * SECOND}
    assert of(world, "talk_legs") == {"rep-01": 1, "rep-02": 1}
    assert (world.measure("talk_ms", "north"), world.measure("talk_ms", "south")) == (100 * SECOND, 260 * SECOND)


def test_a_leg_without_an_end_ends_with_the_call() -> None:
    """The last one, of which the dialer says no more: from 200 s to the end at 600 s."""
    world = call(leg("rep-01", 10, 190), leg("rep-02", 200, None))

    assert of(world, "talk_ms") == {"rep-01": 180 * SECOND, "rep-02": 400 * SECOND}


def test_legs_that_nobody_took_are_no_legs_of_talk() -> None:
    """rep-01 was rung, rep-02 took it: it is the call of rep-02."""
    world = call(leg("rep-01", None, 20), leg("rep-02", 30, 90))

    assert of(world, "calls") == {"rep-02": 1}
    assert of(world, "talk_legs") == {"rep-02": 1}


def test_a_call_that_nobody_took_is_of_whom_it_names() -> None:
    """Whatever legs rang."""
    world = call(leg("rep-01", None, 20), outcome="no_answer")

    assert of(world, "calls") == {"rep-02": 1}
    assert of(world, "talk_legs") == {}


def test_a_leg_of_a_team_counts_for_the_team() -> None:
    """Nobody knows who of team south took it over."""
    world = call(leg("rep-01", 10, 100), leg(None, 110, 200, team_id="south"))

    assert world.measure("talk_legs", "south", "") == 1


def test_talk_is_what_the_dialer_says_of_each_leg() -> None:
    """Also where the call was answered by its legs alone; a leg that ends before it begins is clamped and counted."""
    world = call(leg("rep-01", 10, 100, talk_seconds=55), leg("rep-02", 110, 100), outcome=None)

    assert of(world, "talk_ms") == {"rep-01": 55 * SECOND}
    assert of(world, "talk_legs") == {"rep-01": 1, "rep-02": 1}
    assert of(world, "negative_talk") == {"rep-02": 1}


def test_legs_move_with_their_reps() -> None:
    """A backdated move of the second rep takes its talk along, and nothing else."""
    world = call(leg("rep-01", 10, 100), leg("rep-02", 110, 200))
    world.play([event("membership", "m9", 9000, rep_id="rep-02", team_id="north", valid_from=NOON_MS - 30 * DAY)])

    assert world.total() == world.stated()
    assert world.measure("talk_legs", "north") == 2


def test_a_leg_of_the_future_is_refused() -> None:
    """As a call of the future is: by pipeline and audit."""
    world = World(partitions=1).play(
        organisation(),
        [
            event(
                "call", "c", NOON_MS, rep_id="rep-01", direction="inbound", started_at=NOON_MS,
                legs=[{"rep_id": "rep-01", "answered_at": NOON_MS, "ended_at": NOON_MS + 9 * DAY}],
            )
        ],
    )  # fmt: skip

    assert world.reasons() == ["future"]
    assert worked_out(world) == folded(world) == {}
