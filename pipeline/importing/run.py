"""Sending a checked import, at the pace of the pipeline."""

import json
from collections import Counter
from collections.abc import Callable, Iterable

from pipeline.importing.pacing import Pacing
from pipeline.sending.event import Outgoing
from pipeline.sending.producer import EventProducer


def run_import(
    values: Iterable[bytes], producer: EventProducer, pacing: Pacing, progress: Callable[[int], None]
) -> Counter[str]:
    """Send all events, each acknowledged by the broker when this returns; SendError where one was not.

    Returns how many were sent, by type.
    """
    sent: Counter[str] = Counter()
    for number, value in enumerate(values, 1):
        outgoing = Outgoing(json.loads(value))
        if pacing.due():
            producer.flush()
            pacing.wait()
        producer.send(outgoing)
        pacing.passed()
        sent[str(outgoing.event["type"])] += 1
        progress(number)
    producer.flush()
    return sent
