"""Records that claim to be the pipeline's own: those that nobody vouches for, and those that say what none of ours can.

Each is a dead letter and nothing else; ledger, roster and audit agree.
"""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.refusals import TALLY
from schemas import blocks, control
from schemas.blocks import Block
from schemas.cloud_events import LARGEST_EVENT_BYTES
from schemas.control import ANSWER, BLOCK, FORWARDED, KIND_HEADER, LINK, ORG, TICK, Answer, Control, Forwarded, Position
from schemas.dead_letters import Arrival, Origin, arrival_headers
from tests.unit.audit.logs_of import differing
from tests.unit.ledger.world import HOUR, LOGS, MINUTE, NOON_MS, LogRecord, World, event, organisation

CRM, TELEPHONY = "crm.events", "telephony.events"
TOUCHED: dict[str, Any] = {"rep": "rep-01", "at_ms": NOON_MS, "outbound": True}
LINKED = Control(TELEPHONY, 0, Position(10**6, 0), NOON_MS, "touch", "lead:l1", "call:c1", TOUCHED)
COPIED = Control("org.changes", 0, Position(10**6, 0), NOON_MS, "org", "team:north", "team:north", {"parent_id": "x"})
PASSED = Forwarded(TELEPHONY, 1, Position(10**6, 0), NOON_MS, b"call:c2", b"{}")
NAMES = st.text("abc:@~%\x00 é", min_size=0, max_size=70)


def floor() -> World:
    """An organisation, and a lead that a call of it touched."""
    call = event("call", "c1", NOON_MS, rep_id="rep-01", started_at=NOON_MS, direction="outbound", lead_id="l1")
    lead = event("lead", "l1", NOON_MS, owner_id="rep-01", created_at=NOON_MS)
    return World(partitions=2).play(organisation(), [call, lead])


def state(world: World) -> list[Any]:
    """All that the folds remember, apart from the time and what was refused."""
    kept = [(place, sorted(store.items()), {**store.scalars}) for place, store in sorted(world.stores.items())]
    for _, _, scalars in kept:
        for name in ("now_ms", TALLY):
            scalars.pop(name, None)
    return kept


def told(world: World, kind: bytes, value: bytes | None, topic: str = CRM, *, forged: bool) -> list[str]:
    """The reasons why a record on partition 0 is refused; it must have no other effect."""
    before, total = state(world), world.total()
    world.append(topic, 0, value, headers=((KIND_HEADER, kind),), forged=forged)
    world.run()

    assert state(world) == before
    assert world.total() == total
    return world.reasons()


GENUINE = [
    (TICK, b""),
    (LINK, control.pack(LINKED)),
    (ORG, control.pack(COPIED)),
    (BLOCK, blocks.pack(Block("org.changes", 0, Position(10**6, 0), NOON_MS, next(blocks.cut([("team:t", {})]))))),
    (FORWARDED, control.pack_forwarded(replace(PASSED, topic=TELEPHONY))),
    (ANSWER, control.pack_answer(Answer(0, 0, None))),
]


@pytest.mark.parametrize("topic", LOGS)
@pytest.mark.parametrize(("kind", "value"), GENUINE)
def test_what_nobody_vouches_for_is_a_dead_letter_and_nothing_else(topic: str, kind: bytes, value: bytes) -> None:
    """Of every kind, however right it would be otherwise; the breaker does not count it."""
    world = floor()
    tallies = [store.scalars.get(TALLY) for store in world.stores.values()]

    assert told(world, kind, value, topic, forged=True) == ["invalid_control"]
    assert [store.scalars.get(TALLY) for store in world.stores.values()] == tallies
    detail = dict(world.logs["dead-letters", 0][0].headers)["dlq.detail"]
    assert detail == b"headers.sp: without a proof that the pipeline wrote it"


def test_a_record_that_lies_elsewhere_than_it_was_written_for_is_a_dead_letter() -> None:
    """Whoever may read and write a topic can copy our records: to another partition or topic, or with another value."""
    world = floor()
    place, ours = next(
        (where, record)
        for where, log in world.logs.items()
        for record in log
        if (KIND_HEADER, LINK) in record.headers and where[0] in LOGS
    )
    topic, partition = place
    other = TELEPHONY if topic == CRM else CRM
    for where, value in (((topic, 1 - partition), ours.value), ((other, partition), ours.value), (place, b"other")):
        world.append(*where, value, key=ours.key, headers=ours.headers, forged=True)
    world.run()

    assert world.reasons() == ["invalid_control"] * 3
    world.append(*place, ours.value, key=ours.key, headers=ours.headers, forged=True)
    world.run()
    assert world.reasons() == ["invalid_control"] * 3  # Where it belongs it is one that comes twice.
    assert differing(world) == []


IMPOSSIBLE: list[dict[str, Any]] = [
    {"topic": "org.changes"}, {"topic": "facts"}, {"topic": CRM}, {"partition": 2}, {"partition": -1},
    {"position": Position(2**53, 0)}, {"position": Position(2**62, 0)}, {"position": Position(-1, 0)},
    {"position": Position(7, -1)}, {"position": Position(7, 2**40)}, {"timestamp_ms": NOON_MS + 9 * HOUR},
    {"timestamp_ms": -1}, {"kind": "org"}, {"kind": "xyz"}, {"kind": "win"}, {"subject": "call:c1"},
    {"subject": "lead:"}, {"subject": f"lead:{'x' * 65}"}, {"subject": "lead:a b"}, {"subject": "team:north"},
    {"origin": "email:e1"}, {"origin": "xyz:1"}, {"origin": "call:\x1b"}, {"payload": {**TOUCHED, "rep": "a b"}},
    {"payload": {**TOUCHED, "rep": "x" * 70_000}}, {"payload": {**TOUCHED, "more": "x" * 70_000}},
]  # fmt: skip


