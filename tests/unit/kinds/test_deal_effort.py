"""The win rate by touches: what a closed deal counts as, and how that follows corrections."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kinds.deal_effort import CLOSED_BY_TOUCHES, MEASURES, TOUCHES, WON_BY_TOUCHES, band_of
from tests.unit.ledger.world import DAY, HOUR, NOON_MS, World, event, organisation

CREATED_MS, CLOSED_MS = NOON_MS - 30 * DAY, NOON_MS - DAY


def _deal(stage: str, **more: Any) -> list[dict[str, Any]]:
    return [
        event("deal", "d1", CREATED_MS, owner_id="rep-01", created_at=CREATED_MS, stage_id="new", **more),
        event("deal", "d1", CLOSED_MS, stage_id=stage),
    ]


def _email(number: int, at_ms: int) -> dict[str, Any]:
    return event("email", f"e{number}", at_ms, rep_id="rep-02", sent_at=at_ms, direction="outbound", deal_id="d1")


def _counted(*batches: list[dict[str, Any]]) -> dict[str, int]:
    """What of it is counted, over all cells."""
    total = World(partitions=1).play(organisation(), *batches).total()
    found: dict[str, int] = {}
    for sums in total.values():
        for name in sums.keys() & MEASURES:
            found[name] = found.get(name, 0) + sums[name]
    return found


@pytest.mark.parametrize(
    ("touches", "band"), [(0, "0_2"), (2, "0_2"), (3, "3_5"), (5, "3_5"), (6, "6_9"), (9, "6_9"), (10, "10_or_more")]
)
def test_a_deal_counts_in_the_band_of_its_touches(touches: int, band: str) -> None:
    """Won and lost ones, in the cell of their close; an open deal counts nowhere."""
    emails = [_email(number, CLOSED_MS - number * HOUR) for number in range(touches)]

    assert band_of(touches) == band
    assert _counted(_deal("won"), emails) == {CLOSED_BY_TOUCHES[band]: 1, WON_BY_TOUCHES[band]: 1}
    assert _counted(_deal("lost"), emails) == {CLOSED_BY_TOUCHES[band]: 1}
    assert _counted(_deal("qualified"), emails) == {}


def test_what_comes_after_the_close_is_no_part_of_it() -> None:
    """The touch of its very instant is."""
    emails = [_email(number, CLOSED_MS) for number in range(3)]
    late = [_email(number, CLOSED_MS + 1) for number in range(3, 9)]
    assert _counted(_deal("lost"), emails, late) == {CLOSED_BY_TOUCHES["3_5"]: 1}


def test_corrections_move_a_deal_to_another_band() -> None:
    """A touch that is deleted, or was another deal's; a deal that is opened again is in none."""
    emails = [_email(number, CLOSED_MS - HOUR) for number in range(3)]
    deleted = [event("email", "e0", NOON_MS, verb="deleted")]
    assert _counted(_deal("lost"), emails, deleted) == {CLOSED_BY_TOUCHES["0_2"]: 1}
    moved = [event("email", "e0", NOON_MS, deal_id="d2")]
    assert _counted(_deal("lost"), emails, moved) == {CLOSED_BY_TOUCHES["0_2"]: 1}
    assert _counted(_deal("lost"), emails, [event("deal", "d1", NOON_MS, stage_id="offer")]) == {}


@given(st.integers(0, 10**6))
def test_every_number_of_touches_has_one_band(touches: int) -> None:
    """The first whose end it does not pass: bands follow each other without a gap."""
    least = 0
    for most, band in TOUCHES:
        if touches >= least and (most is None or touches <= most):
            assert band_of(touches) == band
        least = (most or 0) + 1
