"""Teams and memberships that are deleted end then: what was before stays where it was."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ledger.world import DAY, HOUR, NOON_MS, World, event, organisation


def calls(*hours: int) -> list[dict[str, Any]]:
    """A call of rep-01 at each of these hours."""
    return [
        event("call", f"c{n}", at, rep_id="rep-01", direction="outbound", started_at=at)
        for n, at in ((hour, NOON_MS + hour * HOUR) for hour in hours)
    ]


def by_team(world: World) -> dict[str, int]:
    """The calls of each team."""
    return {team: n for team in ("north", "south", "unassigned") if (n := world.measure("calls", team))}


def test_a_membership_that_is_deleted_ends_and_its_history_stays() -> None:
    """What the rep did before counts for the team, what came after for no team."""
    world = World().play(
        organisation(), calls(-5, -3, -1), [event("membership", "m1", NOON_MS - 2 * HOUR, verb="deleted")]
    )

    assert by_team(world) == {"north": 2, "unassigned": 1}
    assert by_team(world.play([event("membership", "m1", NOON_MS, verb="restored")])) == {"north": 3}


def test_a_membership_that_was_a_mistake_never_was() -> None:
    """Its end is its beginning."""
    moved: dict[str, Any] = {"rep_id": "rep-01", "team_id": "south", "valid_from": NOON_MS - 4 * HOUR}
    world = World().play(organisation(), calls(-5, -3), [event("membership", "m9", 2000, **moved)])
    assert by_team(world) == {"north": 1, "south": 1}

    taken_back = event("membership", "m9", NOON_MS, valid_to=NOON_MS - 4 * HOUR)
    assert by_team(world.play([taken_back])) == {"north": 2}


def test_a_team_that_is_deleted_ends_and_its_history_stays() -> None:
    """What was before stays its own; who was in it, and calls of the team itself, are unassigned from then on."""
    at_ms = NOON_MS + 10
    ended = [event("team", "north", NOON_MS - 2 * HOUR, verb="deleted")]
    ringing = event("call", "of-the-team", at_ms, team_id="north", direction="inbound", started_at=at_ms)
    world = World().play(organisation(), calls(-5, -3, -1), [ringing], ended)

    assert by_team(world) == {"north": 2, "unassigned": 2}
    assert by_team(world.play([event("team", "north", NOON_MS, verb="restored")])) == {"north": 4}


def test_a_deal_stands_for_no_team_once_its_own_ends() -> None:
    """Whatever the order in which they are told, and though the end lies a little ahead."""
    told = event("deal", "d", NOON_MS, owner_id="rep-01", created_at=NOON_MS, stage_id="new")
    world = World().play(organisation(), [told])
    ahead_ms = world.now_ms + 200_000
    world.play([event("team", "north", ahead_ms, verb="deleted")])
    assert world.measure("open_deals", "north") == 1

    world.now_ms = ahead_ms + 1
    world.tick()
    world.run()
    assert (world.measure("open_deals", "north"), world.measure("open_deals", "unassigned")) == (0, 1)
    assert world.total() == world.stated()


HOURS = st.integers(-24, -1)
ENDS = st.lists(
    st.tuples(
        st.sampled_from([("team", "north"), ("membership", "m1"), ("membership", "m9")]),
        HOURS,
        st.sampled_from(["deleted", "deleted", "restored"]),
    ),
    max_size=4,
    unique_by=lambda end: end[:2],
)


@given(st.sets(HOURS, min_size=1, max_size=8), ENDS, HOURS, st.randoms(use_true_random=False))
def test_whatever_ends_when_each_call_counts_where_it_was(
    hours: set[int], ends: list[Any], moved: int, random: Any
) -> None:
    """In any order: the team of an instant is the one whose membership and own life cover it."""
    moves = event("membership", "m9", 2000, rep_id="rep-01", team_id="south", valid_from=NOON_MS + moved * HOUR)
    told = [event(kind, name, NOON_MS + hour * HOUR, verb=verb) for (kind, name), hour, verb in ends]
    events = [*organisation(), moves, *told, *calls(*hours)]
    random.shuffle(events)
    world = World().play(events)

    assert by_team(world) == _expected(hours, ends, moved)


def _expected(hours: set[int], ends: list[Any], moved: int) -> dict[str, int]:
    """Hour by hour: the last word on each thing decides whether and when it ended."""
    found: dict[str, int] = {}
    for hour in hours:
        team = "unassigned"
        if moved <= hour < _end(ends, ("membership", "m9")):
            team = "south"
        elif hour < _end(ends, ("membership", "m1")) and hour < _end(ends, ("team", "north")):
            team = "north"
        found[team] = found.get(team, 0) + 1
    return found


def _end(ends: list[Any], thing: tuple[str, str]) -> int:
    said = [(hour, number, verb) for number, (each, hour, verb) in enumerate(ends) if each == thing]
    last, _, verb = max(said, default=(0, 0, ""))
    return last if verb == "deleted" else DAY
