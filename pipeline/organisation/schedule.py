"""What falls due by itself: instants from which another membership, identity, exchange rate or process holds."""

import heapq
from collections.abc import Sequence
from typing import Any

from pipeline.organisation import days


class Schedule:
    """Instants that lie ahead of `now_ms`, with whom they concern (`rep:<id>`, `currency:<code>`, `process:<id>`)."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms
        self._ahead: list[tuple[int, str]] = []
        self._known: set[tuple[int, str]] = set()

    def membership(self, record: dict[str, Any] | None) -> None:
        """Note when a membership begins and ends."""
        self._note_period(record, "rep_id")

    def identity(self, record: dict[str, Any] | None) -> None:
        """Note when an id begins and ceases to name a rep."""
        self._note_period(record, "external_id")

    def team_end(self, rep: str, at_ms: int | None) -> None:
        """Note when a team ends that a rep has a membership in."""
        self._note(at_ms, f"rep:{rep}")

    def presence(self, rep: str, at_ms: int) -> None:
        """Note when a rep comes or goes."""
        self._note(at_ms, f"rep:{rep}")

    def rate(self, record: dict[str, Any], zone: str) -> None:
        """Note when a rate becomes effective, in the company's zone."""
        if record.get("currency") and record.get("effective_on"):
            self._note(days.midnight_ms(zone, record["effective_on"]), f"currency:{record['currency']}")

    def process(self, name: str, editions: Sequence[Sequence[Any]]) -> None:
        """Note when each edition of a process begins."""
        for from_ms, _ in editions:
            self._note(from_ms, f"process:{name}")

    def _note_period(self, record: dict[str, Any] | None, whose: str) -> None:
        if record and record.get(whose):
            for bound in ("valid_from", "valid_to"):
                self._note(record.get(bound), f"rep:{record[whose]}")

    def _note(self, at_ms: int | None, concerned: str) -> None:
        if at_ms is not None and at_ms > self._now_ms and (at_ms, concerned) not in self._known:
            self._known.add((at_ms, concerned))
            heapq.heappush(self._ahead, (at_ms, concerned))

    def due(self, now_ms: int) -> list[str]:
        """Move on to `now_ms`: whom the instants passed on the way concern, sorted. Each comes up once."""
        passed: set[str] = set()
        self._now_ms = max(self._now_ms, now_ms)
        while self._ahead and self._ahead[0][0] <= now_ms:
            entry = heapq.heappop(self._ahead)
            self._known.discard(entry)
            passed.add(entry[1])
        return sorted(passed)
