"""Activities by the quarter-hour, for eight weeks: what is usual at an hour of a weekday follows from them.

Quarter-hours are counted from 1970 in UTC, so no change of a zone moves any: hours of the day are cut out of them when
they are read. Every zone of now keeps to whole quarter-hours.
"""

import msgspec

from schemas.integers import encoded, read_extension

QUARTER_MINUTES = 15
QUARTER_MS = QUARTER_MINUTES * 60_000
WEEKS = 8
"""So many days of a weekday before today are looked at."""
KEPT_DAYS = 7 * WEEKS + 2
"""So many days in UTC before the present one hold those local days everywhere."""
_DAY = 96

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict, ext_hook=read_extension, strict=False).decode


def quarter_of(at_ms: int) -> int:
    """The quarter-hour of an instant."""
    return at_ms // QUARTER_MS


def utc_days(first: int, end: int) -> range:
    """The days, counted from 1970 in UTC, of the quarter-hours from one until before another."""
    return range(first // _DAY, (end - 1) // _DAY + 1) if end > first else range(0)


class ActivityHours:
    """The history of one scope. `days` are its days in UTC, counted from 1970: counts by quarter-hour, packed.

    A day on which nothing is left stays until it expires, as panes do.
    """

    __slots__ = ("days",)

    def __init__(self) -> None:
        self.days: dict[int, bytes] = {}

    def add(self, minute: int, count: int) -> int:
        """Add a signed count to the quarter-hour of a minute since 1970; returns the day that changed."""
        day, at = divmod(minute // QUARTER_MINUTES, _DAY)
        return self._merge(day, {at: count})

    def add_day(self, day: int, packed: bytes) -> None:
        """Add a day of another scope."""
        if day in self.days:
            self._merge(day, _decode(packed))
        else:
            self.days[day] = packed

    def between(self, first: int, end: int) -> int:
        """How many activities there were from one quarter-hour until before another."""
        total = 0
        for day in utc_days(first, end):
            if packed := self.days.get(day):
                start = day * _DAY
                total += sum(count for at, count in _decode(packed).items() if first <= start + at < end)
        return total

    def _merge(self, day: int, counts: dict[int, int]) -> int:
        packed = self.days.get(day)
        held = _decode(packed) if packed else {}
        for at, count in counts.items():
            if total := held.get(at, 0) + count:
                held[at] = total
            else:
                held.pop(at, None)
        self.days[day] = encoded(_encode, held)
        return day
