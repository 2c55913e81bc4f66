"""The wire form of the state log's records."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.changelog.log_record import Claim, CorruptRecordError, Delta, Shard, SnapshotStart, decode, encode

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=5) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
scalars = st.dictionaries(st.text(max_size=5), plain, max_size=3)
entries = st.dictionaries(st.binary(max_size=8), plain, max_size=5)


@given(scalars, entries, st.integers(-1, 2**50))
def test_every_record_is_read_back_as_it_was_written(
    held: dict[str, object], kept: dict[bytes, object], n: int
) -> None:
    """Encoding and decoding gives the same record, whatever plain values it holds."""
    for record in (
        Claim("worker"),
        Delta(n, 0, True, n, n, held, kept),
        Shard(n, 3, False, 31, kept),
        SnapshotStart(n, n, n, held),
    ):
        assert decode(encode(record)) == record


@pytest.mark.parametrize(
    ("damage", "diagnosis"),
    [
        (lambda value: value[:-1] + bytes([value[-1] ^ 1]), "checksum"),
        (lambda value: bytes([2]) + value[1:], "version 2"),
        (lambda value: value[:4], "too short"),
        (lambda _: None, "empty"),
    ],
)
def test_a_damaged_record_is_refused(damage: object, diagnosis: str) -> None:
    """A wrong bit, another version, a cut or a tombstone is named, never read as something else."""
    assert callable(damage)
    with pytest.raises(CorruptRecordError, match=diagnosis):
        decode(damage(encode(Claim("worker"))))
