from typing import Any

import pytest

from tests.unit.ledger.world import DAY, HOUR, MINUTE, NOON_MS, World, event, organisation

SECOND = 1000
OUTBOUND: dict[str, Any] = {
    "rep_id": "rep-01",
    "direction": "outbound",
    "outcome": "answered",
    "started_at": NOON_MS,
    "answered_at": NOON_MS + 10 * SECOND,
    "ended_at": NOON_MS + 70 * SECOND,
}


def _sums(world: World) -> dict[str, int]:
    sums: dict[str, int] = {}
    for cell in world.total().values():
        for measure, amount in cell.items():
            sums[measure] = sums.get(measure, 0) + amount
    return sums


def _call(**data: Any) -> dict[str, int]:
    return _sums(World().play(organisation(), [event("call", "c1", **data)]))


@pytest.mark.parametrize(
    ("told", "waits"),
    [
        ({"state": "queued"}, True),
        ({"state": "ringing"}, True),
        ({"state": "ringing", "rep_id": "rep-01"}, True),
        ({}, False),  # without a word of progress nobody knows whether it goes on
        ({"state": "ended"}, False),
        ({"state": "queued", "ended_at": NOON_MS + 9 * SECOND}, False),
        ({"state": "queued", "outcome": "abandoned"}, False),
        ({"state": "ringing", "answered_at": NOON_MS + 9 * SECOND}, False),
        ({"state": "ringing", "legs": [{"rep_id": "rep-01", "answered_at": NOON_MS + 9 * SECOND}]}, False),
        ({"state": "queued", "direction": "outbound"}, False),
        ({"state": "queued", "direction": "internal"}, False),
    ],
)
def test_a_caller_waits_until_somebody_answers_or_the_call_is_over(told: dict[str, Any], *, waits: bool) -> None:
    """In the second of the call, of a ring of 64 minutes; each change takes it back."""
    said = {"team_id": "north", "direction": "inbound", "started_at": NOON_MS + 7 * SECOND, **told}
    name = f"callers_waiting:{(NOON_MS // SECOND + 7) % 3840}"

    assert {each: n for each, n in _call(**said).items() if each.startswith("callers_")} == ({name: 1} if waits else {})


def test_a_connected_dial() -> None:
    """An answered outbound call counts as call, dial, connect and activity at its start, its talk time at its end."""
    world = World().play(organisation(), [event("call", "c1", **OUTBOUND)])
    minute = NOON_MS // MINUTE

    assert world.total() == {
        ("north", "rep-01", 739558, minute): {
            "activities": 1,
            "calls": 1,
            "connected": 1,
            "connected_dials": 1,
            "conversations": 1,
            "dials": 1,
        },
        ("north", "rep-01", 739558, minute + 1): {"talk_legs": 1, "talk_ms": 60_000},
    }


def test_a_voicemail_is_a_dial_and_no_connect() -> None:
    """A machine that answers is no person, and its time no talk."""
    assert _call(**{**OUTBOUND, "outcome": "voicemail"}) == {"activities": 1, "calls": 1, "dials": 1}


def test_internal_calls_count_nothing() -> None:
    """Calls between colleagues are no sales activity."""
    assert _call(**{**OUTBOUND, "direction": "internal"}) == {}


def test_a_call_counts_once_its_start_is_known() -> None:
    """Before it is known when it started, a call contributes nothing."""
    data = {name: value for name, value in OUTBOUND.items() if name != "started_at"}
    world = World().play(organisation(), [event("call", "c1", **data)])
    assert world.total() == {}
    world.play([event("call", "c1", NOON_MS + MINUTE, started_at=NOON_MS)])

    assert world.measure("calls") == 1


