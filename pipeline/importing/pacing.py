"""Paces an import by the pipeline's lag, so that live events do not wait behind history."""

from collections.abc import Callable

CHECKS_PER_BACKLOG = 4
"""The lag is looked at so often within one backlog's worth of events."""
PAUSE_SECONDS = 0.2


class Pacing:
    """Lets events go as long as fewer than `backlog` wait in the pipeline; 0 lets all go.

    `lag` tells how many wait now, `pause` passes the given seconds; `waiting` is told the lag while events are held
    back.
    """

    def __init__(
        self,
        backlog: int,
        lag: Callable[[], int],
        pause: Callable[[float], None],
        waiting: Callable[[int], None],
    ) -> None:
        self._backlog = backlog
        self._lag = lag
        self._pause = pause
        self._waiting = waiting
        self._allowed = 0

    def due(self) -> bool:
        """Called before each event: whether the lag has to be looked at before it (and everything flushed)."""
        return self._backlog > 0 and self._allowed == 0

    def wait(self) -> None:
        """Return when there is room again."""
        while (behind := self._lag()) >= self._backlog:
            self._waiting(behind)
            self._pause(PAUSE_SECONDS)
        self._allowed = max(1, min(self._backlog - behind, self._backlog // CHECKS_PER_BACKLOG))

    def passed(self) -> None:
        """Called after each event."""
        self._allowed = max(0, self._allowed - 1)
