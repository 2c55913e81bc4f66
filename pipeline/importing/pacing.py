"""Paces an import by the pipeline's lag, so that live events do not wait behind history."""

from collections.abc import Callable

CHECKS_PER_BACKLOG = 4
"""The lag is looked at so often within one backlog's worth of events."""
PAUSE_SECONDS = 0.1
STALLED_SECONDS = 10
"""A pipeline that acknowledged nothing for so long has no worker."""


class Pacing:
    """Lets events go as long as fewer than `backlog` wait in the pipeline; 0 lets all go.

    `lag` tells how many wait now, `pause` passes the given seconds; `waiting` is told the lag while events are held
    back, `stalled` once, as soon as nothing has been acknowledged for ten seconds.
    """

    def __init__(
        self,
        backlog: int,
        lag: Callable[[], int],
        pause: Callable[[float], None],
        waiting: Callable[[int], None],
        stalled: Callable[[int], None],
    ) -> None:
        self._backlog = backlog
        self._lag = lag
        self._pause = pause
        self._waiting = waiting
        self._stalled = stalled
        self._told = False
        self._allowed = 0

    def due(self) -> bool:
        """Called before each event: whether the lag has to be looked at before it (and everything flushed)."""
        return self._backlog > 0 and self._allowed == 0

    def wait(self) -> None:
        """Return when there is room again."""
        least, still_seconds = None, 0.0
        while (behind := self._lag()) >= self._backlog:
            self._waiting(behind)
            if least is None or behind < least:
                least, still_seconds = behind, 0.0
            if still_seconds >= STALLED_SECONDS and not self._told:
                self._told = True
                self._stalled(behind)
            self._pause(PAUSE_SECONDS)
            still_seconds += PAUSE_SECONDS
        self._allowed = max(1, min(self._backlog - behind, self._backlog // CHECKS_PER_BACKLOG))

    def passed(self) -> None:
        """Called after each event."""
        self._allowed = max(0, self._allowed - 1)
