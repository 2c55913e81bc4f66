"""Which partition a key belongs to: Kafka's own murmur2, as the Java client, aiokafka and kafka-python have it."""

import struct
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

from kafka.partitioner.default import murmur2

_SEED, _FACTOR, _WORD = 0x9747B28C, 0x5BD1E995, 0xFFFFFFFF


@lru_cache(maxsize=65536)
def partition_of(key: str, partitions: int) -> int:
    """The partition of `key` in a topic of `partitions` partitions."""
    return int(murmur2(key.encode()) & 0x7FFFFFFF) % partitions


def partitions_of(keys: Sequence[bytes], partitions: int) -> list[int]:
    """The partition of each key: as `partition_of`, for many keys at a small part of the cost."""
    by_length: defaultdict[int, list[int]] = defaultdict(list)
    for number, size in enumerate(map(len, keys)):
        by_length[size].append(number)
    found = [0] * len(keys)
    for size, numbers in by_length.items():
        for number, hashed in zip(numbers, _murmur2_of_all([keys[n] for n in numbers], size), strict=True):
            found[number] = (hashed & 0x7FFFFFFF) % partitions
    return found


def _murmur2_of_all(keys: Sequence[bytes], size: int) -> Sequence[int]:
    """The hashes of keys of one size.

    One huge integer holds all keys side by side, each in a lane of whole 64-bit words, so that each step of the hash
    is one multiplication, shift or mask for all of them. A step works on the low 32 bits of each lane; the product of
    two 32-bit numbers never reaches the next lane.
    """
    words = max(1, (size + 7) // 8)
    lane = words * 8
    every = int.from_bytes((b"\1" + bytes(lane - 1)) * len(keys), "little")
    low = every * _WORD
    text = int.from_bytes(bytes(lane - size).join(keys), "little")
    hashes = every * (_SEED ^ size)
    for shift in range(0, size // 4 * 32, 32):
        mixed = ((text >> shift) & low) * _FACTOR & low
        mixed = (mixed ^ (mixed >> 24) & low) * _FACTOR & low
        hashes = (hashes * _FACTOR & low) ^ mixed
    if size % 4:
        hashes = (hashes ^ (text >> size // 4 * 32) & low) * _FACTOR & low
    hashes = (hashes ^ (hashes >> 13) & low) * _FACTOR & low
    hashes ^= (hashes >> 15) & low
    return struct.unpack(f"<{words * len(keys)}Q", hashes.to_bytes(lane * len(keys), "little"))[::words]
