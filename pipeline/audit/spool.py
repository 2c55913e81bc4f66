"""What is too much for memory, on disk: a deployment of years shows millions of figures."""

import json
import weakref
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Generic, TypeVar

import msgspec

AT_ONCE = 500
IN_MEMORY_BYTES = 32 * 1_048_576
"""Up to so much nothing is written to the disk."""
T = TypeVar("T")


class Spool(Generic[T]):
    """As many things of one kind as one likes, in the order in which they came; read as often as one likes.

    Of those on disk some hundreds are in memory at a time. The file is gone with the object.
    """

    def __init__(self, kind: type[T], in_memory_bytes: int = IN_MEMORY_BYTES) -> None:
        self._kind = list[kind]  # type: ignore[valid-type]
        self._file = SpooledTemporaryFile(max_size=in_memory_bytes, prefix="salespulse-audit-")  # noqa: SIM115
        self._waiting: list[T] = []
        weakref.finalize(self, self._file.close)

    def append(self, item: T) -> None:
        """Add one."""
        self._waiting.append(item)
        if len(self._waiting) >= AT_ONCE:
            self._write()

    def __iter__(self) -> Iterator[T]:
        """All that there are by now; others may read or add at the same time."""
        self._write()
        at, end = 0, self._file.seek(0, 2)
        while at < end:
            self._file.seek(at)
            line = self._file.readline()
            at = self._file.tell()
            some: list[T] = msgspec.convert(json.loads(line), self._kind)
            yield from some

    def _write(self) -> None:
        """A line for all that wait; the JSON of the language takes integers of any size, and what is no number."""
        if self._waiting:
            self._file.seek(0, 2)
            self._file.write(json.dumps(msgspec.to_builtins(self._waiting)).encode() + b"\n")
            self._waiting = []
