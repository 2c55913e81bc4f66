"""What is too much for memory, on disk: a deployment of years shows millions of figures."""

import json
import weakref
from collections.abc import Callable, Iterator
from tempfile import TemporaryFile
from typing import Generic, TypeVar

import msgspec

AT_ONCE = 500
IN_MEMORY = 500_000
"""So much weight stays in memory: what is on disk is decoded anew for each reader."""
T = TypeVar("T")


def one(_: object) -> int:
    """All weigh the same."""
    return 1


class Spool(Generic[T]):
    """As many things of one kind as one likes, in the order in which they came; read as often as one likes.

    The first, up to a weight of `in_memory`, are kept as they are; the others are on disk, of which some hundreds are
    in memory at a time. The file is gone with the object.
    """

    def __init__(self, kind: type[T], weight: Callable[[T], int] = one, in_memory: int = IN_MEMORY) -> None:
        self._kind = list[kind]  # type: ignore[valid-type]  # known at run time only
        self._weight = weight
        self._room = in_memory
        self._held: list[T] = []
        self._waiting: list[T] = []
        self._file = TemporaryFile(prefix="salespulse-audit-")  # noqa: SIM115 (closed with the object)
        weakref.finalize(self, self._file.close)

    def append(self, item: T) -> None:
        """Add one."""
        if self._room > 0:
            self._room -= self._weight(item)
            self._held.append(item)
            return
        self._waiting.append(item)
        if len(self._waiting) >= AT_ONCE:
            self._write()

    def __iter__(self) -> Iterator[T]:
        """All that there are by now; others may read or add at the same time."""
        held = len(self._held)
        self._write()
        at, end = 0, self._file.seek(0, 2)
        for number in range(held):
            yield self._held[number]
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
