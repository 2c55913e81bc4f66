"""Since when nobody was in touch with an open deal: the day that it stands under, until anybody is again."""

from typing import Any

import pytest

from tests.unit.ledger.world import DAY, HOUR, NOON_MS, World, event, organisation

TODAY = 739558
"""The local day of noon."""
CREATED_MS = NOON_MS - 30 * DAY


def _played(*events: dict[str, Any], **data: Any) -> World:
    new = event("deal", "d1", CREATED_MS, owner_id="rep-01", created_at=CREATED_MS, stage_id="new", **data)
    return World().play(organisation(), [new, *events])


def _days(world: World, name: str = "untouched") -> dict[int, int]:
    """What stands by days before today."""
    found: dict[int, int] = {}
    for place, sums in world.total().items():
        for measure, amount in sums.items():
            stem, mark, day = measure.partition(":")
            if stem == name and mark and place[2] is None:
                found[TODAY - int(day)] = found.get(TODAY - int(day), 0) + amount
    return found


def _meeting(status: str, starts_ms: int, time_ms: int = NOON_MS - 9 * DAY) -> dict[str, Any]:
    booked_ms = NOON_MS - 10 * DAY
    told: dict[str, Any] = {"rep_id": "rep-02", "booked_at": booked_ms, "starts_at": starts_ms, "deal_id": "d1"}
    return event("meeting", "m1", time_ms, status=status, **told)


def _email(days: int, direction: str = "outbound", name: str = "e1", deal: str = "d1") -> dict[str, Any]:
    at_ms = NOON_MS - days * DAY
    return event("email", name, at_ms, rep_id="rep-02", sent_at=at_ms, direction=direction, deal_id=deal)


def test_a_deal_that_nobody_was_in_touch_with_stands_since_its_creation() -> None:
    """With its amount; a change of the deal itself is no touch."""
    world = _played(event("deal", "d1", NOON_MS, stage_id="offer", amount_minor=900))

    assert _days(world) == {30: 1}
    assert _days(world, "untouched_minor") == {30: 900}


@pytest.mark.parametrize("direction", ["outbound", "inbound"])
def test_whoever_is_in_touch_moves_it(direction: str) -> None:
    """In either direction, another rep's too; the latest touch counts, whatever came after it."""
    assert _days(_played(_email(5, direction), _email(8, name="e2"))) == {5: 1}


def test_a_touch_that_is_taken_back_is_none() -> None:
    """The deal stands since the one before it."""
    gone = event("email", "e1", NOON_MS, verb="deleted")

    assert _days(_played(_email(5), _email(8, name="e2"), gone)) == {8: 1}


def test_a_touch_before_the_creation_counts_from_that() -> None:
    """A deal is not older than it is."""
    assert _days(_played(_email(40))) == {30: 1}


def test_a_meeting_ahead_is_a_touch_that_is_to_come() -> None:
    """In three days: until then the deal is not stalled, and not so many days after it."""
    assert _days(_played(_meeting("scheduled", NOON_MS + 3 * DAY))) == {-3: 1}


@pytest.mark.parametrize(("status", "days"), [("held", 2), ("scheduled", 2), ("no_show", 10), ("cancelled", 10)])
def test_a_meeting_that_is_over_counts_if_it_took_place(status: str, days: int) -> None:
    """Else, that it was booked does. What became of it may not be known yet."""
    assert _days(_played(_meeting(status, NOON_MS - 2 * DAY))) == {days: 1}


def test_a_merged_deal_hands_its_last_touch_on() -> None:
    """A meeting ahead too."""
    other = event("deal", "d2", CREATED_MS, owner_id="rep-01", created_at=CREATED_MS, stage_id="new")
    into = event("deal", "d1", NOON_MS, verb="merged", into="d2")

    assert _days(_played(other, _email(5), into)) == {5: 1}
    assert _days(_played(other, _email(5), _meeting("scheduled", NOON_MS + 3 * DAY), into)) == {-3: 1}


def test_a_closed_deal_does_not_stand() -> None:
    """Opened again, it stands as before."""
    world = _played(event("deal", "d1", NOON_MS - HOUR, stage_id="won"))
    assert _days(world) == {}

    world.play([event("deal", "d1", NOON_MS, stage_id="new")])
    assert _days(world) == {30: 1}


def test_what_is_known_of_no_time_always_stood() -> None:
    """Neither a creation nor a touch: the first of all days."""
    world = World().play(organisation(), [event("deal", "d1", NOON_MS, owner_id="rep-01", stage_id="new")])

    assert _days(world) == {TODAY - 719163: 1}
