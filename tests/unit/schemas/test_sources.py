"""The source of an event is a system: whoever takes a person for one is told so, and nothing of it is kept."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.types import SOURCE, system_name
from tests.unit.ledger.world import NOON_MS, World, event

PERSONS = [
    "00491701234567", "+49 170 1234567", "(0170) 123", "1-555-123-4567", "max.mustermann@mail.example",
    "MAILTO:max@mail.example", "tel:+491701234567", "sip:+491701234567@sip.example", "@max", "-", ".", "_crm", "%40",
]  # fmt: skip
SYSTEMS = [
    "crm", "crm-1", "Salesforce", "https://crm.example.test/eu", "https://crm.example.test/users/max@mail.example",
    "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66", "/cloudevents/spec", "crm@production", "Ö-Dialer", "hr 2",
]  # fmt: skip


@pytest.mark.parametrize("given_", PERSONS)
def test_a_person_is_no_source(given_: str) -> None:
    """By its own words, which repeat nothing; both readers of events agree."""
    with pytest.raises(ValueError, match=SOURCE[:60]):
        system_name(given_)
    world = World(partitions=1)
    world.play([event("call", "c1", NOON_MS, source=given_, rep_id="7", started_at=NOON_MS, direction="outbound")])
    [letter] = world.logs["dead-letters", 0]

    assert dict(letter.headers)["dlq.detail"].decode() == f"source: {SOURCE}"
    assert world.total() == {}


@pytest.mark.parametrize("given_", SYSTEMS)
def test_a_system_is_one(given_: str) -> None:
    """A name, or a URI of any kind."""
    world = World(partitions=1)
    world.play([event("call", "c1", NOON_MS, source=given_, rep_id="7", started_at=NOON_MS, direction="outbound")])

    assert (world.reasons(), world.measure("calls")) == ([], 1)


@given(st.from_regex(r"\A[0-9+(][0-9 ()/.-]{3,20}\Z"))
def test_no_telephone_number_is_a_source(given_: str) -> None:
    """However it is written."""
    with pytest.raises(ValueError, match="allowed is"):
        system_name(given_)


@given(st.text("abxyz0129.-@+ ", min_size=1, max_size=40), st.text("abxyz0129.-@+ ", min_size=1, max_size=40))
def test_nothing_of_the_ids_of_events_is_in_the_state(id_: str, corrected: str) -> None:
    """Neither its own nor that of the one it corrects: the state has digests."""
    id_, corrected = f"id {id_} di", f"co {corrected} oc"
    world = World(partitions=1)
    told = event("deal", "d1", NOON_MS, event_id=id_, corrects=corrected, stage_id="new", created_at=NOON_MS)
    world.play([told])
    kept = repr([list(store.items()) + list(store.scalars.items()) for store in world.stores.values()])

    assert world.reasons() == []
    assert id_ not in kept
    assert corrected not in kept
    assert json.dumps(corrected) not in kept
