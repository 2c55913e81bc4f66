"""When open deals are to close: the day that each stands under, with what it is worth, as long as it is open."""

from typing import Any

from tests.unit.ledger.world import DAY, HOUR, NOON_MS, World, event, organisation

CREATED_MS = NOON_MS - 30 * DAY
NOVEMBER_20, DECEMBER_20 = 739575, 739605


def _played(*events: dict[str, Any], **data: Any) -> World:
    new = event("deal", "d1", CREATED_MS, owner_id="rep-01", created_at=CREATED_MS, stage_id="new", **data)
    return World().play(organisation(), [new, *events])


def _changed(**data: Any) -> dict[str, Any]:
    return event("deal", "d1", NOON_MS - HOUR, **data)


def _standing(world: World) -> dict[str, int]:
    """What stands by the day of the close."""
    found: dict[str, int] = {}
    for (*_, minute), sums in world.total().items():
        for measure, amount in sums.items():
            if measure.startswith("closing"):
                assert minute is None
                found[measure] = found.get(measure, 0) + amount
    return found


def test_an_open_deal_stands_under_the_day_on_which_it_is_to_close() -> None:
    """With its amount; where nobody said when, it stands under none."""
    assert _standing(_played(expected_close_on="2025-11-20", amount_minor=900)) == {
        f"closing:{NOVEMBER_20}": 1,
        f"closing_minor:{NOVEMBER_20}": 900,
    }
    assert _standing(_played(amount_minor=900)) == {}


def test_the_last_day_that_was_told_counts() -> None:
    """Put off, and then taken back: nobody says any more when it is to close."""
    put_off = _changed(expected_close_on="2025-12-20")
    world = _played(put_off, expected_close_on="2025-11-20")
    assert _standing(world) == {f"closing:{DECEMBER_20}": 1, f"closing_without_amount:{DECEMBER_20}": 1}

    assert _standing(world.play([event("deal", "d1", NOON_MS, expected_close_on=None)])) == {}


def test_a_day_that_comes_late_for_an_earlier_time_changes_nothing() -> None:
    """What was told of a later time still stands."""
    world = _played(_changed(expected_close_on="2025-12-20"))
    late = event("deal", "d1", NOON_MS - 2 * HOUR, expected_close_on="2025-11-20")

    assert _standing(world.play([late]))[f"closing:{DECEMBER_20}"] == 1


def test_an_amount_without_a_rate_is_counted_as_that() -> None:
    """Nobody told a rate of JPY; an amount of 0 is one."""
    day = {"expected_close_on": "2025-11-20"}

    assert _standing(_played(amount_minor=900, currency="JPY", **day)) == {
        f"closing:{NOVEMBER_20}": 1,
        f"closing_unconverted:{NOVEMBER_20}": 1,
    }
    assert _standing(_played(amount_minor=0, **day)) == {f"closing:{NOVEMBER_20}": 1}


def test_a_closed_deal_does_not_stand() -> None:
    """Whether won, lost or deleted; opened again, it stands as before."""
    day = {"expected_close_on": "2025-11-20"}
    for stage in ("won", "lost"):
        world = _played(_changed(stage_id=stage), **day)
        assert _standing(world) == {}
        assert f"closing:{NOVEMBER_20}" in _standing(world.play([event("deal", "d1", NOON_MS, stage_id="new")]))

    assert _standing(_played(event("deal", "d1", NOON_MS, verb="deleted"), **day)) == {}


def test_it_is_whole_the_present_owners() -> None:
    """A split moves none of it, an owner who takes over has all of it."""
    split = [{"rep_id": "rep-01", "share_bp": 4_000}, {"rep_id": "rep-02", "share_bp": 6_000}]
    world = _played(_changed(owner_id="rep-02", split=split), expected_close_on="2025-11-20", amount_minor=900)

    held = {
        place[:2]: sums[f"closing_minor:{NOVEMBER_20}"]
        for place, sums in world.total().items()
        if f"closing_minor:{NOVEMBER_20}" in sums
    }
    assert list(held.values()) == [900]
    assert [rep for _, rep in held] == ["rep-02"]
