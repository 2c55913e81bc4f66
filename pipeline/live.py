"""The live figures as they change: a picture of all scopes, kept up to date from the channel of changes."""

from typing import Any, cast

from redis import Redis
from redis.exceptions import RedisError

from pipeline import clock
from pipeline.readings import Reading, Readings

SCAN_SECONDS = 5.0
ALERT_SECONDS = 1.0
TOGETHER_SECONDS = 0.2
"""Changes so close together are read at once."""


class LiveFigures:
    """All scopes with their current figures, and the open alerts. Not for two threads at once."""

    def __init__(self, client: Redis, namespace: str) -> None:
        """Reads everything once; redis.exceptions.ConnectionError where no Redis answers."""
        self._readings = Readings(client, namespace)
        self._channel = cast("Any", client).pubsub(ignore_subscribe_messages=True)
        self._channel.psubscribe(self._readings.changes_pattern)
        self._scopes: dict[str, str] = {}
        self._scanned = self._alerted = float("-inf")
        self.figures: dict[str, Reading] = {}
        self.alerts: list[dict[str, Any]] = []
        self.down = False
        self._scan()

    @property
    def as_of_ms(self) -> int:
        """The latest instant that any figure is of; 0 where there is none yet."""
        return max((reading.as_of_ms for reading in self.figures.values()), default=0)

    def wait(self, seconds: float) -> set[str]:
        """Wait so long at most for something to change; returns the scopes that did, their figures read anew.

        While Redis does not answer, `down` is set and nothing changes.
        """
        try:
            changed = self._heard(seconds)
            changed |= self._scan()
            self.figures |= self._readings.read({scope: self._scopes[scope] for scope in changed})
            self.down = False
        except (RedisError, OSError):
            self.down = True
            self._scanned = float("-inf")
            clock.pause(seconds)
            return set()
        return changed

    def close(self) -> None:
        """Leave the channel."""
        self._channel.close()

    def _heard(self, seconds: float) -> set[str]:
        """The scopes named on the channel until a short while after the first of them."""
        heard: set[str] = set()
        until = clock.elapsed_seconds() + seconds
        while (left := until - clock.elapsed_seconds()) > 0:
            message = self._channel.get_message(timeout=left)
            if message is None:
                continue
            if not heard:
                until = min(until, clock.elapsed_seconds() + TOGETHER_SECONDS)
            scope, home = self._readings.changed_scope(message["channel"], message["data"])
            self._scopes[scope] = home
            heard.add(scope)
        return heard

    def _scan(self) -> set[str]:
        """Look for scopes and alerts that nothing was heard of; returns the scopes whose figures are not known."""
        at = clock.elapsed_seconds()
        if at - self._alerted >= ALERT_SECONDS:
            self.alerts = self._readings.alerts()
            self._alerted = at
        if at - self._scanned < SCAN_SECONDS:
            return set()
        first = self._scanned == float("-inf")
        self._scopes = self._readings.scopes()
        self._scanned = at
        for gone in sorted(self.figures.keys() - self._scopes.keys()):
            del self.figures[gone]
        if first:
            self.figures = self._readings.read(self._scopes)
            return set(self.figures)
        return self._scopes.keys() - self.figures.keys()
