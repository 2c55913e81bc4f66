"""Batches of records as Kafka packs them: whether one is small enough to be unpacked. Pure.

A few kilobytes that a broker takes may unpack to gigabytes. So it is found out before they are, with no more memory
than a piece takes, and a batch beyond the limit is left packed. The limits decide which records count: neither is a
setting, and the audit has both for itself.
"""

import zlib
from collections.abc import Callable, Iterator
from itertools import accumulate
from struct import Struct
from typing import Any

import zstandard
from lz4.frame import LZ4FrameDecompressor

MOST_BYTES = 64 * 1024 * 1024
"""Some sixty times what a broker takes in one batch: events in JSON are packed to a tenth, at best to a twentieth."""
MOST_RECORDS = 250_000
"""More than fit into a batch that is not packed: each becomes an object of its own, however small it is."""
PIECE_BYTES = 1024 * 1024
_HEADER = Struct(">qiibIhiqqqhii")
"""The header of a batch in Kafka's format 2, the only one that a broker of today writes; the records follow."""
_MAGIC, _ATTRIBUTES, _COUNT = 3, 5, 12
_CODEC = 0x07
_XERIAL = b"\x82SNAPPY\x00"
_XERIAL_HEADER = 16
_ZSTD_FRAME, _ZSTD_BLOCK = b"\x28\xb5\x2f\xfd", 128 * 1024
"""How each frame begins, and what a compressed block of it unpacks to at most."""
_REPEATED, _COMPRESSED, _RESERVED = 1, 2, 3
_VARINT_BYTES = 5
"""Of a number of 32 bits."""
GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4
MOST_RATIO = {GZIP: 1032, LZ4: 255}
"""No byte of gzip or LZ4 unpacks to more: most batches need no further look."""


class UnreadBatch(bytes):
    """The value, an empty one, of the record that stands at the last offset of a batch that was not unpacked.

    No record of a log has a value of this class. Whoever judges it finds in `first` the first offset of the batch.
    """

    first: int

    @classmethod
    def since(cls, first: int) -> "UnreadBatch":
        """For the batch that begins at this offset."""
        value = cls()
        value.first = first
        return value


def is_too_large(batch: "bytes | memoryview") -> bool:
    """Whether a batch, with its header, would unpack to more than `MOST_BYTES`, or has more than `MOST_RECORDS`.

    One that cannot be read is left to whoever unpacks it, and so is one of a former format.
    """
    if len(batch) < _HEADER.size:
        return False
    header = _HEADER.unpack_from(batch)
    if header[_MAGIC] != 2:
        return False
    if header[_COUNT] > MOST_RECORDS:
        return True
    codec = header[_ATTRIBUTES] & _CODEC
    return codec != 0 and unpacks_beyond(codec, bytes(batch[_HEADER.size :]), MOST_BYTES)


def unpacks_beyond(codec: int, packed: bytes, most: int) -> bool:
    """Whether what was packed with a codec, by its number in a batch's header, is larger than `most` bytes."""
    if codec not in _PIECES or (codec in MOST_RATIO and len(packed) * MOST_RATIO[codec] <= most):
        return False
    if codec == ZSTD and (bound := zstd_bound(packed)) is not None and bound <= most:
        return False
    try:
        return any(size > most for size in accumulate(_PIECES[codec](packed)))
    except (zlib.error, zstandard.ZstdError, RuntimeError, EOFError, IndexError):
        return False


def zstd_bound(packed: bytes) -> int | None:
    """At most so much is what zstd packed, by the headers of its blocks alone; None where these say something odd."""
    at, size, end = 0, 0, len(packed)
    while at < end:
        if packed[at : at + 4] != _ZSTD_FRAME or at + 5 > end:
            return None
        told = packed[at + 4]
        single = told >> 5 & 1
        at += 5 + (1 - single) + (0, 1, 2, 4)[told & 3] + (single, 2, 4, 8)[told >> 6]
        last = False
        while not last:
            if at + 3 > end:
                return None
            header = packed[at] | packed[at + 1] << 8 | packed[at + 2] << 16
            last, kind, length = bool(header & 1), header >> 1 & 3, header >> 3
            if kind == _RESERVED:
                return None
            size += _ZSTD_BLOCK if kind == _COMPRESSED else length
            at += 3 + (1 if kind == _REPEATED else length)
        at += 4 * (told >> 2 & 1)
    return size if at == end else None


def _gzip(packed: bytes) -> Iterator[int]:
    """Sizes of pieces; one member may follow another."""
    while packed:
        member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        while packed and not member.eof:
            yield len(member.decompress(packed, PIECE_BYTES))
            packed = member.unconsumed_tail
        packed = member.unused_data


def _snappy(packed: bytes) -> Iterator[int]:
    """Each block says how large it is, and no library unpacks one that is larger than it says."""
    if not packed.startswith(_XERIAL):
        yield _varint(packed, 0)
        return
    at = _XERIAL_HEADER
    while at < len(packed):
        yield _varint(packed, at + 4)
        at += 4 + int.from_bytes(packed[at : at + 4], "big")


def _varint(packed: bytes, at: int) -> int:
    size = 0
    for number in range(_VARINT_BYTES):
        size |= (packed[at + number] & 0x7F) << 7 * number
        if packed[at + number] < 0x80:
            return size
    raise IndexError("a number without an end")


def _lz4(packed: bytes) -> Iterator[int]:
    while packed:
        frame: Any = LZ4FrameDecompressor()
        while not frame.eof:
            piece = frame.decompress(packed, PIECE_BYTES)
            packed = b""
            if not piece and frame.needs_input:
                return
            yield len(piece)
        packed = frame.unused_data or b""


def _zstd(packed: bytes) -> Iterator[int]:
    reader = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
    while piece := reader.read(PIECE_BYTES):
        yield len(piece)


_PIECES: dict[int, Callable[[bytes], Iterator[int]]] = {GZIP: _gzip, SNAPPY: _snappy, LZ4: _lz4, ZSTD: _zstd}
