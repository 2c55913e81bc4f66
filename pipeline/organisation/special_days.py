"""Special days: local days on which a team is closed, or open for some hours only."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pipeline.organisation.clock_times import DAY_MINUTES, interval
from pipeline.organisation.overlay import Groups

Record = Mapping[str, Any]
EVERY_TEAM = ""


class Opening(NamedTuple):
    """From which minute of a local day on, and up to which, work may be done; what ends on the next day counts on."""

    from_minute: int
    until_minute: int

    def cut(self, hours: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        """What is left of working hours."""
        kept = ((max(start, self.from_minute), min(end, self.until_minute)) for start, end in hours)
        return tuple(each for each in kept if each[0] < each[1])


CLOSED = Opening(0, 0)


def opening(record: Record) -> Opening:
    """What a record of a special day says: closed where it names neither time."""
    begins, ends = record.get("open_from"), record.get("open_until")
    if begins is None and ends is None:
        return CLOSED
    if ends is None:
        return Opening(interval(begins or "", begins or "")[0], 2 * DAY_MINUTES)
    return Opening(*interval("00:00" if begins is None else begins, ends))


def says_something(record: Record | None) -> bool:
    """Whether a record names a day, and an opening of some length where two events told its times."""
    if record is None or record.get("day") is None:
        return False
    return record.get("open_until") != (record.get("open_from") or "00:00")


class SpecialDays:
    """The special days of one team by local day. Hashed once: working time is looked up by it."""

    __slots__ = ("_by_day", "_hash")

    def __init__(self, by_day: Mapping[int, Opening]) -> None:
        self._by_day = dict(by_day)
        self._hash = hash(frozenset(self._by_day.items()))

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, SpecialDays) and self._by_day == other._by_day)

    def __hash__(self) -> int:
        return self._hash

    def on(self, day: int) -> Opening | None:
        """When work may be done on a local day; None on a day like all others."""
        return self._by_day.get(day)


NO_SPECIAL_DAYS = SpecialDays({})


class SpecialDayBook:
    """The special days that were told, by team. A team without any costs nothing."""

    def __init__(self, told: Groups[str, Record] | None = None) -> None:
        self._told: Groups[str, Record] = told or Groups()

    def over(self) -> "SpecialDayBook":
        """A book that begins as this one is, and changes without it."""
        return SpecialDayBook(self._told.over())

    def put(self, name: str, old: Record | None, new: Record | None) -> None:
        """Take in the present record of `special_day:<name>` in place of the former one; None where there is none."""
        if says_something(old):
            self._told.take(_whose(old), name)
        if new is not None and says_something(new):
            self._told.put(_whose(new), name, dict(new))

    def of(self, team: str) -> SpecialDays:
        """The special days of a team: its own before those of all teams, then that of the greater id."""
        found: dict[int, Opening] = {}
        for whose in (EVERY_TEAM, team):
            for _, record in sorted(self._told.of(whose).items()):
                found[record["day"]] = opening(record)
        return SpecialDays(found) if found else NO_SPECIAL_DAYS


def _whose(record: Record | None) -> str:
    return (record or {}).get("team_id") or EVERY_TEAM
