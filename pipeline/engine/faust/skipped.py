"""Offsets at which a log has nothing to read: marks of transactions, what was aborted or compacted away. Pure."""

from collections.abc import Iterable

from aiokafka import TopicPartition


class Skipped:
    """Told by whoever fetches, in another thread; asked by whoever looks for gaps. It keeps what is still of use."""

    def __init__(self) -> None:
        self._spans: dict[TopicPartition, dict[int, int]] = {}

    def watch(self, partition: TopicPartition) -> None:
        """Called before a partition is fetched from: from now on it is listened to."""
        self._spans.setdefault(partition, {})

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """Called when nobody asks for these any more."""
        for partition in partitions:
            self._spans.pop(partition, None)

    def note(self, partition: TopicPartition, since: int, until: int) -> None:
        """The offsets from one until before another hold nothing; nothing of a partition that nobody watches."""
        spans = self._spans.get(partition)
        if spans is not None:
            spans[since] = until

    def past(self, partition: TopicPartition, offset: int) -> int:
        """The first offset from this one on that may hold something, as far as it is known."""
        spans = self._spans.get(partition) or {}
        while (until := spans.get(offset, offset)) > offset:
            offset = until
        return offset

    def passed(self, partition: TopicPartition, offset: int) -> None:
        """Called when everything before an offset was read: nobody asks for it again."""
        spans = self._spans.get(partition) or {}
        for since in [since for since in list(spans) if since < offset]:
            del spans[since]
