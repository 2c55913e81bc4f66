"""What logs say to each other: nothing differs while the pipeline says it, and whatever is tampered with is found."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.audit.relay_check import check_passing_on
from schemas import control
from schemas.control import BLOCK, FORWARDED, KIND_HEADER, LINK, ORG, Control, Position
from tests.unit.audit.logs_of import audited
from tests.unit.ledger.any_events import any_event
from tests.unit.ledger.world import HOUR, MINUTE, NOON_MS, LogRecord, World, event, organisation

pytestmark = pytest.mark.slow

Place = tuple[str, int]
SOURCES = ("crm.events", "telephony.events", "org.changes")
FEW = settings(max_examples=10)
"""An example takes a third of a second of the database."""


def found(world: World, done: Mapping[str, int] | None = None) -> set[tuple[str, str, str]]:
    """Where something differs: kind of check, whose log or object, what of it; at rest, or with so much worked off."""
    with audited(world) as database:
        differences, _ = check_passing_on(database, done)
    return {(each.where, each.scope, each.window) for each in differences}


def records(world: World, kind: bytes, about: str) -> list[tuple[Place, int, Control]]:
    """All control records of a kind about an object, and where they stand."""
    return [
        (place, at, control.unpack(record.value or b""))
        for place, log in sorted(world.logs.items())
        for at, record in enumerate(log)
        if (KIND_HEADER, kind) in record.headers and control.unpack(record.value or b"").subject == about
    ]


def test_what_follows_from_a_backlog_is_awaited_however_many_steps_late(world: World) -> None:
    """A touch of the first of three merged leads, where what it passes on waits behind ten minutes of others."""
    world.play([event("lead", name, NOON_MS, owner_id="rep-02", created_at=NOON_MS) for name in ("m1", "m2", "m3")])
    world.play([event("lead", f"m{n}", NOON_MS + MINUTE, verb="merged", into=f"m{n + 1}") for n in (1, 2)])
    world.play([event("email", "e9", NOON_MS, rep_id="rep-01", sent_at=NOON_MS, lead_id="m1")])
    waiting, at, _ = records(world, LINK, "lead:m2")[-1]
    missing, gone, _ = records(world, LINK, "lead:m3")[-1]
    world.logs[missing][gone] = LogRecord(gone, world.now_ms, None, b"", ((KIND_HEADER, b"tick"),))
    log = world.logs[waiting]
    log[at:] = [replace(record, timestamp=record.timestamp + 10 * MINUTE) for record in log[at:]]
    ends = {f"{topic}/{n}": len(log) for (topic, n), log in world.logs.items() if topic in SOURCES}

    assert found(world, ends) == {("links", "lead:m3", "lead:m2")}
    assert found(world, {**ends, f"{waiting[0]}/{waiting[1]}": at}) == set()


@pytest.fixture
def world() -> World:
    """A touch of a lead, a win of an account, a lead merged into another one, and an event gone astray."""
    call: dict[str, Any] = {"rep_id": "rep-01", "started_at": NOON_MS, "direction": "outbound", "lead_id": "l1"}
    world = World(partitions=2).play(
        organisation(),
        [
            event("call", "c1", NOON_MS, **call),
            event("lead", "l1", NOON_MS, owner_id="rep-01", created_at=NOON_MS - MINUTE),
            event("lead", "l2", NOON_MS, owner_id="rep-02", created_at=NOON_MS - MINUTE),
            event("deal", "d1", NOON_MS, owner_id="rep-01", stage_id="won", account_id="a1"),
            event("lead", "l1", NOON_MS + MINUTE, verb="merged", into="l2"),
        ],
    )
    for partition in range(2):
        world.produce([event("email", "e1", NOON_MS, rep_id="rep-01", sent_at=NOON_MS, lead_id="l2")], partition)
    world.run()
    return world


def test_nothing_differs_that_the_pipeline_said(world: World) -> None:
    """Copies, links and forwarded events are all there, and equal to where they come from."""
    assert found(world) == set()


@FEW
@given(st.lists(any_event(), min_size=8, max_size=30), st.randoms(use_true_random=False))
def test_nothing_differs_whatever_happens(events: list[dict[str, Any]], random: Any) -> None:
    """After any events, on whatever partition."""
    world = World(partitions=2).play(organisation())
    for one in events:
        world.produce([one], partition=random.choice((None, None, 0, 1)))
    world.run()

    assert found(world) == set()


@pytest.mark.parametrize(
    ("kind", "about", "scope", "origin"),
    [
        (LINK, "lead:l1", "lead:l1", "call:c1"),
        (LINK, "account:a1", "account:a1", "deal:d1"),
        (LINK, "lead:l2", "lead:l2", "lead:l1"),
    ],
)
def test_a_link_that_is_missing_or_otherwise_is_found(
    world: World, kind: bytes, about: str, scope: str, origin: str
) -> None:
    """A touch, a win and what a merged lead passes on: taken out of the log, and with another payload."""
    place, at, said = [each for each in records(world, kind, about) if each[2].origin == origin][-1]
    record = world.logs[place][at]
    changed: dict[str, Any] = {"passed": []} if said.kind == "merge" else {"rep": "rep-09"}
    other = {**(said.payload or {}), **changed}
    world.logs[place][at] = replace(record, value=control.pack(replace(said, payload=other)))
    assert ("links", scope, origin) in found(world)

    world.logs[place][at] = LogRecord(at, record.timestamp, None, b"", ((KIND_HEADER, b"tick"),))
    assert ("links", scope, origin) in found(world)


def test_a_trimmed_head_hides_only_what_began_before_it() -> None:
    """Each call's touch was taken away; those of calls that began once the kept records did are found, however many."""
    world = World(partitions=1).play(organisation())
    began = [NOON_MS + HOUR + minutes * MINUTE for minutes in range(6)]
    for number, at_ms in enumerate(began):
        world.now_ms = at_ms
        call: dict[str, Any] = {"rep_id": "rep-01", "started_at": at_ms, "direction": "outbound"}
        world.play([event("call", f"x{number}", at_ms, **call, lead_id=f"lead-{number}")])
    whole = {place: list(log) for place, log in world.logs.items()}
    for kept in range(len(began) + 1):
        for place, log in whole.items():
            topic, _ = place
            links = [record for record in log if (KIND_HEADER, LINK) not in record.headers]
            later = [record for record in log if record.timestamp >= (began[kept] if kept < len(began) else 2**62)]
            world.logs[place] = later if topic == "telephony.events" else links if topic == "crm.events" else log
        calls = {name for where, _, name in found(world) if where == "links" and name.startswith("call:x")}

        assert calls == {f"call:x{number}" for number in range(kept, len(began))}


