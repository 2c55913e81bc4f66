"""Talks and ratings of reps and teams, by hand."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ledger.world import MINUTE, NOON_MS, World, event, organisation

TALK: dict[str, Any] = {"name": "one_to_one", "rep_id": "rep-01", "observed_at": NOON_MS}
RATING: dict[str, Any] = {"name": "call_quality", "rep_id": "rep-01", "observed_at": NOON_MS, "value": 4, "scale": 5}


def _sums(**data: Any) -> dict[str, int]:
    """What one observation adds up to, wherever it counts."""
    world = World(partitions=1).play(organisation(), [event("observation", "1", NOON_MS, **data)])
    found: dict[str, int] = {}
    for sums in world.total().values():
        for measure, amount in sums.items():
            found[measure] = found.get(measure, 0) + amount
    return found


@pytest.mark.parametrize(
    ("data", "sums"),
    [
        (TALK, {"one_to_ones": 1}),
        (TALK | {"count": 3}, {"one_to_ones": 3}),
        (TALK | {"count": 0}, {}),
        (TALK | {"observed_at": None}, {}),
        (TALK | {"name": "coaching_session", "rep_id": None, "team_id": "north"}, {"coaching_sessions": 1}),
        (RATING, {"calls_rated": 1, "call_quality_bp": 8_000}),
        (RATING | {"value": 2, "scale": 3, "count": 2}, {"calls_rated": 2, "call_quality_bp": 13_334}),
        (RATING | {"value": 0}, {"calls_rated": 1}),
        (RATING | {"value": 6}, {}),
        (RATING | {"value": None}, {}),
        (RATING | {"scale": None}, {}),
        (
            RATING | {"name": "customer_satisfaction", "value": 100, "scale": 100},
            {"customer_ratings": 1, "customer_satisfaction_bp": 10_000},
        ),
    ],
)
def test_what_an_observation_counts(data: dict[str, Any], sums: dict[str, int]) -> None:
    """A rating without a value within its scale is none, and neither is what has no instant."""
    assert _sums(**data) == sums


@pytest.mark.parametrize(("team", "place"), [("north", ("north", "")), ("unheard", ("unassigned", ""))])
def test_an_observation_of_a_team_is_no_reps(team: str, place: tuple[str, str]) -> None:
    """Of a team that nobody told of it is unassigned."""
    told = event("observation", "1", NOON_MS, name="coaching_session", observed_at=NOON_MS, team_id=team)

    assert {found[:2] for found in World(partitions=1).play(organisation(), [told]).total()} == {place}


@given(value=st.integers(0, 1_000_000), scale=st.integers(1, 1_000_000))
def test_a_rating_is_a_share_of_the_best_one(value: int, scale: int) -> None:
    """To half a basis point, whatever the scale is."""
    found = _sums(**RATING | {"value": value, "scale": scale})
    if value > scale:
        assert found == {}
    else:
        assert abs(found.get("call_quality_bp", 0) * scale - value * 10_000) * 2 <= scale


def test_what_is_corrected_counts_as_corrected() -> None:
    """An hour later the talk turns out to have been coaching, and another one never was."""
    world = World(partitions=1).play(organisation(), [event("observation", n, NOON_MS, **TALK) for n in ("1", "2")])
    world.play([], [event("observation", "1", NOON_MS + MINUTE, name="coaching_session")])
    world.play([], [event("observation", "2", NOON_MS + MINUTE, verb="deleted")])

    assert [sums for sums in world.total().values() if sums] == [{"coaching_sessions": 1}]
