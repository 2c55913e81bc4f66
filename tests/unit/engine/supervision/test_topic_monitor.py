"""The lookout: what it tells the readiness probe, and what it ends the process for."""

import asyncio
from collections.abc import Callable, Sequence
from typing import NoReturn

import pytest
from aiokafka.errors import KafkaConnectionError

from pipeline.engine.kafka.clients import Clients
from pipeline.engine.supervision.topic_monitor import TopicMonitor, differences

TOPICS = ["t.crm.events", "t.state.crm"]
WELL = {"t.crm.events": 4, "t.state.crm": 4}
GROWN = {"t.crm.events": 8, "t.state.crm": 4}
Counts = dict[str, int] | None


class Ended(Exception):  # noqa: N818 (the end of a process)
    """Instead of the end of a process."""


def fail_stop(reason: str) -> NoReturn:
    """Ends the task that looks, with the reason."""
    raise Ended(reason)


class Brokers(Clients):
    """Tells one answer after the other, then the last one again and again; None is no answer."""

    def __init__(self, *answers: Counts) -> None:
        super().__init__({})
        self._answers = list(answers)
        self.asked = 0

    async def partition_counts(self, topics: Sequence[str]) -> dict[str, int]:
        self.asked += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if answer is None:
            raise KafkaConnectionError("away")
        return answer


async def looked(brokers: Brokers, until: Callable[[TopicMonitor], bool]) -> TopicMonitor:
    """The lookout on these brokers, once the condition holds."""
    topic_monitor = TopicMonitor(brokers, TOPICS, 4, fail_stop, 0.01)
    looking = asyncio.create_task(topic_monitor.run())
    async with asyncio.timeout(10):
        while not until(topic_monitor) and not looking.done():
            await asyncio.sleep(0.005)
    if looking.done():
        await looking
    looking.cancel()
    return topic_monitor


def test_each_topic_that_is_gone_or_grown_is_told() -> None:
    """A topic that the broker does not show to us is not judged."""
    assert list(differences(WELL, TOPICS, 4)) == []
    assert list(differences({"t.crm.events": 4}, TOPICS, 4)) == []
    assert list(differences({"t.crm.events": 8, "t.state.crm": 0}, TOPICS, 4)) == [
        "topic t.crm.events has 8 partitions, expected 4: it was resized while the worker was running; "
        "replay into a new deployment (setting namespace)",
        "topic t.state.crm is gone: it was deleted while the worker was running",
    ]


async def test_what_is_wrong_once_is_told_to_the_probe() -> None:
    """A broker that has just come up may not know all topics: that passes."""
    topic_monitor = await looked(Brokers(GROWN, WELL), lambda each: bool(each.missing()))
    assert topic_monitor.missing()[0].startswith("topic t.crm.events has 8 partitions")

    topic_monitor = await looked(brokers := Brokers(GROWN, WELL), lambda _: brokers.asked > 3)
    assert topic_monitor.missing() == []


async def test_what_is_wrong_twice_ends_the_process() -> None:
    """The reason is what the probe has said."""
    with pytest.raises(Ended, match=r"topic t\.state\.crm is gone"):
        await looked(Brokers({**WELL, "t.state.crm": 0}), lambda _: False)


async def test_brokers_that_do_not_answer_are_waited_for() -> None:
    """The probe says so; since when they answer is counted anew once they do."""
    topic_monitor = await looked(brokers := Brokers(WELL, None), lambda _: brokers.asked > 4)
    assert topic_monitor.missing() == ["no broker responds"]
    assert topic_monitor.answering_since is None

    topic_monitor = await looked(again := Brokers(None, None, WELL), lambda _: again.asked > 4)
    assert topic_monitor.missing() == []
    assert topic_monitor.answering_since is not None
