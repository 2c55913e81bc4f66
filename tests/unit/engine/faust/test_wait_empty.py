"""What is waited for before partitions are given back."""

import logging
from typing import Any

from pipeline.engine.faust.driver import ChunkConsumer


class Host:
    """An engine with some batches under way, which lets a rebalance wait for a minute; each wait ends one of them."""

    finish_seconds = 60.0

    def __init__(self, batches: int) -> None:
        self.batches = batches
        self.waited_for: list[int] = []

    @property
    def under_way(self) -> bool:
        """Whether any is left."""
        return self.batches > 0

    async def finished(self, _: float) -> None:
        """One ends."""
        self.waited_for.append(self.batches)
        self.batches -= 1


class Member(ChunkConsumer):
    """A consumer without a broker."""

    should_stop = False
    log: Any = logging.getLogger(__name__)
    _owner: Any = None

    def __init__(self, host: Host) -> None:
        self._owner = host
        self.commits = 0

    async def commit(self, *_: Any, **__: Any) -> bool:
        self.commits += 1
        return True


async def test_nobody_waits_once_all_is_durable() -> None:
    """Each wait is for something under way: for nothing it would last a second, and figures stand still meanwhile."""
    host = Host(batches=3)
    member = Member(host)
    await member.wait_empty()

    assert host.waited_for == [3, 2, 1]
    assert member.commits == 1


async def test_a_fold_that_takes_too_long_is_left() -> None:
    """The group would give the worker up."""
    host = Host(batches=3)
    host.finish_seconds = -1.0
    member = Member(host)
    await member.wait_empty()

    assert host.waited_for == []
    assert member.commits == 1
