"""What phones are set to: time on contact and available by local day, and what stands now."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kinds.stints import settle, stints
from pipeline.objects.histories import insert
from pipeline.objects.object import Object
from tests.unit.audit.logs_of import folded, worked_out
from tests.unit.ledger.world import DAY, HOUR, MINUTE, NOON_MS, World, event, organisation

SECOND = 1000
DAY_OF_NOON = 739558
"""Monday, 3 November 2025."""
Step = tuple[int, str | None]


def phone(*steps: Step, rep: str = "rep-01", **data: Any) -> list[dict[str, Any]]:
    """A phone that is set to each state so many minutes after noon in Berlin."""
    return [event("agent", rep, NOON_MS + at * MINUTE, state=state, **data) for at, state in steps]


def played(*batches: list[dict[str, Any]], now_ms: int = NOON_MS + HOUR) -> World:
    """A world in which all this was told; pipeline and audit agree on it."""
    world = World(partitions=1)
    world.now_ms = now_ms
    world.play(organisation(), *batches)
    assert worked_out(world) == folded(world)
    return world


def days(world: World, measure: str) -> dict[tuple[str, int | None], int]:
    """One measure by team and local day, seconds."""
    return {
        (team, None if day is None else day - DAY_OF_NOON): sums[measure] // SECOND
        for (team, _, day, _), sums in world.total().items()
        if measure in sums
    }


def standing(world: World) -> dict[str, int]:
    """What stands of all reps together."""
    found: dict[str, int] = {}
    for (_, _, day, minute), sums in world.total().items():
        if day is None and minute is None:
            for measure, amount in sums.items():
                found[measure] = found.get(measure, 0) + amount
    return found


def test_time_counts_once_the_next_state_is_told() -> None:
    """Available for 10 minutes, rung, on a call for 4, in wrap-up for 1: 5 minutes of contact."""
    world = played(phone((0, "available"), (10, "ringing"), (11, "on_call"), (15, "wrap_up"), (16, "break")))

    assert days(world, "available_ms") == {("north", 0): 600}
    assert days(world, "contact_ms") == {("north", 0): 300}


def test_what_goes_on_stands_since_the_minute_in_which_it_began() -> None:
    """On a call since 12:11: its minute, on its local day. Nothing has run its course."""
    world = played(phone((11, "on_call")))
    minute = NOON_MS // MINUTE + 11

    assert days(world, "contact_ms") == {}
    assert standing(world) == {
        "agents:on_call": 1,
        "agents_since_ms:on_call": NOON_MS + 11 * MINUTE,
        f"contact_running:{DAY_OF_NOON}": 1,
        f"contact_running_since:{DAY_OF_NOON}": minute,
    }


def test_a_break_has_a_reason_of_its_own() -> None:
    """Lunch, which becomes training by a word about the reason alone; the next break has none."""
    told = phone((0, "break"), reason="lunch")
    assert standing(played(told))["agents:break:lunch"] == 1

    world = played(told, [event("agent", "rep-01", NOON_MS + 5 * MINUTE, reason="training")])
    assert standing(world) == {"agents:break:training": 1, "agents_since_ms:break:training": NOON_MS + 5 * MINUTE}

    world = played(told, phone((10, "available"), (20, "break")))
    assert standing(world) == {"agents:break": 1, "agents_since_ms:break": NOON_MS + 20 * MINUTE}


def test_a_state_that_is_told_again_goes_on() -> None:
    """Available at 12:00 and again at 12:10: since 12:00, and the ten minutes between count already."""
    world = played(phone((0, "available"), (10, "available")))

    assert standing(world)["agents_since_ms:available"] == NOON_MS
    assert days(world, "available_ms") == {("north", 0): 600}


@pytest.mark.parametrize("state", ["offline", None])
def test_a_phone_that_is_off_stands_for_nobody(state: str | None) -> None:
    """Nor does one of which the dialer no longer knows."""
    world = played(phone((0, "available"), (10, state)))

    assert standing(world) == {}
    assert days(world, "available_ms") == {("north", 0): 600}


def test_a_call_over_midnight_is_cut_there() -> None:
    """From 23:50 to 00:20 in Berlin; in New York, where team south is, that is one afternoon."""
    late = (NOON_MS + 12 * HOUR, NOON_MS + 13 * HOUR)
    for rep, found in (("rep-01", {("north", 0): 600, ("north", 1): 1200}), ("rep-02", {("south", 0): 1800})):
        world = played(phone((710, "on_call"), (740, "available"), (741, "offline"), rep=rep), now_ms=late[1])
        assert days(world, "contact_ms") == found


def test_the_night_on_which_clocks_go_back_has_an_hour_more() -> None:
    """From 22:00 on Saturday to 06:00 on Sunday, 26 October 2025: 2 hours, and 7."""
    saturday_ms = NOON_MS - 9 * DAY + 9 * HOUR  # 22:00 in Berlin, in summer
    events = [
        event("agent", "rep-01", saturday_ms, state="available"),
        event("agent", "rep-01", saturday_ms + 9 * HOUR, state="offline"),
    ]

    assert days(played(events, now_ms=saturday_ms + 9 * HOUR), "available_ms") == {
        ("north", -9): 2 * 3600,
        ("north", -8): 7 * 3600,
    }


def test_a_phone_that_was_left_on_is_no_part_of_occupancy() -> None:
    """A day to the millisecond counts; one more, and somebody forgot to turn it off."""
    whole = played(phone((-1440, "available"), (0, "offline")))
    left = played([*phone((-1440, "available")), event("agent", "rep-01", NOON_MS + 1, state="offline")])

    assert sum(days(whole, "available_ms").values()) == 86_400
    assert days(left, "available_ms") == {}
    assert left.measure("phones_left_on") == 1


def test_time_counts_for_the_team_of_when_it_began() -> None:
    """rep-01 moves south at 12:20, in the middle of a call."""
    moved = event("membership", "m9", 1000, rep_id="rep-01", team_id="south", valid_from=NOON_MS + 20 * MINUTE)
    world = played(phone((10, "on_call"), (30, "on_call"), (40, "offline")), [moved])

    assert {team: seconds for (team, _), seconds in days(world, "contact_ms").items()} == {"north": 1200, "south": 600}


def test_an_event_that_is_corrected_was_never_told() -> None:
    """It was no call at 12:10, but the break of 12:20."""
    wrong = event("agent", "rep-01", NOON_MS + 10 * MINUTE, state="on_call", event_id="wrong")
    right = event("agent", "rep-01", NOON_MS + 20 * MINUTE, state="break", corrects="wrong")
    for order in ([wrong, right], [right, wrong]):
        world = played(phone((0, "available")), *([each] for each in order))
        assert days(world, "available_ms") == {("north", 0): 1200}
        assert world.measure("contact_ms") == 0


def test_a_deleted_phone_counts_nothing_until_it_is_restored() -> None:
    """What an import told by mistake is taken back."""
    told = phone((0, "available"), (10, "on_call"))
    gone = event("agent", "rep-01", NOON_MS + 20 * MINUTE, verb="deleted")
    back = event("agent", "rep-01", NOON_MS + 21 * MINUTE, verb="restored")

    assert played(told, [gone]).total() == {}
    assert played(told, [gone], [back]).measure("available_ms") == 600 * SECOND


def test_what_is_more_than_three_days_old_is_settled() -> None:
    """It comes too late, and what it counted stays; what goes on still ends, with all its time but for a day more."""
    world = played(phone((0, "available"), (10, "on_call"), (20, "available")))
    world.now_ms += 4 * DAY
    world.play(phone((5, "break")))
    assert world.reasons() == ["late"]

    world.play([event("agent", "rep-01", world.now_ms, state="on_call")])
    assert worked_out(world) == folded(world)
    assert (world.measure("available_ms"), world.measure("contact_ms")) == (600 * SECOND, 600 * SECOND)
    assert world.measure("phones_left_on") == 1
    assert standing(world)["agents:on_call"] == 1

    world.play([event("agent", "rep-01", world.now_ms, verb="deleted")])
    assert worked_out(world) == folded(world)
    assert world.measure("contact_ms") == 600 * SECOND


def stretches(world: World) -> dict[tuple[str, str], list[tuple[float, float, str]]]:
    """The states that are over, by team and rep, from and until so many minutes after noon."""
    found: dict[tuple[str, str], list[tuple[float, float, str]]] = {}
    for (team, rep, day, minute), sums in world.total().items():
        for measure in sums if day is None and minute is not None else ():
            begin, end, state = measure.removeprefix("phone_stretch:").split(":", 2)
            assert int(end) // HOUR * 60 == minute
            told = ((int(begin) - NOON_MS) / MINUTE, (int(end) - NOON_MS) / MINUTE, state)
            found.setdefault((team, rep), []).append(told)
    return {whose: sorted(told) for whose, told in found.items()}


def test_each_state_that_is_over_is_of_the_timeline_of_its_rep() -> None:
    """However often it was told again; a break with its reason. A phone that is off is in none."""
    told = phone(
        (0, "available"), (5, "available"), (10, "ringing"), (11, "on_call"), (30, "offline"), (40, "available")
    )
    world = played(told, phone((50, "break"), reason="lunch"), phone((55, "available")))

    assert stretches(world) == {
        ("north", "rep-01"): [
            (0, 10, "available"), (10, 11, "ringing"), (11, 30, "on_call"), (40, 50, "available"),
            (50, 55, "break:lunch"),
        ]
    }  # fmt: skip


def test_a_phone_of_nobody_has_a_timeline_if_it_is_told_in_time_whose_it_is() -> None:
    """What is settled stays as it was: no state of before is told of a rep who becomes known after that."""
    told = phone((0, "available"), (10, "on_call"), (20, "offline"), rep="desk@7")
    known = event("identity", "1", NOON_MS - DAY, external_id="desk@7", rep_id="rep-01")
    in_time = played(told, [known])
    too_late = played(told)
    too_late.now_ms += 4 * DAY
    too_late.play([event("agent", "desk@7", too_late.now_ms, state="offline")], [known])

    assert stretches(in_time) == {("north", "rep-01"): [(0, 10, "available"), (10, 20, "on_call")]}
    assert stretches(too_late) == {}
    assert too_late.measure("contact_ms") == in_time.measure("contact_ms") == 600 * SECOND


def test_a_late_telling_parts_a_state_and_a_correction_joins_it() -> None:
    """A call of 12:05, told after 12:20 and taken back then."""
    told = phone((0, "available"), (20, "offline"))
    late = event("agent", "rep-01", NOON_MS + 5 * MINUTE, state="on_call", event_id="wrong")
    back = event("agent", "rep-01", NOON_MS + 50 * MINUTE, state="break", corrects="wrong")

    assert stretches(played(told, [late])) == {("north", "rep-01"): [(0, 5, "available"), (5, 20, "on_call")]}
    assert stretches(played(told, [late], [back])) == {("north", "rep-01"): [(0, 20, "available")]}
    assert stretches(played(told, [event("agent", "rep-01", NOON_MS + HOUR, verb="deleted")])) == {}


def test_a_state_is_of_the_team_of_when_it_began_and_nobody_unknown_has_a_timeline() -> None:
    """rep-01 moves south at 12:20, in the middle of a call; of rep-99 nobody has ever heard."""
    moved = event("membership", "m9", 1000, rep_id="rep-01", team_id="south", valid_from=NOON_MS + 20 * MINUTE)
    told = phone((10, "on_call"), (25, "on_call"), (30, "available"), (40, "offline"))
    world = played(told, phone((10, "on_call"), (30, "available"), rep="rep-99"), [moved])

    assert stretches(world) == {
        ("north", "rep-01"): [(10, 30, "on_call")],
        ("south", "rep-01"): [(30, 40, "available")],
    }


def test_of_more_than_anybody_looks_at_the_first_of_an_hour_are_told() -> None:
    """A dialer that flaps every 20 seconds: 180 states end in the hour, 120 are told one by one, and 60 are counted."""
    events = [
        event("agent", "rep-01", NOON_MS + n * 20 * SECOND, state=("available", "on_call")[n % 2]) for n in range(181)
    ]
    world = played(events, now_ms=NOON_MS + 2 * HOUR)

    assert world.measure("phone_stretches_beyond") == 179 - 120
    assert sum(name.startswith("phone_stretch:") for sums in world.total().values() for name in sums) == 121


def test_few_tellings_are_kept_of_a_phone_that_is_told_of_for_years() -> None:
    """Each day a hundred: those of four days at most are in the state."""
    world = World(partitions=1).play(organisation())
    for _ in range(12):
        world.now_ms += DAY
        world.play(
            [
                event("agent", "rep-01", world.now_ms - n * MINUTE, state=("available", "on_call")[n % 2])
                for n in range(99)
            ]
        )
    store = world.stores["telephony.events", 0]
    stored = sum(len(value) for key, value in store.items(b"") if isinstance(value, bytes) and b"agent" in key)

    assert world.reasons() == []
    assert stored < 4 * 99 * 80


ENTRIES = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.integers(0, 1),
        st.sampled_from("abcd"),
        st.none() | st.sampled_from("abcd"),
        st.fixed_dictionaries(
            {},
            optional={
                "state": st.sampled_from(["available", "on_call", "break", None]),
                "reason": st.sampled_from(["lunch", None]),
            },
        ),
    ),
    max_size=12,
    unique_by=lambda each: each[:3],
)


@given(ENTRIES, st.randoms(use_true_random=False), st.integers(0, 10))
def test_stints_follow_from_what_was_told_in_whatever_order(
    told: list[tuple[int, int, str, str | None, dict[str, Any]]], random: Random, before: int
) -> None:
    """Each begins where the one before it ends; settling changes none of those after, nor what holds since when."""
    item, other = Object("agent:1"), Object("agent:1")
    entries = [
        ((at, sequence, 0, "dialer", ord(name), n), said, None if corrects is None else ord(corrects))
        for n, (at, sequence, name, corrects, said) in enumerate(told)
        if said
    ]
    for each in entries:
        insert(item.history, each)
    for each in random.sample(entries, len(entries)):
        insert(other.history, each)
    found = stints(item.history)

    assert found == stints(other.history)
    assert [each.to_ms for each in found] == [*(each.from_ms for each in found[1:]), *([None] if found else [])]
    settle(other, before)
    left = stints(other.history)
    after = [each for each in found if each.to_ms is None or each.to_ms >= before]
    assert [each for each in left if each.state] == [each for each in after if each.state]