def test_talk_time_leaves_hold_out() -> None:
    """Talk is what the dialer says, else end - answer - hold, and never below zero."""
    assert _call(**OUTBOUND, hold_seconds=20)["talk_ms"] == 40_000
    assert _call(**OUTBOUND, hold_seconds=20, talk_seconds=55)["talk_ms"] == 55_000
    skewed = _call(**{**OUTBOUND, "ended_at": NOON_MS})
    assert ("talk_ms" in skewed, skewed["talk_legs"], skewed["negative_talk"]) == (False, 1, 1)
    unknown = {name: value for name, value in OUTBOUND.items() if name != "answered_at"}
    assert not {"talk_legs", "talk_ms"} & _call(**unknown).keys()


@pytest.mark.parametrize(
    ("told", "conversations", "untimed"),
    [
        pytest.param({}, 1, 0, id="60 s from answer to end"),
        pytest.param({"talk_seconds": 59.999}, 0, 0, id="just short of a minute"),
        pytest.param({"hold_seconds": 1}, 0, 0, id="59 s without the hold"),
        pytest.param({"ended_at": None}, 0, 1, id="still talking"),
        pytest.param({"answered_at": None}, 0, 1, id="nobody knows since when"),
        pytest.param({"ended_at": NOON_MS}, 0, 0, id="by the clocks it ended before it was answered"),
        pytest.param({"outcome": "voicemail"}, 0, 0, id="a machine"),
        pytest.param({"direction": "inbound"}, 0, 0, id="no dial"),
        pytest.param({"direction": None}, 0, 0, id="of no known direction"),
    ],
)
def test_a_conversation_is_a_dial_with_a_minute_of_talk(told: dict[str, Any], conversations: int, untimed: int) -> None:
    """Of one that a person answered, it may not be known yet whether it is one."""
    sums = _call(**{**OUTBOUND, **told})

    assert (sums.get("conversations", 0), sums.get("conversations_untimed", 0)) == (conversations, untimed)


@pytest.mark.parametrize(("talk_seconds", "found"), [(60, (1, 0)), (59, (0, 0)), (None, (0, 1))])
def test_a_logged_call_counts_by_its_own_talk_time(talk_seconds: int | None, found: tuple[int, int]) -> None:
    """One conversation of as many dials as it says; left out of them is one where nobody wrote down how long."""
    logged: dict[str, Any] = {"kind": "call", "rep_id": "rep-01", "occurred_at": NOON_MS, "dials": 3, "connected": True}

    sums = _sums(World().play(organisation(), [event("activity", "a1", **logged, talk_seconds=talk_seconds)]))

    assert (sums.get("conversations", 0), sums.get("conversations_untimed", 0), sums["dials"]) == (*found, 3)


def test_a_call_that_moves_takes_its_conversation_along() -> None:
    """The dialer says again who had it, and that it was shorter."""
    world = World().play(organisation(), [event("call", "c1", **OUTBOUND)])

    world.play([event("call", "c1", NOON_MS + MINUTE, rep_id="rep-02")])
    assert (world.measure("conversations", "north"), world.measure("conversations", "south")) == (0, 1)
    world.play([event("call", "c1", NOON_MS + 2 * MINUTE, ended_at=NOON_MS + 30 * SECOND)])
    assert world.measure("conversations") == 0


def test_the_wrap_up_comes_after_the_end() -> None:
    """The handle time of before, talk and hold, is revised: all at the call's end, whenever it comes."""
    world = World().play(organisation(), [event("call", "c1", **OUTBOUND, hold_seconds=20)])
    before = _sums(world)
    assert (before["talk_ms"], before["hold_ms"], "wrapped_up" in before) == (40_000, 20_000, False)

    world.play([event("call", "c1", NOON_MS + HOUR, wrap_up_seconds=45)])

    assert world.total()["north", "rep-01", 739558, NOON_MS // MINUTE + 1] == {
        "talk_legs": 1, "talk_ms": 40_000, "hold_ms": 20_000, "wrapped_up": 1, "wrap_up_ms": 45_000,
    }  # fmt: skip


def test_a_wrap_up_of_nothing_is_known() -> None:
    """0 is not the same as not told."""
    sums = _call(**OUTBOUND, wrap_up_seconds=0)

    assert (sums["wrapped_up"], sums.get("wrap_up_ms", 0)) == (1, 0)


