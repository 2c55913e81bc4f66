"""Shutdown in time: once a worker is told to stop, its process ends within the limit, whatever hangs."""

import os
import signal
import threading
from collections.abc import Callable

from pipeline.engine.kafka.fail_stop import FailStop, end_process

SIGNALS = (signal.SIGTERM, signal.SIGINT)
LIMIT_SECONDS = 14.0
"""Fifteen seconds are promised; the rest is for whoever looks on."""


def _leave() -> None:
    """What a signal does before there is anything to stop."""
    os._exit(0)


class Shutdown:
    """Takes the signals in a thread of its own, so that a loop that stands still does not keep them away.

    The deadline covers all that follows, also what the interpreter waits for at its end.
    """

    def __init__(self, limit_seconds: float = LIMIT_SECONDS, fail_stop: FailStop = end_process) -> None:
        self._limit_seconds = limit_seconds
        self._fail_stop = fail_stop
        self._stop: Callable[[], object] = _leave
        self._begun = threading.Event()

    def take_signals(self) -> None:
        """Called once in the main thread, before there is any other: what starts later leaves signals to us as well."""
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        threading.Thread(target=self._wait_for_signals, name="signals", daemon=True).start()

    def on_signal(self, stop: Callable[[], object]) -> None:
        """From now on a signal calls `stop`, in the thread of the signals."""
        self._stop = stop

    def begin(self) -> None:
        """Start the deadline, where it has not started yet."""
        if not self._begun.is_set():
            self._begun.set()
            threading.Thread(target=self._watch, name="shutdown", daemon=True).start()

    def _wait_for_signals(self) -> None:
        while True:
            signal.sigwait(SIGNALS)
            self.begin()
            self._stop()

    def _watch(self) -> None:
        # Nobody ends this wait: it ends with the process.
        threading.Event().wait(self._limit_seconds)
        self._fail_stop(f"shutdown took longer than {self._limit_seconds:g} s")
