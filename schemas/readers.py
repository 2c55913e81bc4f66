"""How single values of an event are read: each kind of value by a memo of what was read before."""

import re
from collections.abc import Callable
from typing import Any

from pydantic import StringConstraints

from schemas.types import instant_ms

REMEMBERED = 4096
"""So many values are remembered by a memo by default, then it begins anew."""
MINUTE_MS = 60_000
DAY_MS = 86_400_000
EXACT_CHARS = len("2026-11-23T10:15:34.123Z")
"""No part is remembered of a time that is told finer than it is read: such fractions hardly repeat."""

Read = Callable[[Any], Any]


class Memo(dict[Any, Any]):
    """What a value given becomes: `memo[given]`. Null stays null; ValueError for what is none of its kind.

    People, stages, sources and times repeat, and a value known is read for the price of a look-up.
    """

    def __init__(self, read: Read, most: int = REMEMBERED) -> None:
        super().__init__()
        self._read = read
        self._most = most

    def __missing__(self, given: Any) -> Any:
        if len(self) >= self._most:
            self.clear()
        found = self[given] = None if given is None else self._read(given)
        return found


def matching(constraint: StringConstraints) -> Read:
    """Reads a string that keeps to a constraint: the string itself."""
    fits = re.compile(str(constraint.pattern or "(?s:.*)")).fullmatch
    least, most = constraint.min_length or 0, constraint.max_length

    def read(given: str) -> str:
        if not fits(given) or len(given) < least or (most is not None and len(given) > most):
            raise ValueError("not of its form")
        return given

    return read


class Instants(Memo):
    """Reads RFC 3339 times, epoch milliseconds.

    A time in UTC is read in four parts that repeat, `2026-11-23T`, `10:15:`, `34.` and `.123Z`. The last two share a
    character, so that valid parts always make a valid time.
    """

    def __init__(self) -> None:
        super().__init__(self._parsed)
        self._days: dict[str, int] = {}
        self._minutes: dict[str, int] = {}
        self._seconds: dict[str, int] = {}
        self._fractions: dict[str, int] = {}

    def __missing__(self, given: Any) -> Any:
        if given is None:
            return None
        day, minute = self._days.get(given[:11]), self._minutes.get(given[11:17])
        second, fraction = self._seconds.get(given[17:20]), self._fractions.get(given[19:])
        if day is None or minute is None or second is None or fraction is None:
            return super().__missing__(given)
        if len(self) >= REMEMBERED:
            self.clear()
        found = self[given] = day + minute + second + fraction
        return found

    def _parsed(self, given: str) -> int:
        at_ms = instant_ms(given)
        if len(given) <= EXACT_CHARS and given[16:17] == ":" and given[19:20] in (".", "Z") and given[-1] == "Z":
            self._learn(self._days, given[:11], at_ms // DAY_MS * DAY_MS)
            self._learn(self._minutes, given[11:17], at_ms % DAY_MS // MINUTE_MS * MINUTE_MS)
            self._learn(self._seconds, given[17:20], at_ms % MINUTE_MS // 1000 * 1000)
            self._learn(self._fractions, given[19:], at_ms % 1000)
        return at_ms

    def _learn(self, parts: dict[str, int], text: str, part_ms: int) -> None:
        if len(parts) >= REMEMBERED:
            parts.clear()
        parts[text] = part_ms
