"""Whatever is told of splits, in whatever order: the audit has the same cells as the pipeline."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.audit.logs_of import differing
from tests.unit.ledger.any_events import AMOUNTS, CHANGES, CURRENCIES, FEW, INSTANTS, NAMED, REPS, STAGES, TEAMS, splits
from tests.unit.ledger.world import World, event, organisation

pytestmark = pytest.mark.slow

SOME = settings(max_examples=min(15, settings().max_examples // 3))
RATE = event("rate", "r1", 1000, currency="USD", effective_on="2025-10-20", rate="0.91")


@st.composite
def deal_event(draw: st.DrawFn) -> dict[str, Any]:
    """A deal that is told, mostly with a split, corrected, moved or ended; or a rep who moves, or whom an id means."""
    time_ms = draw(INSTANTS)
    if draw(st.integers(0, 7)) == 0:
        return event("identity", draw(FEW), time_ms, **draw(CHANGES["identity"]))
    if draw(st.integers(0, 3)) == 0:
        data: dict[str, Any] = {"rep_id": draw(REPS), "team_id": draw(TEAMS), "valid_from": draw(INSTANTS)}
        data["share_bp"] = draw(st.sampled_from([None, 3_333, 5_000, 10_000]))
        if draw(st.integers(0, 3)) == 0:
            return event("team", draw(TEAMS), time_ms, verb=draw(st.sampled_from(["deleted", "restored"])))
        return event("membership", draw(FEW), time_ms, **data)
    other: dict[str, Any] = {"event_id": draw(st.sampled_from("abcdefgh"))}
    if draw(st.integers(0, 5)) == 0:
        other["corrects"] = draw(st.sampled_from("abcdefgh"))
    verb = draw(st.sampled_from(["changed"] * 10 + ["deleted", "restored", "merged"]))
    if verb != "changed":
        into: dict[str, Any] = {"into": draw(FEW)} if verb == "merged" else {}
        return event("deal", draw(FEW), time_ms, verb=verb, **into, **other)
    optional: dict[str, st.SearchStrategy[Any]] = {
        "split": splits() | splits() | st.none(), "owner_id": NAMED | st.none(), "stage_id": STAGES,
        "amount_minor": AMOUNTS, "currency": CURRENCIES, "created_at": INSTANTS,
    }  # fmt: skip
    return event("deal", draw(FEW), time_ms, **draw(st.fixed_dictionaries({}, optional=optional)), **other)


@SOME
@given(st.lists(deal_event(), min_size=8, max_size=30), st.integers(1, 8))
def test_whatever_is_told_of_splits_both_share_alike(events: list[dict[str, Any]], batch: int) -> None:
    """Begun, changed, ended, corrected; of reps who move, of deals that are merged: and Σ reps = team = company."""
    world = World(partitions=2, batch=batch).play([*organisation(), RATE], events).settle()

    assert differing(world) == []
    for stem in ("deals_created", "deals_created_now", "won", "open", "open_qualified", "pipeline"):
        assert world.measure(f"{stem}_split_minor") == 0
