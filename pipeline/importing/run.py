"""One import: rows in, events out at the pace of the pipeline, and what became of them."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pipeline.importing.events import Refused
from pipeline.importing.pacing import Pacing
from pipeline.sending.event import Outgoing
from pipeline.sending.producer import EventProducer

SHOWN_REFUSALS = 20


@dataclass
class Outcome:
    """What an import did: events sent by type, and the first of the rows it refused."""

    sent: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    refusals: list[Refused] = field(default_factory=list)

    def refuse(self, refused: Refused) -> None:
        """Count a refused row and keep it while there are few."""
        self.refused += 1
        if len(self.refusals) < SHOWN_REFUSALS:
            self.refusals.append(refused)


def run_import(
    events: Iterable[Outgoing | Refused], producer: EventProducer, pacing: Pacing, progress: Callable[[Outcome], None]
) -> Outcome:
    """Send all events, each acknowledged by the broker when this returns; SendError where one was not."""
    outcome = Outcome()
    for event in events:
        if isinstance(event, Refused):
            outcome.refuse(event)
            continue
        if pacing.due():
            producer.flush()
            pacing.wait()
        producer.send(event)
        pacing.passed()
        outcome.sent[str(event.event["type"])] += 1
        progress(outcome)
    producer.flush()
    return outcome
