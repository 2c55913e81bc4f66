"""Offsets are committed of the partitions that are still held; where none is, nothing is asked of the group."""

from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.util import commit_structure_validate
from faust.types import TP

from pipeline.engine.faust.group_thread import GroupConsumerThread


class Member:
    """aiokafka's consumer, as far as it is asked: it validates what it is to commit as the real one does."""

    def __init__(self, held: set[TopicPartition]) -> None:
        self._held = held
        self.committed: list[set[TopicPartition]] = []

    def assignment(self) -> set[TopicPartition]:
        """What it holds."""
        return self._held

    async def commit(self, offsets: dict[TopicPartition, Any]) -> None:
        """Commit."""
        self.committed.append(set(commit_structure_validate(offsets)))


class Thread(GroupConsumerThread):
    """The consumer's thread without one."""

    def __init__(self, member: Member) -> None:
        self._member = member

    def _ensure_consumer(self) -> Any:
        return self._member


ONE, OTHER = TopicPartition("facts", 0), TopicPartition("facts", 1)


@pytest.mark.parametrize(
    ("held", "committed"),
    [({ONE, OTHER}, [{ONE, OTHER}]), ({OTHER}, [{OTHER}]), (set(), [])],
    ids=["all", "one", "none"],
)
async def test_what_was_given_away_meanwhile_is_left_out(
    held: set[TopicPartition], committed: list[set[TopicPartition]]
) -> None:
    """A worker that woke up in a rebalance committed of none, which ended it with a traceback."""
    member = Member(held)

    assert await Thread(member)._commit({TP("facts", 0): 7, TP("facts", 1): 9})
    assert member.committed == committed
