"""The numbers of stored fields: given once, for every field of every event, and never for anything else."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import kinds
from pipeline.ledger import roster_fields
from pipeline.objects.field_numbers import COMMON, Numbers
from pipeline.objects.object import Object
from pipeline.objects.stored_form import ObjectForm
from schemas.events import CHANGES

MODELS = {kind: model for kinds in CHANGES.values() for kind, model in kinds.items()}
KINDS = sorted(MODELS)
NUMBERS = {**kinds.FORMS.numbers, **roster_fields.FORMS.numbers}
FORMS = {
    **dict.fromkeys(kinds.FORMS.numbers, kinds.FORMS),
    **dict.fromkeys(roster_fields.FORMS.numbers, roster_fields.FORMS),
}
STORED_OTHERWISE = {
    *(("team", field) for field in ("time_zone", "time_zone_from")),
    *(("company", field) for field in ("week_start", "week_start_from")),
    *(("rep", field) for field in ("role", "role_from")),
    ("process", "valid_from"),
}
"""Registers of their own for each day or instant, spelled out (`pipeline/ledger/roster.py`)."""
HELD = json.loads(Path(__file__).with_name("field_numbers.json").read_text())
"""What states hold: by kind the number of each field, and an object with all of them as it was written. Append only."""


def numbers_of(kind: str) -> Numbers:
    """All numbered fields of a kind."""
    return NUMBERS.get(kind, COMMON)


VERSION = (1, 0, 0, "crm-1", 5, 7)
VALUES = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=5) | st.just([{"id": "new"}])


@pytest.mark.parametrize("kind", KINDS)
def test_no_number_ever_moves(kind: str) -> None:
    """A field that states may hold keeps its number; add a new one to the file, and change no line of it."""
    assert numbers_of(kind) == HELD[kind]["numbers"]


def test_no_kind_is_forgotten() -> None:
    """Every kind of event has numbers; a kind that has none any more may still lie in a state."""
    assert set(MODELS) <= set(NUMBERS) == set(HELD)


@pytest.mark.parametrize("kind", KINDS)
def test_every_number_is_given_once_and_none_is_left_out(kind: str) -> None:
    """From 0 on without a gap, so that numbers are only added at the end; each fits a byte."""
    assert sorted(numbers_of(kind).values()) == list(range(len(numbers_of(kind))))
    assert len(numbers_of(kind)) <= 256


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_every_event_has_a_number(kind: str) -> None:
    """One without would be spelled out in every object."""
    fields = {name for name in MODELS[kind].model_fields if (kind, name) not in STORED_OTHERWISE}

    assert fields <= set(numbers_of(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_written_once_is_read_for_ever(kind: str) -> None:
    """An object with all its fields, as it was written when they got their numbers."""
    form = bytes.fromhex(HELD[kind]["object"])
    item = FORMS[kind].decode(f"{kind}:1", form)

    assert item.values == {name: name for name in item.values}
    assert set(item.values) >= {"life", "mentioned"}
    assert FORMS[kind].encode(item) == form


@given(st.data())
@pytest.mark.parametrize("kind", KINDS)
def test_a_new_field_changes_no_stored_byte(kind: str, data: st.DataObject) -> None:
    """Whatever an object held before a field was added, bytes and meaning are the same after; also in a history."""
    numbers = dict(numbers_of(kind))
    names = sorted({*numbers, "time_zone@738000"})
    values = data.draw(st.dictionaries(st.sampled_from(names), VALUES))
    history = data.draw(st.lists(st.dictionaries(st.sampled_from(names), VALUES), max_size=2))
    item = Object(f"{kind}:1", values, VERSION, history=[(VERSION, entry, None) for entry in history])
    before, after = ObjectForm(numbers), ObjectForm({**numbers, "a_new_field": len(numbers)})

    assert after.encode(item) == before.encode(item)
    assert _said(after.decode(Object(item.key), before.encode(item))) == _said(item)


@given(st.data())
@pytest.mark.parametrize("kind", KINDS)
def test_a_number_that_nothing_has_is_refused(kind: str, data: st.DataObject) -> None:
    """What a later release wrote is not guessed at."""
    numbers = numbers_of(kind)
    values = {**data.draw(st.dictionaries(st.sampled_from(sorted(numbers)), VALUES)), "a_new_field": 1}
    form = ObjectForm({**numbers, "a_new_field": len(numbers)}).encode(Object(f"{kind}:1", values, VERSION))

    with pytest.raises(KeyError):
        FORMS[kind].decode(f"{kind}:1", form)


def _said(item: Object) -> tuple[Any, ...]:
    return item.values, item.version, item.history