def test_what_nobody_handled_has_no_handle_time() -> None:
    """Notes on a call that nobody answered, or hold of one that is not over, belong to no handled call."""
    assert (
        not {"hold_ms", "wrapped_up", "wrap_up_ms"}
        & _call(**{**OUTBOUND, "outcome": "no_answer"}, hold_seconds=5, wrap_up_seconds=9).keys()
    )
    assert not {"hold_ms", "wrapped_up"} & _call(**{**OUTBOUND, "ended_at": None}, hold_seconds=5).keys()


@pytest.mark.parametrize(
    ("told", "missed", "hung_up"),
    [
        pytest.param({"outcome": "no_answer"}, 1, 0, id="rang out"),
        pytest.param({"outcome": "voicemail"}, 1, 0, id="a machine took it"),
        pytest.param({"outcome": "abandoned"}, 0, 1, id="the caller gave up"),
        pytest.param({"outcome": "cancelled"}, 0, 1, id="the caller took it back"),
        pytest.param({"outcome": "busy"}, 0, 0, id="it never rang"),
        pytest.param({"outcome": "answered"}, 0, 0, id="answered"),
        pytest.param({"outcome": None}, 0, 0, id="not known yet"),
        pytest.param({"outcome": "no_answer", "direction": "outbound"}, 0, 0, id="the customer did not answer"),
        pytest.param({"outcome": "no_answer", "direction": "internal"}, 0, 0, id="a colleague"),
        pytest.param({"outcome": "abandoned", "rep_id": None, "team_id": "north"}, 0, 0, id="in the queue"),
    ],
)
def test_a_call_that_rang_in_vain(told: dict[str, Any], missed: int, hung_up: int) -> None:
    """Without legs, it rang last at the rep whom it names."""
    inbound: dict[str, Any] = {"rep_id": "rep-01", "direction": "inbound", "started_at": NOON_MS}
    sums = _call(**{**inbound, **told})

    assert (sums.get("missed", 0), sums.get("hung_up_ringing", 0)) == (missed, hung_up)


def test_inbound_calls_are_offered_answered_or_abandoned() -> None:
    """Waits count for answered ones, at most twenty seconds being prompt."""
    inbound = {**OUTBOUND, "direction": "inbound"}

    assert _call(**inbound, wait_seconds=20) == {
        "activities": 1,
        "calls": 1,
        "connected": 1,
        "offered": 1,
        "answered": 1,
        "answered_in_20s": 1,
        "answer_wait_ms": 20_000,
        "talk_legs": 1,
        "talk_ms": 60_000,
    }
    assert "answered_in_20s" not in _call(**inbound, wait_seconds=20.5)
    assert _call(**inbound)["answer_wait_ms"] == 10_000
    assert _call(**{**inbound, "answered_at": None})["answered_untimed"] == 1
    assert _call(team_id="north", direction="inbound", outcome="abandoned", started_at=NOON_MS) == {
        "calls": 1,
        "offered": 1,
        "abandoned": 1,
    }


def test_a_call_that_no_rep_took_counts_for_the_team_of_its_queue() -> None:
    """Without a rep the cell is the team's alone; of an unknown team it is nobody's until the team is known."""
    abandoned: dict[str, Any] = {"direction": "inbound", "outcome": "abandoned", "started_at": NOON_MS}
    world = World().play(
        organisation(),
        [event("call", "c1", team_id="north", **abandoned), event("call", "c2", team_id="west", **abandoned)],
    )

    assert {place[:2] for place in world.total()} == {("north", ""), ("unassigned", "")}
    world.play([event("team", "west")])
    assert {place[:2] for place in world.total()} == {("north", ""), ("west", "")}


