"""Figures that change when a test says so, instead of those in a Redis."""

import queue
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from pipeline.scores.chosen import Chosen
from pipeline.views.freshness import Evidence
from pipeline.views.live import LiveFigures
from pipeline.views.readings import Reading, WindowReading
from pipeline.web.hub import Hub

DAY = "day:2026-11-23"


class Floor:
    """What a hub asks of the live figures."""

    namespace = "floor"

    def __init__(self, scopes: int) -> None:
        self.evidence = Evidence(alive=True)
        self.figures: dict[str, Reading] = {}
        self.alerts: list[dict[str, Any]] = []
        self.contests: list[dict[str, Any]] = []
        self.achieved: list[dict[str, Any]] = []
        self.industry_told: list[dict[str, Any]] = []
        self.currency = "EUR"
        self.as_of_ms = 1
        self.chosen = Chosen()
        self.names: dict[str, str] = {}
        self.usual: Callable[..., Any] = lambda _reading, _kpis: {}
        self._changed: queue.Queue[set[str]] = queue.Queue()
        self.version = 0
        self._write({f"team:{number}" for number in range(scopes)})

    def change(self, *scopes: str) -> None:
        """Have these scopes show another number of calls, and the hub hear of it."""
        self._write(set(scopes))
        self._changed.put(set(scopes))

    def wait(self, seconds: float) -> set[str]:
        """As the hub reads on."""
        with suppress(queue.Empty):
            return self._changed.get(timeout=min(seconds, 0.01))
        return set()

    def hub(self) -> Hub:
        """One that reads this."""
        return Hub(cast("LiveFigures", self))

    def _write(self, scopes: set[str]) -> None:
        self.version += 1
        window = WindowReading(DAY, "provisional", self.version, {"calls": {"value": self.version}})
        self.figures = self.figures | {scope: Reading(scope, scope, "EUR", {"day": window}) for scope in scopes}
