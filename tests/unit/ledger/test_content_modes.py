"""Events in every content mode of CloudEvents, on any partition: the figures are those of plain ones."""

import json
from itertools import chain
from string import ascii_lowercase
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernel.store import Store
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.ledger_policy import LedgerPolicy
from schemas.cloud_events import DEEPEST, LARGEST_BATCH_BYTES, MOST_OF_BATCH, ContentError, batch_of
from schemas.control import FORWARDED, KIND_HEADER, Forwarded, Position, pack_forwarded, unpack_forwarded
from tests.harness.content_modes import Content, batch, binary, structured
from tests.harness.proofs import PROOFS
from tests.unit.audit.logs_of import differing
from tests.unit.ledger.any_events import any_event
from tests.unit.ledger.world import LOGS, NOON_MS, LogRecord, World, event, organisation


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


@pytest.mark.slow
@settings(max_examples=settings().max_examples // 3)
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


def _refused(world: World) -> list[LogRecord]:
    return [record for partition in range(2) for record in world.logs.get(("dead-letters", partition), [])]


def _letters(world: World) -> list[tuple[str, bytes | None]]:
    return [(dict(record.headers).get("dlq.orig.element", b"0").decode(), record.value) for record in _refused(world)]


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


def test_each_event_of_a_batch_has_its_number_and_goes_out_at_once() -> None:
    """Refused or not, since a later release may accept it; and what many batches send is never held together."""
    events = [event("call", "1", NOON_MS), event("call", "2", NOON_MS, rep_id=7), event("call", "3", NOON_MS)]
    ledger = Ledger("telephony", "telephony.events", 0, 4, Store(), LedgerPolicy(), PROOFS)
    slices = list(ledger.fold([LogRecord(offset, NOON_MS, None, batch(events)[0]) for offset in range(3)]))
    forwarded = [
        [unpack_forwarded(send.value or b"").position for send in sends if send.topic == "telephony.events"]
        for sends in slices
    ]

    assert forwarded == [*([Position(offset, 0), Position(offset, 2)] for offset in range(3)), []]
    assert [sum(send.topic == "dead-letters" for send in sends) for sends in slices] == [1, 1, 1, 0]


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


CALL = event("call", "c1", NOON_MS, rep_id="rep-01", started_at=NOON_MS)
ATTRIBUTES = binary(CALL)[1][:-1]
JSON_TYPE = ("content-type", b"application/json")
EVENT_TYPE = ("content-type", b"application/cloudevents+json; charset=utf-8")
BATCH_TYPE = ("content-type", b"application/CloudEvents-batch+json")


@pytest.mark.parametrize(
    ("value", "headers", "calls", "refused"),
    [
        (CALL["data"], [*ATTRIBUTES, ("content-type", None)], 1, []),
        (CALL["data"], [*ATTRIBUTES, ("sp", None)], 1, []),
        (CALL["data"], [("ce_subject", b"call:other"), *ATTRIBUTES], 1, []),
        (CALL["data"], [(name, None if name == "ce_id" else told) for name, told in ATTRIBUTES], 0, ["id: missing"]),
        (CALL["data"], [("ce_specversion", None)], 0, ["event: no CloudEvent; missing"]),
        (CALL["data"], [*ATTRIBUTES, ("content-type", b"text/plain")], 0, ["headers.content-type: allowed is"]),
        (CALL["data"], [*ATTRIBUTES, ("ce_id", b"\xff")], 0, ["headers.ce_id: allowed is UTF-8"]),
        (CALL, [*ATTRIBUTES, EVENT_TYPE], 1, []),
        (CALL, [*ATTRIBUTES, JSON_TYPE], 0, ["data: an event; allowed is its data alone"]),
        ([CALL], [*ATTRIBUTES, BATCH_TYPE], 1, []),
        ([CALL], [*ATTRIBUTES, JSON_TYPE], 0, ["data: allowed is an object"]),
        ([CALL], ATTRIBUTES, 0, ["data: allowed is an object"]),
        ([[CALL]], [BATCH_TYPE], 0, ["event: an array that is no batch of events"]),
        (CALL, [("sp", b"tick"), ("sp", b"fwd")], 0, []),
        (CALL, [("sp", b"fwd"), ("sp", b"tick")], 0, ["headers.sp"]),
        (CALL, [("sp", b"nonsense")], 0, ["headers.sp"]),
    ],
)  # fmt: skip
def test_headers_as_they_may_come(
    value: Any, headers: list[tuple[str, bytes | None]], calls: int, refused: list[str]
) -> None:
    """Null, repeated, foreign to each other: an event counts once or is refused in words, and the audit agrees."""
    world = World()
    world.play(organisation())
    world.append("telephony.events", 0, json.dumps(value).encode(), key=b"call:c1", headers=headers)
    world.run()
    world.settle()
    details = [dict(record.headers)["dlq.detail"].decode() for record in _refused(world)]

    assert world.measure("calls") == calls
    assert [detail[: len(words)] for detail, words in zip(details, refused, strict=True)] == refused
    assert all(told is not None for record in _refused(world) for _, told in record.headers)
    assert differing(world) == []


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"[":'])
@pytest.mark.parametrize("depth", [1, 499, 500, 501, 900, 5000])
def test_how_deep_a_batch_nests_has_one_limit(depth: int, opening: str) -> None:
    """It does not depend on what a Python can read: beyond it a batch is refused as a whole, below it never."""
    deep = opening * depth + "1" + {"[": "]", "{": "}"}[opening[0]] * depth
    value = f"[{json.dumps(CALL)},{deep}]".encode()

    if depth > DEEPEST:
        with pytest.raises(ContentError, match="nested too deep"):
            batch_of(value, ())
    else:
        assert batch_of(value, ()) == [json.dumps(CALL).encode(), deep.encode()]


@pytest.mark.parametrize(
    "change", [{"topic": "é"}, {"partition": -1}, {"offset": -1}, {"part": -1}, {"at": -1}, {"at": 2**62}, {"of": 1001}]
)
def test_what_cannot_have_been_forwarded_is_refused(change: dict[str, Any]) -> None:
    """Whoever writes a record in the pipeline's name with a place that there is not gets a letter that can be read."""
    told: dict[str, Any] = {
        "topic": "telephony.events",
        "partition": 1,
        "offset": 5,
        "part": 0,
        "at": NOON_MS,
        "of": 0,
    } | change
    passed = Forwarded(
        told["topic"], told["partition"], Position(told["offset"], told["part"]), told["at"], b"k",
        json.dumps(CALL).encode(), told["of"],
    )  # fmt: skip
    world = World()
    world.play(organisation())
    world.append("telephony.events", 0, pack_forwarded(passed), headers=((KIND_HEADER, FORWARDED),))
    world.run()
    world.settle()

    assert world.reasons() == ["invalid_control"]
    assert world.measure("calls") == 0
    assert differing(world) == []


@pytest.mark.parametrize("topic", ["telephony.events", "org.changes"])
def test_no_key_makes_a_record_larger_than_a_topic_takes(topic: str) -> None:
    """A key as long as a record may be is not passed on with each event; the events count, refused ones are letters."""
    one = CALL if topic == "telephony.events" else event("rep", "rep-01", NOON_MS, active=True)
    bad, key = one | {"specversion": "2"}, b"k" * 900_000
    world = World()
    for partition in range(2):
        world.append(topic, partition, json.dumps(one).encode(), key=key)
        world.append(topic, partition, json.dumps([one, bad, *[one] * 20]).encode(), key=key)
        before = len(world.logs[topic, partition])
    world.run()

    made = [record for (name, _), log in world.logs.items() for record in (log[before:] if name == topic else log)]
    assert len(made) > 40
    assert all(len(record.key or b"") + len(record.value or b"") < 100_000 for record in made)
    assert _letters(world) == [("2", json.dumps(bad).encode())] * 2


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
