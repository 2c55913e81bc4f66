"""Events in every content mode of CloudEvents, on any partition: the figures are those of plain ones."""

import json
from itertools import chain
from string import ascii_lowercase
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.cloud_events import LARGEST_BATCH_BYTES, MOST_OF_BATCH
from tests.harness.content_modes import Content, batch, binary, structured
from tests.unit.audit.logs_of import differing
from tests.unit.ledger.any_events import any_event
from tests.unit.ledger.world import LOGS, NOON_MS, World, event, organisation


def _topic(one: dict[str, Any]) -> str:
    domain = one["type"].partition(".")[0]
    return next(topic for topic, of in LOGS.items() if of == domain)


def _append(world: World, topic: str, partition: int, content: Content) -> None:
    value, headers = content
    world.append(topic, partition, value, key=b"somebody else's", headers=headers)


@st.composite
def records(draw: st.DrawFn) -> list[tuple[list[dict[str, Any]], str, int]]:
    """Events, some together in a batch, each record in a mode and on a partition of its own."""
    found = []
    told = draw(st.lists(st.lists(any_event(), min_size=1, max_size=4), max_size=6))
    for letter, one in zip(ascii_lowercase, chain.from_iterable(told), strict=False):
        one["id"] = letter  # else two that have one id would be told apart by their bytes, which modes change
    for events in told:
        mode = draw(st.sampled_from(["structured", "binary", "batch"]))
        partition = draw(st.integers(0, 1))
        if mode == "batch":
            for topic in LOGS:
                if together := [one for one in events if _topic(one) == topic]:
                    found.append((together, mode, partition))
        else:
            found += [([one], mode, partition) for one in events]
    return found


@given(records())
def test_every_mode_gives_the_same_figures(told: list[tuple[list[dict[str, Any]], str, int]]) -> None:
    """In whichever mode and on whichever partition events come; and the audit reads them as well."""
    plain, mixed = World(), World()
    for world in (plain, mixed):
        world.play(organisation())
    for events, mode, partition in told:
        plain.produce(events)
        if mode == "batch":
            _append(mixed, _topic(events[0]), partition, batch(events))
        else:
            content = structured(events[0]) if mode == "structured" else binary(events[0])
            _append(mixed, _topic(events[0]), partition, content)
    for world in (plain, mixed):
        world.run()
        world.settle()

    assert mixed.total() == plain.total()
    assert sorted(mixed.reasons()) == sorted(plain.reasons())
    assert differing(mixed) == []


def _letters(world: World) -> list[tuple[str, bytes | None]]:
    found = [record for partition in range(2) for record in world.logs.get(("dead-letters", partition), [])]
    return [(dict(record.headers).get("dlq.orig.element", b"0").decode(), record.value) for record in found]


def test_each_event_of_a_batch_has_its_own_verdict() -> None:
    """One that is refused is a letter with its number and its own bytes; the others count."""
    world = World()
    world.play(organisation())
    good = [event("call", f"c{n}", NOON_MS, rep_id="rep-01", started_at=NOON_MS) for n in range(3)]
    bad = event("call", "c9", NOON_MS, rep_id=7)
    _append(world, "telephony.events", 0, batch([good[0], bad, *good[1:]]))
    world.run()

    assert world.measure("calls") == 3
    assert _letters(world) == [("2", json.dumps(bad).encode())]


def test_a_letter_of_binary_mode_can_be_replayed() -> None:
    """Its headers are part of it: they stay with the letter, so that the same event comes again."""
    world = World()
    value, headers = binary(event("call", "c1", NOON_MS, rep_id=7))
    world.append("telephony.events", 0, value, key=b"call:c1", headers=headers)
    world.run()

    [letter] = world.logs["dead-letters", 0]
    assert letter.value == value
    assert set(headers) <= set(letter.headers)


def test_a_deletion_in_binary_mode_is_no_tombstone() -> None:
    """It has no value, since a deletion has no data; the headers say what it is."""
    world = World()
    world.play(organisation(), [event("call", "c1", NOON_MS, rep_id="rep-01", started_at=NOON_MS)])
    assert world.measure("calls") == 1
    value, headers = binary(event("call", "c1", NOON_MS + 1, verb="deleted"))
    assert value is None
    for partition in range(2):
        world.append("telephony.events", partition, value, key=b"call:c1", headers=headers)
    world.run()

    assert world.measure("calls") == 0
    assert world.reasons() == []


def test_a_batch_has_bounds() -> None:
    """One with too many events, or too many bytes, is one letter; an empty one says nothing."""
    world = World()
    world.append("crm.events", 0, b"[" + b",".join([b"{}"] * (MOST_OF_BATCH + 1)) + b"]")
    world.append("crm.events", 0, b"[" + b" " * LARGEST_BATCH_BYTES + b"]")
    world.append("crm.events", 0, b"[]")
    world.run()

    details = [dict(record.headers)["dlq.detail"].decode() for record in world.logs["dead-letters", 0]]
    assert details == [
        f"batch: {MOST_OF_BATCH + 1} events, allowed are {MOST_OF_BATCH}",
        f"batch: {LARGEST_BATCH_BYTES + 2} bytes, allowed are {LARGEST_BATCH_BYTES}",
    ]
