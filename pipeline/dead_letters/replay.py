"""Replay: letters go back to where they came from, with the key and bytes as they came.

A letter that was sent back is noted in the dead-letter topic, so that nobody sends it twice; one that is refused again
comes back under the same origin, as the next attempt.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from kafka import KafkaProducer

from pipeline.config.kafka_options import kafka_python_options
from pipeline.config.settings import Settings
from pipeline.dead_letters.letter import Letter, Place
from pipeline.dead_letters.letter_record import LetterRecord
from pipeline.dead_letters.topic import CONNECT_MS, DeadLetterTopic
from pipeline.engine.kafka.outlet import REQUEST_BYTES
from pipeline.intake.refusals import TOPIC
from pipeline.policies import proofs
from pipeline.topics.answering import answering
from pipeline.topics.table import full_name
from schemas.cloud_events import carried
from schemas.dead_letters import arrival_headers, replayed_headers

AT_ONCE = 500
ACK_SECONDS = 60
NEVER = {
    "empty": "empty record",
    "oversized_batch": "a batch that was not unpacked",
    "full": "about an object that is full",
    "invalid_control": "marked as a control record of the pipeline",
}
"""Reasons of what is never sent back, and why not. (Without its mark a record would be another one.)"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a replay will do: the letters to send back, and how many are left where they are, by why."""

    letters: Sequence[Letter]
    left: dict[str, int] = field(default_factory=dict)


def plan(letters: Iterable[Letter], partitions: int) -> Plan:
    """Which of these letters to send back: those that were not yet, and can be: topics have so many partitions."""
    chosen: list[Letter] = []
    left: dict[str, int] = {}
    for letter in letters:
        why = "already replayed" if letter.replayed else NEVER.get(letter.refusal.reason, _cut(letter))
        if why is None and letter.origin.partition >= partitions:
            why = f"from a partition that there is not; there are {partitions}"
        if why is None:
            chosen.append(letter)
        else:
            left[why] = left.get(why, 0) + 1
    return Plan(chosen, left)


def _cut(letter: Letter) -> str | None:
    if letter.digest is None:
        return None
    return "longer than any event, only its head is kept" if letter.head_bytes else "nothing of it was kept"


class Replay:
    """Sends letters back. A context; the topic stays the caller's."""

    def __init__(self, settings: Settings, topic: DeadLetterTopic) -> None:
        """Connects; SetupError without control keys, or where no broker answers."""
        self._proofs = proofs(settings)
        self._settings = settings
        self._topic = topic
        with answering(settings):
            self._producer = KafkaProducer(
                **kafka_python_options(settings),
                acks="all",
                max_request_size=REQUEST_BYTES,
                bootstrap_timeout_ms=CONNECT_MS,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._producer.close(timeout=5)

    def send(self, letters: Sequence[Letter]) -> int:
        """Send these letters back and note it; gives how many. SetupError where the broker refuses one.

        A letter is noted once its record is acknowledged: after a crash between the two it is sent once more, which
        changes no figure.
        """
        by_place = {letter.place: letter for letter in letters}
        places = sorted(by_place)
        sent = 0
        for start in range(0, len(places), AT_ONCE):
            records = [
                (by_place[Place(record.partition, record.offset)], record)
                for record in self._topic.at(places[start : start + AT_ONCE])
            ]
            self._acknowledged([self._back(letter, record) for letter, record in records])
            self._acknowledged([self._note(letter) for letter, _ in records])
            sent += len(records)
        return sent

    def _back(self, letter: Letter, record: LetterRecord) -> dict[str, Any]:
        origin, told = letter.origin, (*arrival_headers(letter.refusal.arrival), *carried(record.headers))
        return {
            "topic": full_name(self._settings.namespace, origin.topic),
            "partition": origin.partition,
            "key": record.key,
            "value": record.value,
            "headers": [*self._proofs.at(origin.topic, origin.partition).signed(record.value, record.key, told)],
        }

    def _note(self, letter: Letter) -> dict[str, Any]:
        return {
            "topic": full_name(self._settings.namespace, TOPIC),
            "partition": letter.place.partition,
            "value": b"",
            "headers": list(replayed_headers(letter.refusal.arrival)),
        }

    def _acknowledged(self, records: Iterable[dict[str, Any]]) -> None:
        """Send the records and return once every one is acknowledged."""
        with answering(self._settings):
            for future in [self._producer.send(**record) for record in records]:
                future.get(timeout=ACK_SECONDS)
