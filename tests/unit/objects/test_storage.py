"""Objects in a store: what grows lies apart, in blocks, and is read back whole whatever was told in which order."""

from collections.abc import Iterator
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernel.store import Store
from pipeline.kinds import FORMS
from pipeline.kinds.deal import DEAL
from pipeline.objects import storage
from pipeline.objects.firsts import FEW, Told
from pipeline.objects.histories import timelines
from pipeline.objects.object import Object
from pipeline.objects.storage import BLOCK_BYTES, Storage
from pipeline.objects.versions import digest_of, version_of

MANY = 300
Plain = tuple[list[Any], dict[str, dict[str, Told]]]


def tell(item: Object, random: Random, latest: int) -> None:
    """Something new of a deal: mostly an edit or a touch that comes after all others, now and then one of before."""
    at_ms = latest if random.random() < 0.8 else random.randrange(latest + 1)
    if random.random() < 0.5:
        said = {"amount_minor": random.randrange(5), "stage_id": random.choice(("new", "offer"))}
        corrects = None if random.random() < 0.99 else digest_of(f"e{random.randrange(latest + 1)}".encode())
        item.merge(version_of(at_ms, 0, "crm-1", f"e{latest}", b""), said, corrects, 0, DEAL.histories)
    elif random.random() < 0.8:
        item.link("touch", f"call:{latest}", at_ms, {"rep": "r", "at_ms": at_ms, "outbound": random.random() < 0.5})
    else:
        known = sorted(origin for origins in item.links.values() for origin in origins)
        item.link("touch", random.choice(known or ["call:none"]), at_ms, None)


def taken_back(item: Object, random: Random) -> None:
    """All touches go, in any order."""
    for origin in random.sample(sorted(item.links.get("touch", {})), len(item.links.get("touch", {}))):
        item.link("touch", origin, 0, None)


def plain(item: Object) -> Plain:
    """What is known of an object, whichever blocks it lies in."""
    return item.history, item.links


def at_ms(told: Told) -> int | None:
    """A rule: outbound touches by their time."""
    return told[1]["at_ms"] if told[1]["outbound"] else None


def lived(seed: int, changes: int, restarts: float = 0.1) -> Iterator[tuple[Object, Store]]:
    """A deal in a store after each of some changes; whoever holds it starts anew after such a share of them."""
    random, store, item = Random(seed), Store(), Object("deal:1", {"account_id": "a"}, version_of(1, 0, "c", "e", b""))
    for number in range(changes):
        tell(item, random, number)
        Storage(store, FORMS).write(item)
        yield item, store
        if random.random() < restarts:
            item = _read(store)
    taken_back(item, random)
    Storage(store, FORMS).write(item)
    yield item, store


def blocks(store: Store) -> list[bytes]:
    """All that lies apart."""
    return [form for key, form in store.items() if not key.startswith(storage.OBJECT)]


def _read(store: Store) -> Object:
    item = Storage(store, FORMS).read("deal:1")
    assert item is not None
    return item


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10**6))
def test_what_was_written_is_read_back_whole(seed: int) -> None:
    """Whatever was told, told late and taken back: the store holds all of it, in blocks of no more than 4 KB."""
    for number, (item, store) in enumerate(lived(seed, MANY)):
        if number % 25 and number < MANY:
            continue
        assert plain(_read(store)) == plain(item)
        assert _read(store).weight == sum(len(form) for _, form in store.items())
        assert max(map(len, blocks(store)), default=0) <= BLOCK_BYTES
    assert not list(store.items(storage.LINKS))


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10**6))
def test_what_is_asked_is_as_if_all_were_looked_through(seed: int) -> None:
    """Timelines that go on, and the first link by a rule, are those of the whole history and of all links."""
    for item, _ in lived(seed, MANY):
        ranked = [(at, o) for o, told in item.links.get("touch", {}).items() if (at := at_ms(told)) is not None]
        assert item.first("touch", at_ms) == min(ranked, default=None)
        assert item.timeline("stage_id") == timelines(item.history).get("stage_id", [])
        assert item.timeline("amount_minor") == timelines(item.history).get("amount_minor", [])


@pytest.mark.parametrize("kind", ["history", "links"])
def test_a_change_writes_one_block_however_much_was_told(kind: str) -> None:
    """The delta of the 10,000th edit or touch is a few kilobytes, as that of the 500th; a backdated one no more."""
    store, item = Store(), Object("deal:1")

    def change(at: int) -> int:
        if kind == "history":
            said = {"amount_minor": at, "stage_id": "new", "owner_id": "rep-01"}
            item.merge(version_of(at, 0, "crm-1", f"event-{at:030}", b""), said, None, 0, DEAL.histories)
        else:
            item.link("touch", f"call:{at:030}", at, {"rep": "rep-01", "at_ms": at, "outbound": True})
        Storage(store, FORMS).write(item)
        return sum(len(msgspec.msgpack.encode(form)) for form in store.take_changes().values() if form is not None)

    written = [change(2 * number) for number in range(10_000)]

    assert max(written) <= 3 * BLOCK_BYTES
    assert sum(written[-500:]) <= 1.2 * sum(written[500:1000])
    assert change(2001) <= 4 * BLOCK_BYTES
    assert len(list(store.items())) > 100


def test_an_object_that_is_dropped_leaves_nothing() -> None:
    """Its blocks go with it."""
    *_, (item, store) = [each for each, _ in zip(lived(7, MANY), range(MANY), strict=False)]
    assert blocks(store)
    Storage(store, FORMS).drop(item)

    assert list(store.items()) == []


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10**6))
def test_the_store_of_a_replay_is_the_same(seed: int) -> None:
    """What memory holds is not in what is written: the same changes give the same bytes with and without restarts."""
    *_, (_, often) = lived(seed, MANY, restarts=0.5)
    *_, (_, never) = lived(seed, MANY, restarts=0)

    assert dict(often.items()) == dict(never.items())


def test_few_links_are_looked_through_and_many_are_not() -> None:
    """Beyond so many, one more costs no further look at those that are there."""
    item, looks = Object("lead:1"), 0

    def rank(told: Told) -> int:
        nonlocal looks
        looks += 1
        return told[0]

    for number in range(5_000):
        item.link("touch", f"call:{number}", number, {"at_ms": number})
        item.first("touch", rank)

    assert looks <= FEW * FEW + 4 * 5_000
