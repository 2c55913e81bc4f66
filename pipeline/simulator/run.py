"""Sends a simulated sales floor as time passes: the past fast, the present at its own pace."""

from collections.abc import Callable, Iterable
from typing import Protocol

from pipeline.sending.event import Outgoing
from pipeline.simulator.timeline import Timed

PAUSE_SECONDS = 0.05


class Takes(Protocol):
    """What takes events: an EventProducer."""

    def send(self, outgoing: Outgoing) -> None:
        """Take one event."""

    def flush(self) -> None:
        """Return when all are acknowledged."""


def _at_once() -> None:
    """Nobody has to take the organisation in first."""


def send_as_time_passes(
    events: Iterable[Timed],
    producer: Takes,
    now_ms: Callable[[], int],
    pause: Callable[[float], None],
    stopped: Callable[[], bool],
    introduced: Callable[[], None] = _at_once,
) -> int:
    """Send each event once its instant has come; what lies in the past goes out at once. Returns how many were sent.

    `now_ms` is the clock to live by, `pause` passes seconds. Ends when `stopped` says so, or after the last event;
    all that was sent is acknowledged then. `introduced` is called once, when the organisation is acknowledged and
    before anything else is sent.
    """
    sent = 0
    introducing = True
    for timed in events:
        if introducing and not timed.introduces:
            producer.flush()
            introduced()
            introducing = False
        if timed.at_ms > now_ms():
            producer.flush()
        while timed.at_ms > now_ms() and not stopped():
            pause(PAUSE_SECONDS)
        if stopped():
            break
        producer.send(timed.outgoing)
        sent += 1
    producer.flush()
    return sent
