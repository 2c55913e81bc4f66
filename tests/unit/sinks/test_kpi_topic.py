"""The KPI topic when brokers are away."""

from collections.abc import Sequence
from typing import Any, NoReturn, cast

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError, TopicAuthorizationFailedError

from pipeline.sinks.kpi_topic import KpiTopic
from pipeline.sinks.sink import Bookmark, Owner, SinkDown

OWNER = Owner("scoreboard", 1, 1000, 5)


class Topic:
    """Its brokers answer with an error each time that somebody reads."""

    def __init__(self, error: KafkaError) -> None:
        self.error = error
        self.asked = 0

    def reader(self) -> "Topic":
        """To be entered."""
        return self

    async def __aenter__(self) -> NoReturn:
        """Fails as the start of a consumer does."""
        self.asked += 1
        raise self.error

    async def __aexit__(self, *_: object) -> None:
        """Never entered."""

    async def send_all(self, *_: object) -> Sequence[tuple[int, int]]:
        """Nothing is sent."""
        return []


def _sink(topic: Topic) -> KpiTopic:
    return KpiTopic(cast(Any, topic.send_all), cast(Any, topic.reader), str)


@pytest.mark.parametrize("error", [KafkaConnectionError("away"), KafkaTimeoutError("slow")], ids=repr)
async def test_brokers_that_are_away_are_asked_again(error: KafkaError) -> None:
    """The worker waits for them, as for all else of Kafka; what stands in the topic is still to be read."""
    topic = Topic(error)
    sink = _sink(topic)
    for _ in range(2):
        with pytest.raises(SinkDown, match=type(error).__name__):
            await sink.survey(OWNER, Bookmark(), {})

    assert topic.asked == 2


async def test_a_refusal_is_no_outage() -> None:
    """Somebody has to act: it goes on to whoever ends the process."""
    with pytest.raises(TopicAuthorizationFailedError):
        await _sink(Topic(TopicAuthorizationFailedError("no"))).survey(OWNER, Bookmark(), {})