@pytest.mark.parametrize("wrong", IMPOSSIBLE)
def test_a_link_that_cannot_be_ours_is_a_dead_letter_though_it_is_vouched_for(wrong: dict[str, Any]) -> None:
    """A key that got out, or a mistake of our own, deafens no log and ends no worker."""
    world = floor()

    assert told(world, LINK, control.pack(replace(LINKED, **wrong)), forged=False) == ["invalid_control"]


@pytest.mark.parametrize("wrong", [
    {"topic": CRM}, {"partition": 2}, {"position": Position(2**62, 0)}, {"timestamp_ms": NOON_MS + 9 * HOUR},
    {"kind": "touch"}, {"origin": "team:south"}, {"subject": "xyz:1", "origin": "xyz:1"},
    {"subject": "lead:l1", "origin": "lead:l1"}, {"subject": "team:a b", "origin": "team:a b"},
])  # fmt: skip
def test_a_copy_that_cannot_be_ours_is_a_dead_letter(wrong: dict[str, Any]) -> None:
    """So is one that does not come from the organisation's own log."""
    assert told(floor(), ORG, control.pack(replace(COPIED, **wrong)), forged=False) == ["invalid_control"]


NEVER_FORWARDED: list[dict[str, Any]] = [
    {"topic": CRM}, {"topic": "facts"}, {"partition": 2}, {"position": Position(2**62, 0)},
    {"timestamp_ms": NOON_MS + 9 * HOUR}, {"value": b" " * (LARGEST_EVENT_BYTES + 1)}, {"key": b"k" * 5000},
]  # fmt: skip


@pytest.mark.parametrize("wrong", NEVER_FORWARDED)
def test_what_cannot_have_been_forwarded_here_is_a_dead_letter(wrong: dict[str, Any]) -> None:
    """An append time of its own, which would pass over `future` and `late`, is one that has been."""
    world = floor()
    value = control.pack_forwarded(replace(PASSED, **wrong))

    assert told(world, FORWARDED, value, TELEPHONY, forged=False) == ["invalid_control"]


def test_the_audit_takes_in_none_of_these() -> None:
    """By rules of its own, for the proof and for the bounds."""
    world = floor()
    for topic in LOGS:
        for kind, value in GENUINE:
            world.append(topic, 0, value, headers=((KIND_HEADER, kind),), forged=True)
    for wrong in IMPOSSIBLE:
        world.append(CRM, 0, control.pack(replace(LINKED, **wrong)), headers=((KIND_HEADER, LINK),))
    for wrong in NEVER_FORWARDED:
        value = control.pack_forwarded(replace(PASSED, **wrong))
        world.append(TELEPHONY, 0, value, headers=((KIND_HEADER, FORWARDED),))
    world.run()

    assert world.reasons() == ["invalid_control"] * (len(LOGS) * len(GENUINE) + len(IMPOSSIBLE) + len(NEVER_FORWARDED))
    assert differing(world) == []


@given(
    st.sampled_from([CRM, TELEPHONY, "org.changes", "facts", "x"]), st.integers(-1, 3), st.integers(-(2**63), 2**63),
    st.integers(-1, 2**62), st.sampled_from(["touch", "win", "logged", "merge", "org", "x"]), NAMES, NAMES,
)  # fmt: skip
def test_no_link_that_says_anything_ends_a_fold(
    topic: str, partition: int, offset: int, at_ms: int, kind: str, subject: str, origin: str
) -> None:
    """Vouched for or not: it is taken in or a letter, and the audit agrees which."""
    world = World(partitions=2).play(organisation())
    said = Control(topic, partition, Position(offset % 2**63, 0), at_ms, kind, subject, origin, TOUCHED)
    world.append(CRM, 0, control.pack(said), headers=((KIND_HEADER, LINK),), forged=offset % 2 == 0)
    world.run()

    assert world.reasons() in ([], ["invalid_control"])


def test_what_anybody_says_of_attempts_is_not_heeded() -> None:
    """Headers of a replay that bear no proof hide nothing from the breaker, and replace nobody's letter."""
    world = World(partitions=1)
    headers = arrival_headers(Arrival(Origin(CRM, 0, 0), NOON_MS, 900_000))
    world.append(CRM, 0, b"{")
    world.append(CRM, 0, b"{forged", headers=headers, forged=True)
    world.append(CRM, 0, b"{", headers=headers)
    world.run()
    letters = [dict(record.headers) for record in world.logs["dead-letters", 0]]
    found = [(told["dlq.orig.offset"], told["dlq.attempt"]) for told in letters]

    assert found == [(b"0", b"1"), (b"1", b"1"), (b"0", b"900001")]
    assert world.stores[CRM, 0].scalars[TALLY] == [[world.now_ms // MINUTE, 2, 2]]


def test_an_answer_that_nobody_vouches_for_lets_no_record_count_otherwise() -> None:
    """An append time that is far ahead stays so, whatever anybody writes behind it."""
    world = World(partitions=1)
    world.tick()
    world.now_ms += 500 * 24 * HOUR
    world.tick()
    value = control.pack_answer(Answer(1, 1, NOON_MS))
    for topic in LOGS:
        world.append(topic, 0, value, headers=((KIND_HEADER, ANSWER),), forged=True)
    world.run()

    assert {store.scalars["now_ms"] for store in world.stores.values()} == {world.now_ms}
    assert world.reasons() == ["invalid_control"] * 3
    assert all(isinstance(record, LogRecord) for log in world.logs.values() for record in log)
