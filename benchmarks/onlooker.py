"""Looking at figures in Redis from outside, many times a second, and noting when those of each home change."""

import json
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from threading import Event, Thread
from typing import Any, Self, cast

import redis

from benchmarks.published import FAMILIES
from pipeline.sinks.redis_keys import Keys

LOOK_SECONDS = 0.03
WINDOW = "1h"

Texts = Sequence[bytes | None]


class Onlooker(AbstractContextManager["Onlooker"]):
    """A thread that looks at each team's own figures of the last hour; `changes` are instants of the monotonic clock.

    What is published again as it was is no change.
    """

    def __init__(self, url: str, namespace: str, teams: Sequence[str]) -> None:
        homes = [f"team:{team}" for team in teams]
        self.changes: dict[str, list[float]] = {home: [] for home in homes}
        keys = Keys(namespace)
        self._keys = {home: keys.kpi(home, home) for home in homes}
        self._fields = [f"{WINDOW}:{family}" for family in FAMILIES]
        self._client = redis.Redis.from_url(url)
        self._ended = Event()
        self._failure: BaseException | None = None
        self._thread = Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._client.close()

    def until(self, instant: float) -> None:
        """Return at that instant of the monotonic clock; raises what kept the thread from looking on."""
        while (left := instant - time.monotonic()) > 0:
            self._require_looking()
            time.sleep(min(left, 1))
        self._require_looking()

    def _require_looking(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _look_on(self) -> None:
        known: dict[str, Texts] = {}
        try:
            while not self._ended.wait(LOOK_SECONDS):
                for home, texts in self._look().items():
                    if home in known and changed(known[home], texts):
                        self.changes[home].append(time.monotonic())
                    known[home] = texts
        except BaseException as failure:  # raised again where the figures are waited for
            self._failure = failure

    def _look(self) -> dict[str, Texts]:
        pipeline = self._client.pipeline(transaction=False)
        for key in self._keys.values():
            pipeline.hmget(key, self._fields)
        return dict(zip(self._keys, cast("list[Texts]", pipeline.execute()), strict=True))


def changed(before: Texts, after: Texts) -> bool:
    """Whether the KPIs of any family differ; versions and times beside them do not count."""
    return any(old != new and _kpis(old) != _kpis(new) for old, new in zip(before, after, strict=True))


def _kpis(text: bytes | None) -> Any:
    return None if text is None else json.loads(text)["kpis"]