def test_an_unknown_rep_is_unassigned_until_known() -> None:
    """What reps nobody knows did is together in one scope, and moves to each once the organisation learns of them."""
    world = World().play(
        organisation(), [event("call", f"c{n}", **{**OUTBOUND, "rep_id": f"rep-1{n}"}) for n in range(3)]
    )
    assert {place[:2] for place in world.total()} == {("unassigned", "unassigned")}

    world.play([event("rep", "rep-10"), event("membership", "m9", rep_id="rep-11", team_id="north")])

    assert world.measure("calls", "unassigned", "rep-10") == 1
    assert world.measure("calls", "north", "rep-11") == 1
    assert world.measure("calls", "unassigned", "unassigned") == 1


def test_a_call_logged_in_the_crm_and_dialled_counts_once() -> None:
    """The dialer's call counts whichever came first; what the CRM logged of it, only as long as there is no other."""
    logged = event("activity", "a1", kind="call", call_id="c1", rep_id="rep-02", occurred_at=NOON_MS, dials=3)
    dialled = event("call", "c1", **OUTBOUND)
    first = World().play(organisation(), [logged])
    assert (first.measure("dials", "south"), first.measure("calls")) == (3, 1)

    expected = World().play(organisation(), [dialled]).total()
    assert first.play([dialled]).total() == expected
    assert World().play(organisation(), [dialled], [logged]).total() == expected
    assert first.play([event("call", "c1", NOON_MS + 1, verb="deleted")]).total() == {}


def test_a_logged_call_that_names_no_other_counts_itself() -> None:
    """A call logged by hand is one call of as many dials as it says, outbound unless it says otherwise."""
    world = World().play(
        organisation(),
        [
            event(
                "activity",
                "a1",
                kind="call",
                rep_id="rep-01",
                occurred_at=NOON_MS,
                dials=4,
                connected=True,
                talk_seconds=30,
            )
        ],
    )

    assert _sums(world) == {
        "activities": 1,
        "calls": 1,
        "dials": 4,
        "connected": 1,
        "connected_dials": 1,
        "talk_legs": 1,
        "talk_ms": 30_000,
    }


def test_a_deleted_call_is_taken_back_and_a_restored_one_put_back() -> None:
    """Deletion leaves nothing; restoration everything."""
    world = World().play(organisation(), [event("call", "c1", **OUTBOUND)])
    expected = world.total()

    assert world.play([event("call", "c1", NOON_MS + HOUR, verb="deleted")]).total() == {}
    assert world.play([event("call", "c1", NOON_MS + HOUR + 1, verb="restored")]).total() == expected


def test_a_corrected_start_moves_the_call() -> None:
    """A correction takes the call out of its old day and puts it into the new one."""
    world = World().play(organisation(), [event("call", "c1", **OUTBOUND)])
    world.play([event("call", "c1", NOON_MS + MINUTE, started_at=NOON_MS - DAY)])

    days = {place[2] for place, sums in world.total().items() if "calls" in sums}
    assert days == {739557}


def test_a_call_over_a_team_change_talks_for_the_team_at_its_end() -> None:
    """The rep's team is that of each figure's own time."""
    world = World().play(
        organisation(),
        [
            event("membership", "m1", 2000, valid_to=NOON_MS + 30 * SECOND),
            event("membership", "m3", 2000, rep_id="rep-01", team_id="south", valid_from=NOON_MS + 30 * SECOND),
            event("call", "c1", **OUTBOUND),
        ],
    )

    assert (world.measure("calls", "north"), world.measure("talk_ms", "south")) == (1, 60_000)


def test_a_backdated_move_restates_both_teams() -> None:
    """A move that is entered late takes the calls since along, and only those."""
    calls = [event("call", f"c{n}", **{**OUTBOUND, "started_at": NOON_MS - n * DAY}) for n in range(4)]
    world = World().play(organisation(), calls)
    assert world.measure("calls", "north") == 4

    world.play(
        [
            event("membership", "m1", 3000, valid_to=NOON_MS - DAY),
            event("membership", "m3", 3000, rep_id="rep-01", team_id="south", valid_from=NOON_MS - DAY),
        ]
    )

    assert (world.measure("calls", "north"), world.measure("calls", "south")) == (2, 2)
