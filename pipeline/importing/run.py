"""Sending a checked import, at the pace of the pipeline; what it tells is written down before any of it is sent."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from pipeline.importing.journal import Journal
from pipeline.importing.manifest import TOPIC, Run, run_record
from pipeline.importing.pacing import Pacing
from pipeline.sending.event import key_of
from schemas.events import TOPICS


class Producer(Protocol):
    """Takes records, and waits for their acknowledgement (`EventProducer`)."""

    def put(self, topic: str, key: bytes, value: bytes) -> None: ...

    def flush(self) -> None: ...


class _Addressed(msgspec.Struct):
    """What says where an event goes."""

    type: str
    subject: str


_addressed = msgspec.json.Decoder(_Addressed).decode


def send_run(
    run: Run,
    journal: Journal,
    values: Iterable[bytes],
    producer: Producer,
    pacing: Pacing,
    progress: Callable[[int], None],
) -> Counter[str]:
    """Send a run whole: what it tells of every object to the manifest, then the events, then that it is done.

    So wherever it is broken off, nothing was told that the manifest does not have. SendError as for `run_import`.
    """
    producer.put(TOPIC, *run_record(run))
    for key, value in journal.records(run.id):
        producer.put(TOPIC, key, value)
    producer.flush()
    sent = run_import(values, producer, pacing, progress)
    producer.put(TOPIC, *run_record(run.done()))
    producer.flush()
    return sent


def run_import(
    values: Iterable[bytes], producer: Producer, pacing: Pacing, progress: Callable[[int], None]
) -> Counter[str]:
    """Send all events as they are, each acknowledged by the broker when this returns; SendError where one was not.

    Returns how many were sent, by type.
    """
    sent: Counter[str] = Counter()
    for number, value in enumerate(values, 1):
        event = _addressed(value)
        if pacing.due():
            producer.flush()
            pacing.wait()
        producer.put(TOPICS[event.type.partition(".")[0]], key_of(event.subject), value)
        pacing.passed()
        sent[event.type] += 1
        progress(number)
    producer.flush()
    return sent
