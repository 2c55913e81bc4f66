"""A monitor of topics: checks every few seconds that brokers respond and that topics are unchanged."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence

from aiokafka.errors import KafkaError

from pipeline.clock import elapsed_seconds
from pipeline.engine.kafka.clients import Clients
from pipeline.engine.kafka.fail_stop import FailStop


class TopicMonitor:
    """Ends the process when a topic is gone or has another number of partitions: its records go nowhere then.

    `answering_since` tells since when every look was answered (None: the last one was not), on the clock that never
    goes back. Nothing is decided by brokers that do not answer: they are waited for.
    """

    def __init__(
        self,
        clients: Clients,
        topics: Sequence[str],
        partitions: int,
        fail_stop: FailStop,
        look_seconds: float,
    ) -> None:
        self._clients = clients
        self._topics = topics
        self._partitions = partitions
        self._fail_stop = fail_stop
        self._look_seconds = look_seconds
        self._wrong: list[str] = []
        self._unanswered = False
        self.answering_since: float | None = None

    def missing(self) -> list[str]:
        """For the readiness probe: what the last look found."""
        return ["no broker responds"] if self._unanswered else self._wrong

    async def run(self) -> None:
        """Task: look, until cancelled."""
        while True:
            began = elapsed_seconds()
            try:
                async with asyncio.timeout(self._look_seconds):
                    found = await self._clients.partition_counts(self._topics)
            except (KafkaError, OSError, TimeoutError):
                self._unanswered, self.answering_since = True, None
            else:
                self._note(found, began)
            await asyncio.sleep(max(0.0, began + self._look_seconds - elapsed_seconds()))

    def _note(self, found: Mapping[str, int], began: float) -> None:
        self._unanswered = False
        self.answering_since = began if self.answering_since is None else self.answering_since
        wrong = list(differences(found, self._topics, self._partitions))
        for line in wrong:
            # A broker that has just come up may not know all topics yet.
            if line in self._wrong:
                self._fail_stop(line)
        self._wrong = wrong


def differences(found: Mapping[str, int], topics: Sequence[str], partitions: int) -> Iterator[str]:
    """What is wrong with the topics, given how many partitions each has (0: it is not there)."""
    for topic in topics:
        if topic not in found:
            continue
        if found[topic] == 0:
            yield f"topic {topic} is gone: it was deleted while the worker was running"
        elif found[topic] != partitions:
            yield grown(topic, str(found[topic]), partitions)


def grown(topic: str, found: str, partitions: int) -> str:
    """The line for a topic with another number of partitions: keys have moved, so nothing may go on."""
    return (
        f"topic {topic} has {found} partitions, expected {partitions}: it was resized while the worker was running; "
        "replay into a new deployment (setting namespace)"
    )
