"""Exports of one system, one after the other, among live events: pipeline and audit agree, in any order of arrival."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.audit.logs_of import folded, worked_out
from tests.unit.ledger.world import DAY, NOON_MS, World, event, organisation

pytestmark = pytest.mark.slow

FEW = settings(max_examples=min(10, settings().max_examples // 3))
"""An example takes a third of a second of the database."""
DAYS = st.integers(-6, 0).map(lambda days: NOON_MS + days * DAY)
SAID: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"stage_id": st.sampled_from(["new", "offer", "won", "lost"])},
    optional={"amount_minor": st.integers(0, 3), "owner_id": st.sampled_from(["rep-01", "rep-02"])},
)


@st.composite
def telling(draw: st.DrawFn) -> dict[str, Any]:
    """An entry of one of three exports, or what was told as it happened."""
    return event(
        "deal",
        draw(st.sampled_from("ab")),
        draw(DAYS),
        source=draw(st.sampled_from(["crm-1", "crm-1", "crm-2"])),
        ingested=draw(st.none() | st.integers(0, 2).map(lambda exports: NOON_MS + exports)),
        sequence=draw(st.integers(0, 1)),
        created_at=NOON_MS - 9 * DAY,
        **draw(SAID),
    )


@FEW
@given(st.lists(telling(), min_size=4, max_size=25), st.randoms(use_true_random=False))
def test_exports_in_any_order_are_the_same_to_both(events: list[dict[str, Any]], random: Random) -> None:
    """The same cells, whatever came first, some of it twice."""
    world = World(partitions=2).play(organisation(), events)
    shuffled = random.sample(events + events[::2], len(events + events[::2]))

    assert worked_out(world) == folded(world)
    assert folded(World(partitions=2).play(organisation(), shuffled)) == folded(world)


def test_two_stages_of_one_instant_are_two_entries() -> None:
    """By their sequence, for both; the win that follows in the same millisecond closes the deal."""
    stages = [("new", 1), ("offer", 2), ("won", 3)]
    told = [event("deal", "d", NOON_MS, sequence=n, stage_id=stage, owner_id="rep-01") for stage, n in stages]
    told.append(event("deal", "d", NOON_MS - DAY, created_at=NOON_MS - DAY))
    world = World(partitions=1).play(organisation(), reversed(told))

    counted = {name for sums in world.total().values() for name in sums}
    assert {name for name in counted if name.startswith("stage_entered:")} == {
        f"stage_entered:default:{stage}" for stage in ("new", "qualified", "offer")
    }
    assert "stage_closed:default:won" in counted
    assert world.measure("won") == 1
    assert worked_out(world) == folded(world)


@pytest.mark.parametrize("cleared", [False, True])
def test_what_was_taken_back_was_never_heard(cleared: bool) -> None:
    """The amount at creation is the one that came with what still holds first, not with what was corrected since."""
    old = event("deal", "d", NOON_MS - 8 * DAY, ingested=NOON_MS, stage_id="offer")
    if cleared:
        old = event("deal", "d", NOON_MS - 8 * DAY, ingested=NOON_MS, expected_close_on="2026-01-01")
    new = event(
        "deal", "d", NOON_MS - 4 * DAY, ingested=NOON_MS + 1, stage_id="new", amount_minor=100, currency="EUR",
        owner_id="rep-01", created_at=NOON_MS - 6 * DAY,
    )  # fmt: skip
    back = event("deal", "d", NOON_MS - 4 * DAY, ingested=NOON_MS + 2, stage_id="new", corrects=old["id"])
    if cleared:
        back = event("deal", "d", NOON_MS - 8 * DAY, ingested=NOON_MS + 2, expected_close_on=None)
    replaced, alone = (World(partitions=1).play(organisation(), told) for told in ([old, new, back], [new]))

    assert folded(replaced) == folded(alone) == worked_out(replaced)
    assert alone.measure("deals_created_minor") == 100
