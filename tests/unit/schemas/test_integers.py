"""Whole numbers of any size on the wires that carry sums."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.changelog.log_record import Delta, Shard, SnapshotStart, decode, encode
from schemas import facts, parts
from schemas.integers import WIDE
from schemas.parts import Pane, Parts

WIDTHS = st.integers() | st.integers(-(2**130), 2**130) | st.sampled_from([2**63 - 1, 2**63, -(2**63), -(2**63) - 1])
MEASURES = st.dictionaries(st.text("abc:~", max_size=5), WIDTHS, max_size=5)
VALUES: st.SearchStrategy[Any] = st.recursive(
    WIDTHS | st.none() | st.booleans() | st.text(max_size=3) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
)


@given(MEASURES, MEASURES)
def test_facts_and_parts_carry_sums_of_any_size(some: dict[str, int], more: dict[str, int]) -> None:
    """What is packed is read back, whether it leaves 64 bits or not."""
    cells: list[facts.Cell] = [("north", "7", 739_000, None, some), ("", "", None, None, more)]
    given_facts = facts.Facts(1, "crm.events", 3, 5, {"dialer": 4}, [facts.Entry(9, 0, True, cells)])
    given_parts = Parts(1, 3, 4, 5, [Pane("company", "team:north", None, 7, 8, 9, some)])

    assert facts.unpack(facts.pack(given_facts)) == given_facts
    assert parts.unpack(parts.pack(given_parts)) == given_parts


@given(st.dictionaries(st.binary(max_size=3), VALUES, max_size=4), st.dictionaries(st.text(max_size=3), VALUES))
def test_the_state_log_carries_numbers_of_any_size(values: dict[bytes, Any], scalars: dict[str, Any]) -> None:
    """Values and scalars of a state, with such numbers anywhere in them."""
    for record in (
        Delta(1, 0, True, 5, 6, scalars, values),
        Shard(1, 0, True, 2, values),
        SnapshotStart(1, 5, 6, scalars),
    ):
        assert decode(encode(record)) == record


def test_what_is_no_number_is_refused() -> None:
    """An extension that is not ours, and a text where a number belongs."""
    for amount in (msgspec.msgpack.Ext(WIDE + 1, b"\1"), "1"):
        record = [1, "t", 0, 5, {}, [[1, 0, True, [["a", "b", 1, None, {"calls": amount}]]]]]
        with pytest.raises((ValueError, msgspec.MsgspecError)):
            facts.unpack(msgspec.msgpack.encode(record))
