"""Reps whom two teams share: by hand, each from what was told."""

from typing import Any

from pipeline.measures import COMPANY
from tests.unit.ledger.world import DAY, HOUR, NOON_MS, World, event, organisation

START_MS = NOON_MS - 10 * DAY
ANN = "rep-01"
HALF = {"rep_id": ANN, "share_bp": 5_000}


def _shared(north: int, south: int, since_ms: int = 1000, **more: Any) -> list[dict[str, Any]]:
    """Ann is in both teams by percent, from an instant on."""
    return [
        event(
            "membership", f"s-{team}", 2000, rep_id=ANN, team_id=team, valid_from=since_ms, share_bp=share * 100, **more
        )
        for team, share in (("north", north), ("south", south))
    ]


def _deal(days: float, **data: Any) -> dict[str, Any]:
    return event("deal", "d1", START_MS + int(days * DAY), **data)


NEW = _deal(0, owner_id=ANN, created_at=START_MS, stage_id="new", amount_minor=1_001)
WON = _deal(5, stage_id="won")


def _won(world: World) -> dict[str, int]:
    """Bookings by team, of Ann."""
    found = {
        team: world.measure("won_minor", team) + world.measure("won_split_minor", team) for team in ("north", "south")
    }
    assert sum(found.values()) == world.measure("won_minor")
    return found


def test_money_goes_to_both_teams_and_counts_to_the_larger_share() -> None:
    """70 % of 10.01 are 7.01; the deal, and a call, are of the team that has most of her."""
    call = event("call", "c1", NOON_MS, rep_id=ANN, direction="outbound", state="ended", started_at=NOON_MS)
    world = World().play([*organisation(), *_shared(70, 30)], [NEW, WON, call])

    assert _won(world) == {"north": 701, "south": 300}
    assert world.measure("won", "north") == world.measure("dials", "north") == 1
    assert world.measure("won", "south") == world.measure("dials", "south") == 0


def test_of_equal_shares_the_one_that_began_last_counts() -> None:
    """Then the one with the greater id; here that of team south."""
    world = World().play([*organisation(), *_shared(50, 50)], [NEW, WON])

    assert _won(world) == {"north": 501, "south": 500}
    assert (world.measure("won", "north"), world.measure("won", "south")) == (0, 1)


def test_the_shares_of_the_time_decide() -> None:
    """The deal was created before she was shared, and won since; told later it is the same."""
    since = _shared(50, 50, START_MS + 2 * DAY)
    first = World().play([*organisation(), *since], [NEW, WON])
    later = World().play(organisation(), [NEW, WON], since)

    assert first.total() == later.total()
    assert _won(first) == {"north": 501, "south": 500}
    assert first.measure("deals_created_split_minor", "south") == 0


def test_another_share_restates_and_a_whole_membership_ends_it() -> None:
    """Shares need not come to 100 %: their ratio decides. One without a share that began later has all of her."""
    world = World().play([*organisation(), *_shared(50, 50)], [NEW, WON])
    world.play([event("membership", "s-north", 3000, share_bp=2_500)])
    assert _won(world) == {"north": 334, "south": 667}

    world.play([event("membership", "m9", 3000, rep_id=ANN, team_id="north", valid_from=START_MS + DAY)])
    assert _won(world) == {"north": 1_001, "south": 0}
    assert world.total() == world.stated()


def test_a_team_that_ended_has_its_share_no_more() -> None:
    """It is nobody's then; what it had before stays its own."""
    gone = event("team", "south", START_MS + 3 * DAY, verb="deleted")
    world = World().play([*organisation(), *_shared(60, 40)], [NEW, WON], [gone])

    assert world.measure("won_split_minor", "unassigned") == 400
    assert world.measure("won_split_minor", "south") == 0
    assert world.measure("deals_created_split_minor", "south") == 400


def test_a_split_and_shares_part_money_twice() -> None:
    """Half of the deal is hers, and of that each team has its share."""
    split = [HALF, {"rep_id": "rep-02", "share_bp": 5_000}]
    world = World().play([*organisation(), *_shared(60, 40)], [NEW, _deal(1, split=split), WON])

    assert {
        (team, rep): world.measure("won_minor", team, rep) + world.measure("won_split_minor", team, rep)
        for team, rep in (("north", ANN), ("south", ANN), ("south", "rep-02"))
    } == {("north", ANN): 301, ("south", ANN): 200, ("south", "rep-02"): 500}


def test_shares_that_begin_move_the_open_pipeline() -> None:
    """On the day on which they do; and they end with the deal."""
    world = World().play([*organisation(), *_shared(60, 40, START_MS + 2 * DAY)], [NEW, WON])
    moved = [
        (team, day - 739548, sums["pipeline_split_minor"])
        for (team, _, day, _), sums in sorted(world.total().items(), key=str)
        if day is not None and "pipeline_split_minor" in sums
    ]

    assert moved == [("north", 2, -400), ("north", 5, 400), ("south", 2, 400), ("south", 5, -400)]
    assert COMPANY not in {team for team, _, _ in moved}


def test_shares_that_lie_ahead_take_effect_in_time() -> None:
    """What stands open is shared from the instant on at which they begin, without another event of the deal."""
    world = World(partitions=1).play([*organisation(), *_shared(60, 40, NOON_MS + 3 * HOUR)], [NEW])
    assert world.measure("open_split_minor", "south") == 0

    world.now_ms = NOON_MS + 4 * HOUR
    world.tick()
    world.run()
    assert world.measure("open_split_minor", "south") == 400
    assert world.total() == world.stated()
