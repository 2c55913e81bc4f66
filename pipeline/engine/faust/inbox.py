"""The inbox: what passed the gate and is not folded yet, by partition. Pure."""

from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Any

from faust.types import TP

from pipeline.engine.faust.chunk import Chunk


class Inbox:
    """Holds what arrives for a partition while it sits a turn out, or while it is more than one turn has room for."""

    def __init__(self) -> None:
        self._waiting: defaultdict[TP, deque[Chunk]] = defaultdict(deque)
        self._records: defaultdict[TP, int] = defaultdict(int)

    def put(self, partition: TP, chunk: Chunk) -> None:
        """Called with what has passed the gate."""
        self._waiting[partition].append(chunk)
        self._records[partition] += len(chunk.records)

    def records(self, partition: TP) -> int:
        """How many records of the partition wait."""
        return self._records.get(partition, 0)

    def partitions(self) -> Iterator[TP]:
        """Those of which something waits, by topic and number."""
        return iter(sorted(self._waiting))

    def take(self, partition: TP, most: int) -> Chunk:
        """The first records that wait, at most so many: they follow each other as they were let through."""
        waiting = self._waiting[partition]
        chunk = waiting.popleft()
        records: Any = chunk.records
        if len(records) < most and waiting:
            records = list(records)
            while waiting and len(records) < most:
                records.extend(waiting.popleft().records)
        taken = Chunk(records[:most], chunk.follows, chunk.session)
        self._records[partition] -= len(taken.records)
        if len(records) > most:
            waiting.appendleft(Chunk(records[most:], taken.last + 1, chunk.session))
        elif not waiting:
            del self._waiting[partition], self._records[partition]
        return taken

    def clear(self) -> None:
        """Called at each change of the assignment: it is fetched again, from what was folded on."""
        self._waiting.clear()
        self._records.clear()
