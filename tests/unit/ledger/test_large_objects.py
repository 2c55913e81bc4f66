"""Objects of which so much is told that most of it lies apart: they count as any other, whatever happens to them."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ledger.capacity import process_at
from pipeline.objects import storage
from pipeline.objects.histories import Entry
from pipeline.objects.object import Object
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


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from([None, "sales", "service", "cleared"])), max_size=12))
def test_the_process_at_a_version_is_the_one_told_last_before_it(edits: list[tuple[int, str | None]]) -> None:
    """In whatever order edits come, and however often that was asked for in between; without one, the first after."""
    deal = Object("deal:d1")
    for number, (time_ms, name) in enumerate(edits):
        said = {"stage_id": "new"} if name is None else {"process_id": None if name == "cleared" else name}
        deal.merge((time_ms, 0, 0, "crm", number, 0), said, kept=("stage_id", "process_id"))
        told = [(at, entry["process_id"]) for at, entry, _ in deal.history if "process_id" in entry]
        for asked in range(-1, 11):
            before = [name for at, name in told if at < (asked, 0, 0, "", 0, 0)]
            expected = before[-1] if before else told[0][1] if told else None
            assert process_at(deal, (asked, 0, 0, "", 0, 0)) == expected


class Watched(list[Entry]):
    """A history that counts the entries that somebody goes through."""

    seen = 0

    def __iter__(self) -> Iterator[Entry]:
        for entry in super().__iter__():
            self.seen += 1
            yield entry

    def __reversed__(self) -> Iterator[Entry]:
        for entry in super().__reversed__():
            self.seen += 1
            yield entry


@pytest.mark.parametrize("said", [{"stage_id": "new"}, {"process_id": "sales"}])
def test_the_process_of_a_deal_is_looked_for_once(said: dict[str, Any]) -> None:
    """However much more is told of the deal, or refused: where nothing tells the process, too."""
    history = Watched()
    deal = Object("deal:d1", history=history)
    for number in range(400):
        deal.merge((number, 0, 0, "crm", number, 0), said, kept=("stage_id", "process_id"))
        assert process_at(deal, (400, 0, 0, "", 0, 0)) == said.get("process_id")
    for number in range(400):
        assert process_at(deal, (number, 0, 0, "", 0, 0)) == said.get("process_id")

    assert history.seen == 1
