"""Leads: worked by what was tried since they came in, waiting until then."""

from typing import Any

import pytest

from tests.unit.audit.test_oracle import folded, worked_out
from tests.unit.ledger.world import HOUR, MINUTE, NOON_MS, World, event, organisation

CREATED_MS = NOON_MS - HOUR
LEAD = event("lead", "l", CREATED_MS, owner_id="rep-01", created_at=CREATED_MS)


def email(after_ms: int, direction: str = "outbound", to: str = "l") -> dict[str, Any]:
    """An email so long after the lead came in."""
    at_ms = CREATED_MS + after_ms
    return event("email", f"e{after_ms}", at_ms, rep_id="rep-01", sent_at=at_ms, direction=direction, lead_id=to)


@pytest.mark.parametrize(
    ("touches", "worked", "waiting"),
    [
        pytest.param([], 0, 1, id="nobody tried"),
        pytest.param([email(0)], 1, 0, id="at the creation"),
        pytest.param([email(MINUTE)], 1, 0, id="after it"),
        pytest.param([email(-1)], 0, 1, id="before it only"),
        pytest.param([email(-1), email(MINUTE)], 1, 0, id="before it and after"),
        pytest.param([email(MINUTE, "inbound")], 0, 1, id="they came to us"),
        pytest.param([email(n) for n in range(-40, 0)], 0, 1, id="often, all of it before"),
        pytest.param([email(n) for n in range(-40, 1)], 1, 0, id="often, the last of it not"),
    ],
)
def test_a_lead_is_worked_by_what_was_tried_since(touches: list[dict[str, Any]], worked: int, waiting: int) -> None:
    """A touch before the creation is none of the lead's; so for pipeline and audit."""
    world = World(partitions=1).play(organisation(), touches, [LEAD])

    assert (world.measure("leads_created"), world.measure("leads_worked")) == (1, worked)
    assert world.measure("leads_waiting") == waiting
    assert worked_out(world) == folded(world)


def test_a_lead_is_worked_by_what_was_tried_of_one_that_was_merged_into_it() -> None:
    """The last try goes on with the first: the older lead was called before the younger one came, and after."""
    old = event("lead", "old", CREATED_MS - HOUR, owner_id="rep-01", created_at=CREATED_MS - HOUR)
    before, after = email(-MINUTE, to="old"), email(MINUTE, to="old")
    merged = event("lead", "old", NOON_MS, verb="merged", into="l")
    world = World(partitions=1).play(organisation(), [LEAD, old, before], [merged])
    assert (world.measure("leads_worked"), world.measure("leads_waiting")) == (0, 1)

    world.play([after])

    assert (world.measure("leads_created"), world.measure("leads_worked")) == (1, 1)
    assert worked_out(world) == folded(world)


@pytest.mark.parametrize(("kind", "counts"), [("visit", 1), ("other", 1), (None, 1), ("note", 0), ("task", 0)])
def test_notes_and_tasks_are_of_no_reps_work(kind: str | None, counts: int) -> None:
    """What was written down, or is to be done, is no activity; so for pipeline and audit."""
    told = event("activity", "a", NOON_MS, kind=kind, rep_id="rep-01", occurred_at=NOON_MS)
    world = World(partitions=1).play(organisation(), [told])

    assert world.measure("activities") == counts
    assert worked_out(world) == folded(world)
