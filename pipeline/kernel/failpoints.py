"""Where a test may crash a worker: named points between the steps of a batch."""

import os
import random
import re
from collections import Counter
from typing import Self

ENGINE_POINTS = ("fold.done", "sends.acked", "delta.sent", "delta.acked", "acknowledged", "round.acked", "trimmed")
"""Of a batch, and of a round of shards: its last record is acknowledged, the log is trimmed to its mark."""
PUBLISHING_POINTS = ("taken", "published")
"""Figures were taken and are durable; the sinks have them, and the state does not know it yet."""
POINTS = (*ENGINE_POINTS, *PUBLISHING_POINTS)
EXIT_CODE = 9
_TERM = re.compile(r"(?P<point>[a-z.]+)(?:=(?P<chance>0?\.\d+|1)|#(?P<time>[1-9]\d*))")


class Failpoints:
    """Crashes the process, as a kill would, at the points it was told; by default at none."""

    def __init__(self) -> None:
        self._chances: dict[str, float] = {}
        self._times: dict[str, int] = {}
        self._seen: Counter[str] = Counter()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "delta.sent=0.01,trimmed#3": by chance each time, or at the third time. ValueError names a bad term."""
        points = cls()
        for term in filter(None, text.split(",")):
            match = _TERM.fullmatch(term.strip())
            if match is None or match["point"] not in POINTS:
                raise ValueError(f"failpoint {term!r}: <point>=<chance> or <point>#<time>, point one of {POINTS}")
            if match["time"]:
                points._times[match["point"]] = int(match["time"])
            else:
                points._chances[match["point"]] = float(match["chance"])
        return points

    def reached(self, point: str) -> None:
        """Called by the engine when it gets to `point`."""
        self._seen[point] += 1
        if self._seen[point] == self._times.get(point) or random.random() < self._chances.get(point, 0):
            os._exit(EXIT_CODE)
