"""When each day of a rep in a team was first told of in the facts, and when last."""

from typing import Any

from schemas.facts import Facts

Cell = tuple[str, str, int]
"""Team, rep, local day."""


class Told:
    """Reads one partition of the facts, in order; what was re-sent counts once."""

    def __init__(self) -> None:
        self._now_ms = -1
        self._seen: dict[str, tuple[int, int]] = {}
        self._spans: dict[Cell, tuple[int, int, int]] = {}

    def __len__(self) -> int:
        return len(self._spans)

    def facts(self, pos: int, found: Facts) -> None:
        """Called for each record."""
        self._now_ms = max(self._now_ms, found.now_ms)
        origin = f"{found.topic}/{found.partition}"
        seen = self._seen.get(origin, (-1, -1))
        for entry in found.entries:
            if (entry.offset, entry.part) > seen:
                seen = (entry.offset, entry.part)
                for team, rep, day, *_ in entry.cells:
                    if day is not None:
                        known = self._spans.get((team, rep, day))
                        self._spans[team, rep, day] = (known[0] if known else self._now_ms, self._now_ms, pos)
        self._seen[origin] = seen

    def hand_over(self, log: str) -> list[dict[str, Any]]:
        """What was told since the last time, as rows; it is forgotten here."""
        spans, self._spans = self._spans, {}
        return [
            {"log": log, "pos": pos, "team": team, "rep": rep, "day": day, "first_ms": first_ms, "last_ms": last_ms}
            for (team, rep, day), (first_ms, last_ms, pos) in spans.items()
        ]
