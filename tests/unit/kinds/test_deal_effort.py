"""The win rate by touches: what a closed deal counts as, and how that follows corrections."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kinds.deal_effort import (
    CLOSED_BY_SPEED,
    CLOSED_BY_TOUCHES,
    MEASURES,
    SPEEDS,
    TOUCHES,
    WON_BY_SPEED,
    WON_BY_TOUCHES,
    band_of,
    speed_of,
)  # fmt: skip
from tests.unit.ledger.world import DAY, HOUR, MINUTE, NOON_MS, World, event, organisation

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


def _lead(name: str, created_ms: int, deal: str | None = "d1", **more: Any) -> dict[str, Any]:
    return event("lead", name, NOON_MS, owner_id="rep-01", created_at=created_ms, deal_id=deal, **more)


def _try(at_ms: int, lead: str = "l1") -> dict[str, Any]:
    told: dict[str, Any] = {"rep_id": "rep-01", "direction": "outbound", "lead_id": lead}
    return event("email", f"try-{at_ms}", at_ms, sent_at=at_ms, **told)


@pytest.mark.parametrize(
    ("took_ms", "band"),
    [
        (0, "5min"), (5 * MINUTE, "5min"), (5 * MINUTE + 1, "60min"), (HOUR, "60min"), (HOUR + 1, "1day"),
        (DAY, "1day"), (DAY + 1, "later"), (None, "later"),
    ],
)  # fmt: skip
def test_a_deal_counts_by_how_soon_its_lead_was_tried(took_ms: int | None, band: str) -> None:
    """Each end lies within its band; a lead that nobody tried is one of the last."""
    tries = [] if took_ms is None else [_try(CREATED_MS + took_ms)]
    found = _counted(_deal("won"), [_lead("l1", CREATED_MS)], tries)

    assert speed_of(took_ms) == band
    assert {name for name in found if "tried" in name} == {CLOSED_BY_SPEED[band], WON_BY_SPEED[band]}


def test_of_several_leads_the_first_that_came_in_counts() -> None:
    """Tried after two hours; a deleted one, one that became another deal or one of nobody says nothing."""
    later = [_lead("l2", CREATED_MS + HOUR), _try(CREATED_MS + HOUR, "l2")]
    leads = [_lead("l1", CREATED_MS), _try(CREATED_MS + 2 * HOUR)]

    def bands(*batches: list[dict[str, Any]]) -> set[str]:
        return {name for name in _counted(_deal("lost"), *batches) if "tried" in name}

    assert bands(leads, later) == {CLOSED_BY_SPEED["1day"]}
    assert bands(leads, later, [event("lead", "l1", NOON_MS + 1, verb="deleted")]) == {CLOSED_BY_SPEED["5min"]}
    assert bands(leads, later, [event("lead", "l1", NOON_MS + 1, deal_id="d2")]) == {CLOSED_BY_SPEED["5min"]}
    assert bands([_lead("l1", CREATED_MS, "n/a")]) == bands() == set()


@given(st.none() | st.integers(0, 40 * DAY), st.integers(0, DAY))
def test_sooner_is_never_a_later_band(took_ms: int | None, sooner_ms: int) -> None:
    """By the order of the bands."""
    order = [band for _, band in SPEEDS]
    if took_ms is not None:
        assert order.index(speed_of(max(took_ms - sooner_ms, 0))) <= order.index(speed_of(took_ms))
    else:
        assert speed_of(took_ms) == order[-1]
