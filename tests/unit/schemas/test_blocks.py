"""Blocks of organisation copies: what is cut comes back whole, and nothing else is taken for one."""

import zlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import blocks, control
from schemas.blocks import Block, Copy
from schemas.control import ORG, Control, Position

BROKER_BYTES = 1_048_588
values = st.none() | st.integers(0, 2**40) | st.text(max_size=5) | st.lists(st.integers(0, 9), max_size=3)
records = st.lists(
    st.tuples(st.text(min_size=1, max_size=9), st.dictionaries(st.text(max_size=5), values, max_size=4)), max_size=30
)


def _block(packed: bytes) -> Block:
    return Block("org.changes", 3, Position(7, 1), 1000, packed)


@given(records)
def test_what_is_cut_and_packed_is_read_again(given_records: list[tuple[str, dict[str, Any]]]) -> None:
    """All of it, in order."""
    read = [blocks.unpack(blocks.pack(_block(packed))) for packed in blocks.cut(given_records)]
    assert [copy for block in read for copy in block.records()] == given_records
    assert all((each.topic, each.partition, each.position) == ("org.changes", 3, Position(7, 1)) for each in read)


@given(st.lists(st.integers(0, 3 * blocks.LARGEST_BYTES // 2), max_size=8))
def test_a_block_is_closed_with_the_record_that_fills_it(sizes: list[int]) -> None:
    """So that it is larger by one record at most, and that record is in one piece."""
    copies: list[Copy] = [(f"team:{number}", {"name": "x" * size}) for number, size in enumerate(sizes)]
    found = [_block(packed).records() for packed in blocks.cut(copies)]
    assert [copy for block in found for copy in block] == copies
    for block in found:
        assert sum(len(record["name"]) for _, record in block[:-1]) < blocks.LARGEST_BYTES


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"not compressed",
        zlib.compress(b"not msgpack"),
        zlib.compress(msgspec.msgpack.encode([["team:north", None]])),
        zlib.compress(msgspec.msgpack.encode([["team:north", {}]]))[:-6],
        zlib.compress(msgspec.msgpack.encode([["team:north", {"name": "x" * 2 * blocks.MOST_BYTES}]])),
        zlib.compress(b"\x91" * 100_000),
    ],
)
def test_what_is_no_block_is_refused(packed: bytes) -> None:
    """Whoever may write to a log may send anything, and what inflates without end too."""
    with pytest.raises(ValueError, match="block"):
        blocks.unpack(blocks.pack(_block(packed))).records()


def test_a_team_of_2000_dated_zones_fits_a_record_and_a_block() -> None:
    """The longest history of a team that a company may have, alone and between others: a broker takes it."""
    zones = [[None, "UTC"], *([719_163 + day, "America/Argentina/ComodRivadavia"] for day in range(2000))]
    team = (f"team:{'t' * 64}", {"parent_id": "p" * 64, "time_zones": zones})
    alone = Control("org.changes", 3, Position(7, 1), 1000, ORG.decode(), team[0], "", team[1])
    packed = [blocks.pack(_block(each)) for each in blocks.cut([team] * 50)]

    assert len(control.pack(alone)) < BROKER_BYTES // 8
    assert max(map(len, packed)) < BROKER_BYTES // 8
    assert [copy for each in packed for copy in blocks.unpack(each).records()] == [team] * 50
