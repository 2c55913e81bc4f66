"""What is waited for before partitions are given back."""

from collections.abc import Iterable
from typing import Any

from pipeline.engine.faust.driver import ChunkConsumer


class Delivered:
    """A chunk that an agent has."""

    acked = False


class Host:
    """An engine that lets a rebalance wait for a minute."""

    finish_seconds = 60.0


class Member(ChunkConsumer):
    """A consumer without a broker: each wait ends with one acknowledgement, and so does each commit."""

    should_stop = False
    _owner = Host()  # type: ignore[assignment]

    def __init__(self, delivered: Iterable[Delivered]) -> None:
        self._unacked_messages: Any = set(delivered)
        self.waited_for: list[int] = []
        self.commits = 0

    async def commit(self, *_: Any, **__: Any) -> bool:
        self.commits += 1
        self._acknowledge_one()
        return True

    async def _wait_for_ack(self, timeout: float) -> None:
        self.waited_for.append(len(self._unacked_messages))
        self._acknowledge_one()

    def _acknowledge_one(self) -> None:
        for message in [message for message in self._unacked_messages if not message.acked][:1]:
            message.acked = True


async def test_nobody_waits_once_all_is_acknowledged() -> None:
    """Each wait is for something under way: for nothing it would last a second, and figures stand still meanwhile."""
    member = Member(Delivered() for _ in range(3))
    await member.wait_empty()

    assert member.waited_for == [3, 2, 1]
    assert member.commits == 1
