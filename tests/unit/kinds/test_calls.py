from typing import Any

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
