"""Leads: worked by what was tried since they came in, waiting until then."""

from typing import Any

import pytest

from tests.unit.audit.logs_of import folded, worked_out
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


def test_notes_and_tasks_count_from_when_a_policy_says_so() -> None:
    """A note and a task at 12:05, 12:15 and 12:25; by hand, what counts of them as policies come, change and go."""
    times = {name: NOON_MS + minutes * MINUTE for name, minutes in (("5", 5), ("15", 15), ("25", 25))}
    told = [
        event("activity", f"{kind}-{name}", at_ms, kind=kind, rep_id="rep-01", occurred_at=at_ms)
        for kind in ("note", "task")
        for name, at_ms in times.items()
    ]
    notes = event("policy", "notes", valid_from=NOON_MS + 10 * MINUTE, counted_activities=["note"])
    both = event("policy", "both", valid_from=NOON_MS + 20 * MINUTE, counted_activities=["note", "task"])
    cap = event("policy", "cap", valid_from=NOON_MS + 22 * MINUTE, most_links=5)
    ever = event("policy", "notes", NOON_MS + MINUTE, valid_from=None)
    none = event("policy", "both", NOON_MS + MINUTE, counted_activities=[])
    gone = event("policy", "both", NOON_MS + 2 * MINUTE, verb="deleted")
    world = World(partitions=1).play(organisation(), told)
    counts = []
    for policy in (notes, both, cap, ever, none, gone):
        world.play([policy])
        counts.append(world.measure("activities"))
        assert worked_out(world) == folded(world)

    # Notes of 12:15 and 12:25; the task of 12:25 too; a cap says nothing of it; all notes; those before 12:20; all.
    assert counts == [2, 3, 3, 4, 2, 3]


def test_a_policy_holds_for_what_comes_after_it_too() -> None:
    """Told before the note or after it: the same counts, whatever happened when."""
    policy = event("policy", "p", valid_from=NOON_MS, counted_activities=["note"])
    told = [
        event("activity", str(n), NOON_MS, kind="note", rep_id="rep-01", occurred_at=NOON_MS + n) for n in (-1, 0, 1)
    ]
    before = World(partitions=1).play(organisation(), [policy], told)
    after = World(partitions=1).play(organisation(), told, [policy])

    assert before.total() == after.total()
    assert before.measure("activities") == 2