def test_a_link_that_nobody_owes_is_found(world: World) -> None:
    """A touch by a call that says nothing of that lead."""
    place, _, said = next(each for each in records(world, LINK, "lead:l1") if each[2].kind == "touch")
    extra = replace(said, origin="call:c2", position=Position(10**6, 0))
    world.append(*place, control.pack(extra), headers=((KIND_HEADER, LINK),))

    assert found(world) == {("links", "lead:l1", "call:c2")}


@pytest.mark.parametrize("topic", ["crm.events", "telephony.events", "facts", "parts"])
def test_a_copy_that_is_missing_otherwise_or_of_nothing_is_found(world: World, topic: str) -> None:
    """In each log that has copies: taken out, with another field, and of a team that there is not."""
    place, at, said = next(each for each in records(world, ORG, "team:north") if each[0][0] == topic)
    log = f"{place[0]}/{place[1]}"
    record = world.logs[place][at]
    payload = {**(said.payload or {}), "parent_id": "south"}
    world.logs[place][at] = replace(record, value=control.pack(replace(said, payload=payload)))
    assert found(world) == {("copies", log, "team:north")}

    world.logs[place][at] = LogRecord(at, record.timestamp, None, b"", ((KIND_HEADER, b"tick"),))
    assert found(world) == {("copies", log, "team:north")}

    world.logs[place][at] = record
    extra = replace(said, subject="team:nowhere", origin="team:nowhere", position=Position(10**6, 0))
    world.append(*place, control.pack(extra), headers=((KIND_HEADER, ORG),))
    assert found(world) == {("copies", log, "team:nowhere")}


def test_an_event_that_went_astray_and_was_not_passed_on_is_found(world: World) -> None:
    """The email that a producer put on the wrong partition, without what passes it on and without its twin."""
    for place, log in world.logs.items():
        for at, record in enumerate(log):
            forwarded = (KIND_HEADER, FORWARDED) in record.headers
            if place[0] == "crm.events" and forwarded:
                log[at] = LogRecord(at, record.timestamp, None, b"", ((KIND_HEADER, b"tick"),))
    owner = next(p for p in range(2) if any(b'"email:e1"' in (r.value or b"") for r in world.logs["crm.events", p]))
    assert owner in range(2)
    differing = {each[0] for each in found(world)}

    assert differing <= {"forwarding", "links"}


def test_rates_that_are_copied_together_are_awaited_and_no_longer_than_that(world: World) -> None:
    """Of those that were told just now the first is copied; if the others never are, that is found."""
    told: dict[str, Any] = {"currency": "USD", "effective_on": "2025-10-01", "rate": "2"}
    world.play(event("rate", f"r{n}", 1000, **told) for n in range(12))
    assert found(world) == set()

    world.settle()
    assert found(world) == set()

    for place, log in world.logs.items():
        blocks = [at for at, record in enumerate(log) if (KIND_HEADER, BLOCK) in record.headers]
        if place[0] == "facts":
            log[blocks[-1]] = LogRecord(blocks[-1], log[blocks[-1]].timestamp, None, b"", ((KIND_HEADER, b"tick"),))
    world.now_ms += MINUTE
    world.tick()
    assert {where for where, _, _ in found(world)} == {"copies"}
