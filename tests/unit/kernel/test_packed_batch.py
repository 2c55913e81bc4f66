"""Batches that unpack to too much: found out before they are unpacked, by the pipeline and by the audit alike."""

import gzip
import tracemalloc
from collections.abc import Callable
from random import Random
from types import SimpleNamespace

import lz4.frame
import pytest
import zstandard
from aiokafka import codec as aiokafka_codec
from hypothesis import given
from hypothesis import strategies as st
from kafka import codec as kafka_codec
from kafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

from pipeline.audit import unpacked
from pipeline.audit.unpacked import is_left_out
from pipeline.kernel import packed_batch
from pipeline.kernel.packed_batch import (
    GZIP,
    LZ4,
    MOST_BYTES,
    MOST_RECORDS,
    SNAPPY,
    ZSTD,
    is_too_large,
    unpacks_beyond,
    zstd_bound,
)

Pack = Callable[[bytes], bytes]


def _zstd_stream(data: bytes) -> bytes:
    """As a producer in Java packs: the frame does not say how large it is."""
    stream = zstandard.ZstdCompressor(write_content_size=False).compressobj()
    return stream.compress(data) + stream.flush()


PACKERS: list[tuple[int, Pack]] = [
    (GZIP, gzip.compress),
    (GZIP, lambda data: gzip.compress(data[:7]) + gzip.compress(data[7:])),
    (SNAPPY, aiokafka_codec.snappy_encode),
    (SNAPPY, lambda data: aiokafka_codec.snappy_encode(data, xerial_compatible=False)),
    (SNAPPY, kafka_codec.snappy_encode),
    (LZ4, aiokafka_codec.lz4_encode),
    (LZ4, lambda data: lz4.frame.compress(data, store_size=True, content_checksum=True)),
    (LZ4, lambda data: lz4.frame.compress(data[:7]) + lz4.frame.compress(data[7:])),
    (ZSTD, aiokafka_codec.zstd_encode),
    (ZSTD, _zstd_stream),
    (ZSTD, lambda data: zstandard.compress(data[:7]) + zstandard.compress(data[7:])),
]
"""Every codec, as all kinds of producers pack; also in two pieces, of which each says its own size."""


def batch_of(codec: int, packed: bytes, count: int = 1) -> bytes:
    """A batch with this payload, whatever it is."""
    made = bytearray(DefaultRecordBatchBuilder(2, 0, False, -1, -1, -1, 1000).build()[:61])
    made[8:12] = (len(made) - 12 + len(packed)).to_bytes(4, "big")
    made[21:23] = codec.to_bytes(2, "big")
    made[57:61] = count.to_bytes(4, "big")
    return bytes(made) + packed


def audited(codec: int, packed: bytes, most: int) -> bool:
    """What the audit says of it."""
    return is_left_out(DefaultRecordBatch(batch_of(codec, packed)), most)


@given(st.sampled_from(PACKERS), st.binary(max_size=200), st.integers(0, 5000), st.integers(-3, 3))
def test_whatever_packed_it_both_know_what_it_unpacks_to(
    packer: tuple[int, Pack], some: bytes, times: int, more: int
) -> None:
    """To the byte: larger than a limit is what has one byte more than it."""
    codec, pack = packer
    data = some * times
    packed = bytes(pack(data))
    most = max(len(data) + more, 0)

    assert unpacks_beyond(codec, packed, most) == (len(data) > most)
    assert audited(codec, packed, most) == (len(data) > most)


@given(
    st.sampled_from([pack for codec, pack in PACKERS if codec == ZSTD]),
    st.lists(st.tuples(st.binary(max_size=100), st.integers(1, 40_000)), max_size=5),
    st.randoms(use_true_random=False),
)
def test_headers_of_zstd_never_say_too_little(pack: Pack, parts: list[tuple[bytes, int]], random: Random) -> None:
    """Of what repeats, of what does not, and of both; they say something of whatever a library packs."""
    data = b"".join(some * (times // (len(some) or 1)) + random.randbytes(times // 9) for some, times in parts)
    bound = zstd_bound(bytes(pack(data)))

    assert bound is not None
    assert len(data) <= bound
    assert zstd_bound(bytes(pack(data))[:-1]) is None


@given(st.integers(0, 7), st.binary(max_size=300), st.integers(0, 1000))
def test_no_payload_raises(codec: int, packed: bytes, most: int) -> None:
    """What is no payload of the codec is left to whoever unpacks it."""
    for each in (packed, b"\x82SNAPPY\0" + packed, b"\x04\x22\x4d\x18" + packed, b"\x28\xb5\x2f\xfd" + packed):
        assert unpacks_beyond(codec, each, most) in (True, False)
        assert audited(codec, each, most) in (True, False)


def test_a_number_without_an_end_is_no_size() -> None:
    """A megabyte of it is not added up."""
    for packed in (b"\xff" * 1_000_000, b"\x82SNAPPY\0" + bytes(8) + (b"\0\x0f\xff\xff" + b"\xff" * 0xFFFFF)):
        assert not unpacks_beyond(SNAPPY, packed, 100)
        assert not audited(SNAPPY, packed, 100)


@pytest.mark.parametrize("codec", [GZIP, LZ4, ZSTD])
def test_finding_out_takes_a_piece_of_memory(codec: int) -> None:
    """However much it unpacks to."""
    data = bytes(2 * MOST_BYTES)
    packed = bytes(next(pack for each, pack in PACKERS if each == codec)(data))
    del data
    tracemalloc.start()
    try:
        assert is_too_large(batch_of(codec, packed))
        assert is_left_out(DefaultRecordBatch(batch_of(codec, packed)))
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES / 8
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("count", "large"), [(MOST_RECORDS, False), (MOST_RECORDS + 1, True)])
def test_a_batch_has_so_many_records_at_most(count: int, large: bool) -> None:
    """Each becomes an object, however short it is; also where nothing is packed."""
    batch = batch_of(0, b"", count)

    assert is_too_large(batch) == large
    assert is_left_out(DefaultRecordBatch(batch)) == large


def test_the_audit_has_the_same_limits_for_itself() -> None:
    """They decide which records count: an audit that knows others tells of differences that are none."""
    assert (unpacked.MOST_UNPACKED_BYTES, unpacked.MOST_IN_A_BATCH) == (MOST_BYTES, MOST_RECORDS)
    assert "packed_batch" not in vars(unpacked)


def test_what_is_no_batch_of_this_format_is_left_alone() -> None:
    """Neither is a former format, which says other things at these places."""
    former = bytearray(batch_of(ZSTD, b"", MOST_RECORDS + 1))
    former[16] = 1

    assert not is_too_large(b"short")
    assert not is_too_large(bytes(former))
    assert not is_left_out(SimpleNamespace(magic=1))
    assert packed_batch.UnreadBatch.since(7).first == 7
