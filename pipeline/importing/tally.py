"""What is counted while an export is read, and is in no event afterwards."""

from collections.abc import Iterator

from pipeline.importing.faults import ONCE, SHOWN_ROWS, Place
from pipeline.importing.findings import Finding, Weight, late_finding


class Tally:
    """Rows that give events, events that are too old, and calls that end before they begin."""

    def __init__(self) -> None:
        self._speaking = 0
        self._last = ONCE
        self._late: dict[str, tuple[int, int]] = {}
        self._backwards = 0
        self._places: list[Place] = []

    def add(self, other: "Tally") -> None:
        """Take in what was counted over other rows."""
        self._speaking += other._speaking
        self._backwards += other._backwards
        self._places = [*self._places, *other._places][:SHOWN_ROWS]
        for kind, (count, oldest_ms) in other._late.items():
            known, known_ms = self._late.get(kind, (0, oldest_ms))
            self._late[kind] = (known + count, min(known_ms, oldest_ms))

    def speaks(self, place: Place) -> None:
        """Called for each event or refusal of a row, row by row."""
        if place.number and place != self._last:
            self._speaking += 1
            self._last = place

    def late(self, kind: str, time_ms: int) -> None:
        """An event is older than the deployment remembers its kind."""
        count, oldest_ms = self._late.get(kind, (0, time_ms))
        self._late[kind] = (count + 1, min(oldest_ms, time_ms))

    def backwards(self, place: Place) -> None:
        """A call ends before it begins."""
        self._backwards += 1
        if len(self._places) < SHOWN_ROWS:
            self._places.append(place)

    def findings(self, rows: int, now_ms: int) -> Iterator[Finding]:
        """What stands out of so many rows."""
        for kind, (count, oldest_ms) in sorted(self._late.items()):
            yield late_finding(kind, count, oldest_ms, now_ms)
        if self._backwards:
            places = ", ".join(map(str, self._places))
            line = f"calls that end before they began or were answered: {self._backwards:,} (rows {places})"
            yield Finding("backwards", self._backwards, line, Weight.DOUBT)
        if silent := rows - self._speaking:
            line = f"rows of which the map makes no event: {silent:,}{', which are all' if silent == rows else ''}"
            yield Finding("no_event", silent, line, Weight.DOUBT if silent == rows else Weight.NOTE)
