"""Batches that workers leave packed, since they would take too much memory: the audit finds out for itself which.

It unpacks each as a stream, piece by piece, and looks how much comes out.
"""

import gzip
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import lz4.frame
import zstandard
from kafka import KafkaConsumer
from kafka.consumer.fetcher import Fetcher
from kafka.record.default_records import DefaultRecord, DefaultRecordBatch

MOST_UNPACKED_BYTES = 67_108_864
MOST_IN_A_BATCH = 250_000
PIECE = 262_144


def is_left_out(batch: DefaultRecordBatch, most: int = MOST_UNPACKED_BYTES) -> bool:
    """Whether workers have left out a batch: of its records none is an event."""
    if batch.magic < 2:
        return False
    if batch.records_count > MOST_IN_A_BATCH:
        return True
    left = most
    try:
        for size in _pieces(batch.compression_type, bytes(batch._buffer[DefaultRecordBatch.HEADER_STRUCT.size :])):
            left -= size
            if left < 0:
                return True
    except (OSError, EOFError, RuntimeError, ValueError, IndexError, zstandard.ZstdError):
        pass  # whoever unpacks it says what is wrong with it
    return False


def _pieces(codec: int, packed: bytes) -> Iterator[int]:
    if codec == DefaultRecordBatch.CODEC_SNAPPY:
        yield from _blocks(packed)
    elif codec != DefaultRecordBatch.CODEC_NONE:
        stream = _stream(codec, packed)
        while piece := stream.read(PIECE):
            yield len(piece)


def _stream(codec: int, packed: bytes) -> Any:
    if codec == DefaultRecordBatch.CODEC_GZIP:
        return gzip.GzipFile(fileobj=BytesIO(packed))
    if codec == DefaultRecordBatch.CODEC_LZ4:
        return lz4.frame.LZ4FrameFile(BytesIO(packed))
    return zstandard.ZstdDecompressor().stream_reader(BytesIO(packed), read_across_frames=True)


def _blocks(packed: bytes) -> Iterator[int]:
    """Sizes of the blocks of snappy, as Java's library frames them, or of one without a frame."""
    if packed[:8] != b"\x82SNAPPY\0":
        yield _said(packed)
        return
    stream = BytesIO(packed)
    stream.seek(16)
    while length := stream.read(4):
        yield _said(stream.read(int.from_bytes(length, "big")))


def _said(block: bytes) -> int:
    """How large a block says that it is, in seven bits a byte, the lowest first."""
    end = next(number for number, byte in enumerate(block[:5]) if byte < 128)
    return sum((byte & 127) << 7 * number for number, byte in enumerate(block[: end + 1]))


class _Batches:
    def __init__(self, records: Any) -> None:
        self._records = records

    def next_batch(self) -> Any:
        batch = self._records.next_batch()
        return _Empty(batch) if batch is not None and is_left_out(batch) else batch


class _Empty:
    """Stands for a batch: one record that says nothing, at its last offset."""

    def __init__(self, batch: Any) -> None:
        self._batch = batch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator[Any]:
        last = self._batch
        yield DefaultRecord(0, last.last_offset, last.max_timestamp, last.timestamp_type, None, None, [])


class _Partition(Fetcher.PartitionRecords):  # type: ignore[misc]
    def _unpack_records(self, tp: Any, records: Any, *how: Any) -> Any:
        return super()._unpack_records(tp, _Batches(records), *how)


def reader(**options: Any) -> KafkaConsumer:
    """A consumer that reads of logs what workers read of them."""
    consumer = KafkaConsumer(**options)
    consumer._fetcher.PartitionRecords = _Partition
    return consumer
