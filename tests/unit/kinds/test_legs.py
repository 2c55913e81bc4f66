"""Legs of a call: one call for who answered first, and for each of its reps what that one talked."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.audit.logs_of import audited, folded, worked_out
from tests.unit.ledger.any_events import CHANGES
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


def any_call() -> st.SearchStrategy[dict[str, Any]]:
    """One event of a call that says anything of it."""
    return CHANGES["call"].map(lambda data: event("call", "c", **data))


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


def test_what_the_call_itself_took_does_not_count_beside_its_legs() -> None:
    """A total of all legs would be told twice, and nobody knows whose wrap-up it is."""
    data = {"talk_seconds": 500, "hold_seconds": 30, "wrap_up_seconds": 20}
    world = call(leg("rep-01", 10, 190), leg("rep-02", 200, 600, wrap_up_seconds=5), **data)

    assert of(world, "talk_ms") == {"rep-01": 180 * SECOND, "rep-02": 400 * SECOND}
    assert of(world, "hold_ms") == {}
    assert (of(world, "wrap_up_ms"), of(world, "wrapped_up")) == ({"rep-02": 5 * SECOND}, {"rep-02": 1})


def test_a_leg_without_an_end_ends_with_the_call() -> None:
    """The last one, of which the dialer says no more: from 200 s to the end at 600 s."""
    world = call(leg("rep-01", 10, 190), leg("rep-02", 200, None))

    assert of(world, "talk_ms") == {"rep-01": 180 * SECOND, "rep-02": 400 * SECOND}


def test_legs_without_an_instant_are_taken_in_by_both() -> None:
    """An event that says nothing else: no time of it lies ahead."""
    world = World(partitions=1).play(organisation(), [event("call", "c", legs=[leg("rep-01", None, None)])])

    assert world.reasons() == []
    with audited(world) as database:
        assert database.rows("SELECT count(*) FROM change WHERE key = 'call:c'") == [(1,)]


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


def test_hold_and_wrap_up_are_of_who_had_the_leg() -> None:
    """rep-01 holds for 20 s and writes it up for 30 s, rep-02 says nothing of either; the call's own is nobody's."""
    world = call(
        leg("rep-01", 10, 110, hold_seconds=20, wrap_up_seconds=30), leg("rep-02", 120, 420),
        hold_seconds=500, wrap_up_seconds=500,
    )  # fmt: skip

    assert of(world, "hold_ms") == {"rep-01": 20 * SECOND}
    assert of(world, "wrap_up_ms") == {"rep-01": 30 * SECOND}
    assert of(world, "wrapped_up") == {"rep-01": 1}
    assert of(world, "talk_legs") == {"rep-01": 1, "rep-02": 1}


def test_a_leg_of_no_talk_only_rang() -> None:
    """Call detail records say 0 seconds of a leg that nobody took: it is not handled, and missed."""
    world = call(leg("rep-01", None, 20, talk_seconds=0), leg("rep-02", 30, 90, talk_seconds=60))

    assert of(world, "talk_legs") == {"rep-02": 1}
    assert of(world, "missed") == {"rep-01": 1}


def test_a_conversation_is_what_all_its_reps_talked() -> None:
    """40 s and 20 s are a minute of one dial, of who had it first."""
    world = call(leg("rep-02", 60, 80), leg("rep-01", 10, 50), direction="outbound")

    assert of(world, "conversations") == {"rep-01": 1}


@pytest.mark.parametrize(
    ("legs", "conversations", "untimed"),
    [
        pytest.param([leg("rep-01", 10, 69), leg("rep-02", None, 90)], 0, 0, id="59 s, and one that only rang"),
        pytest.param([leg("rep-01", 10, 30), leg("rep-02", 40, None)], 0, 1, id="20 s, and nobody knows of the rest"),
        pytest.param([leg("rep-01", 10, 80), leg("rep-02", 90, None)], 1, 0, id="70 s are enough without the rest"),
        pytest.param([leg("rep-01", None, 10)], 0, 1, id="somebody answered, of whom no leg tells"),
    ],
)
def test_a_dial_is_left_out_while_its_talk_may_be_a_minute(
    legs: list[dict[str, Any]], conversations: int, untimed: int
) -> None:
    """What is known may be enough."""
    world = call(*legs, direction="outbound", ended_at=None)

    assert (world.measure("conversations"), world.measure("conversations_untimed")) == (conversations, untimed)


@pytest.mark.parametrize(
    ("legs", "data", "missed", "hung_up"),
    [
        pytest.param([leg("rep-01", None, 20), leg("rep-02", 30, 90)], {}, "rep-01", "", id="then a colleague took it"),
        pytest.param([leg("rep-01", None, 30), leg("rep-02", 30, 90)], {}, "", "", id="both rang, a colleague took it"),
        pytest.param([leg("rep-01", None, 31), leg("rep-02", 30, 90)], {}, "", "", id="stamps are to the second"),
        pytest.param(
            [leg("rep-01", None, 120), leg("rep-02", 30, 90)], {}, "rep-01", "", id="passed on, and nobody took it"
        ),
        pytest.param(
            [leg("rep-01", None, 600), leg("rep-02", 30, 90)], {}, "", "rep-01", id="passed on, and the caller hung up"
        ),
        pytest.param(
            [leg("rep-01", None, None), leg("rep-02", 30, 90)], {"ended_at": None}, "", "", id="it is ringing still"
        ),
        pytest.param(
            [leg("rep-01", None, 20), leg("rep-02", None, 600)], {"outcome": "abandoned"}, "rep-01", "rep-02",
            id="one missed it, then the caller gave up",
        ),
        pytest.param(
            [leg("rep-01", None, 20), leg("rep-02", None, None)], {"outcome": "no_answer"}, "rep-01 rep-02", "",
            id="two missed it",
        ),
        pytest.param([leg("rep-01", None, 600)], {"outcome": None}, "", "", id="nobody says who ended it"),
        pytest.param([leg(None, None, 20, team_id="north"), leg("rep-02", 30, 90)], {}, "", "", id="a queue rang"),
        pytest.param([leg("rep-01", None, 20), leg("rep-02", 30, 90)], {"direction": "outbound"}, "", "", id="a dial"),
    ],
)  # fmt: skip
def test_who_missed_a_call_and_who_did_not(
    legs: list[dict[str, Any]], data: dict[str, Any], missed: str, hung_up: str
) -> None:
    """A ring that its rep did not answer, unless a colleague picked up or the caller hung up."""
    world = call(*legs, **data)

    assert of(world, "missed") == dict.fromkeys(missed.split(), 1)
    assert of(world, "hung_up_ringing") == dict.fromkeys(hung_up.split(), 1)


@given(any_call())
def test_a_ring_is_counted_once_or_not_at_all(told: dict[str, Any]) -> None:
    """Whatever the legs say: no leg is both handled and missed, and what nobody handled has no hold or wrap-up."""
    total = World(partitions=1).play(organisation(), [told]).total()
    sums = Counter[str]()
    for cell in total.values():
        sums.update(cell)

    legs = told["data"].get("legs") or [told["data"]]
    assert sums["missed"] + sums["hung_up_ringing"] + sums["talk_legs"] <= len(legs)
    assert sums["wrapped_up"] <= sums["talk_legs"]
    assert sums["conversations"] + sums["conversations_untimed"] <= sums["connected_dials"]
    assert sums["talk_legs"] or not sums["hold_ms"] + sums["wrap_up_ms"]


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
