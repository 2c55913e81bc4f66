"""Objects of which so much is told that most of it lies apart: they count as any other, whatever happens to them."""

from random import Random
from typing import Any

import pytest

from pipeline.objects import storage
from tests.unit.ledger.world import HOUR, MINUTE, NOON_MS, World, event, organisation

MANY = 150


def told(random: Random) -> list[dict[str, Any]]:
    """A deal that is edited and handed over again and again, a lead that is touched, an account with many wins."""
    found = [event("lead", "l1", NOON_MS - HOUR, owner_id="rep-01", created_at=NOON_MS - HOUR)]
    for number in range(MANY):
        at_ms = NOON_MS - number * MINUTE
        rep = random.choice(["rep-01", "rep-02"])
        stage = random.choice(["new", "qualified", "offer", "won"])
        deal: dict[str, Any] = {"owner_id": rep, "created_at": NOON_MS - HOUR, "amount_minor": number}
        found.append(event("deal", "d1", at_ms, stage_id=stage, **deal))
        found.append(event("deal", f"w{number}", at_ms, stage_id="won", account_id="a1", **deal))
        sent: dict[str, Any] = {"sent_at": at_ms, "direction": "outbound", "bulk": False, "lead_id": "l1"}
        found.append(event("email", f"e{number}", at_ms, rep_id=rep, **sent))
    return found


@pytest.mark.parametrize("seed", range(2))
def test_a_large_object_counts_as_its_events_say_in_any_order(seed: int) -> None:
    """In time order in one go, or shuffled with restarts and a move of a rep in between: the same figures."""
    random = Random(seed)
    events = told(random)
    move = event("membership", "m1", 2000, rep_id="rep-01", team_id="south")
    plain = World(partitions=1).play(organisation(), events[::-1], [move])
    random.shuffle(events)
    other = World(partitions=1).play(organisation(), events[:200])
    other.restart("crm.events", 0)
    other.play(events[200:300], [move])
    other.restart("crm.events", 0)
    other.play(events[300:])

    assert len(list(other.stores["crm.events", 0].items(storage.HISTORY))) > 1
    assert len(list(other.stores["crm.events", 0].items(storage.LINKS))) > 1
    assert plain.total() == other.total() == other.stated() == plain.stated()


def test_an_object_that_loses_all_that_was_said_of_it_leaves_no_block() -> None:
    """All deals of an account and all emails of a lead are deleted again."""
    events = told(Random(1))
    names = {one["subject"] for one in events if one["subject"].startswith(("deal:w", "email:"))}
    world = World(partitions=1).play(organisation(), events)
    ends = [name.partition(":") for name in sorted(names)]
    gone = [event(kind, name, NOON_MS + HOUR // 2, verb="deleted") for kind, _, name in ends]

    world.play(gone)

    assert list(world.stores["crm.events", 0].items(storage.LINKS)) == []
    assert world.total() == world.stated()
    assert world.measure("new_customers") == 0
