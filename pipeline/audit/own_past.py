"""Whether a team fell below its own past, or something no longer comes: the audit's own reading, as far as it is sure.

Shares are judged by the logarithms of numbers of ways, days and minutes are counted one by one.
"""

import math
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from pipeline.audit.below import midnight_ms
from pipeline.audit.database import Database
from pipeline.audit.working_minutes import MINUTE_MS, Calendar, works, works_on

SHARES = {"win_rate_dropped": "won", "conversion_dropped": "onward"}
STALLS, ZERO = "prospects_stall", "sudden_zero"
KINDS = (*SHARES, STALLS, ZERO)
ASKED_MINUTES = {**dict.fromkeys((*SHARES, STALLS), 62), ZERO: 2}
"""By rule: within so many minutes each team is looked at."""
OPENS_AT, CLOSES_ABOVE = 0.001, 0.01
CLOSE = 1e-6
OPENS_FROM, CLOSES_BELOW = 5.0, 3.0
LOOKED_AT = (
    "calls", "connected", "emails", "meetings_set", "meetings_held", "offered", "leads_created", "deals_created", "won"
)  # fmt: skip
LATEST = 3
LONGEST_DAYS = 208
DAY_MINUTES = 1440

Four = tuple[int, int, int, int]
"""So many of all of late, and of those before."""


class OwnPast:
    """What was counted of each team on the days before today and in its last minutes, after `alerts.sql`."""

    def __init__(self) -> None:
        self._shares: dict[tuple[str, str], list[Four]] = {}
        self._away: dict[str, float] = {}
        self._days: dict[tuple[str, str], dict[int, int]] = {}
        self._minutes: dict[tuple[str, str], list[tuple[int, int]]] = {}
        self._today: dict[str, tuple[int, int]] = {}
        self._told_ms: dict[str, int] = {}
        self._first_day: dict[str, int] = {}

    @classmethod
    def of(cls, database: Database) -> "OwnPast":
        """Called after `alerts.sql`."""
        found = cls()
        for home, measure, *four in database.rows("SELECT home, measure, a, b, c, d FROM own_share"):
            found._shares.setdefault((home, measure), []).append((four[0], four[1], four[2], four[3]))
        found._away = dict(database.rows("SELECT home, away FROM stalled_stage WHERE scope = home"))
        for home, measure, day, count in database.rows("FROM own_day"):
            found._days.setdefault((home, measure), {})[day] = int(count)
        for home, measure, minute, count in database.rows("FROM own_minute"):
            found._minutes.setdefault((home, measure), []).append((minute, int(count)))
        found._today = {home: (today, minute) for home, today, minute in database.rows("FROM own_today")}
        ((deals_ms, any_ms),) = database.rows("FROM own_told")
        found._first_day = dict(database.rows("SELECT family, first_day FROM coverage"))
        found._told_ms = dict.fromkeys((*SHARES, STALLS), deals_ms or 0) | {ZERO: any_ms or 0}
        return found

    def is_wrong(self, kind: str, home: str, hours: Calendar, zone: str, now_ms: int) -> bool | None:
        """Whether an alert has to be open (True) or must not be (False); None where either may be.

        It is sure of what was so all the time in which a team was looked at last, and of days that the logs still hold.
        """
        asked_ms = now_ms - ASKED_MINUTES[kind] * MINUTE_MS
        worked = all(works(hours, zone, at_ms) for at_ms in range(now_ms, asked_ms - 1, -MINUTE_MS))
        if self._told_ms[kind] > asked_ms or not worked or asked_ms < midnight_ms(zone, now_ms):
            return None
        today = self._today.get(home, (0, 0))[0]
        if kind != ZERO and today - LONGEST_DAYS < max(self._first_day[each] for each in ("deals", "stage_exits")):
            return None
        return self._is_so(kind, home, hours)

    def _is_so(self, kind: str, home: str, hours: Calendar) -> bool | None:
        if kind == ZERO:
            return self._is_missing(home, hours)
        if kind == STALLS:
            away = self._away.get(home) or 0.0
            return True if away > OPENS_FROM * (1 + CLOSE) else False if away < CLOSES_BELOW * (1 - CLOSE) else None
        shares = self._shares.get((home, SHARES[kind]), [])
        if any(_fell(four, OPENS_AT * (1 - CLOSE)) for four in shares):
            return True
        return None if any(_fell(four, CLOSES_ABOVE * (1 + CLOSE)) for four in shares) else False

    def _is_missing(self, home: str, hours: Calendar) -> bool | None:
        today, minute = self._today.get(home, (0, 0))
        states = [self._is_zero(home, measure, hours, today, minute) for measure in LOOKED_AT]
        return True if True in states else None if None in states else False

    def _is_zero(self, home: str, measure: str, hours: Calendar, today: int, minute: int) -> bool | None:
        came = self._minutes.get((home, measure), [])
        spans = _of_a_day(came, minute)
        if min(spans) > 0:
            return False
        days = list(self._worked(home, measure, hours, today))
        if len(days) >= 10 and not any(count for count, _ in days[:10]):
            return False
        without = next((number for number, (count, _) in enumerate(days) if count), len(days))
        usual = days[without : without + 10]
        if max(spans) > 0 or without > 3 or len(usual) < 10 or not all(count for count, _ in usual):
            return None
        work = self._minutes.get((home, "activities"), [])
        done = min(_of_a_day(work, minute))
        return True if all(Fraction(count * done, of) >= 7 for count, of in usual) else None

    def _worked(self, home: str, measure: str, hours: Calendar, today: int) -> Iterator[tuple[int, int]]:
        """How often it came, of how many activities, on the team's working days that had any, the latest first."""
        came, work = self._days.get((home, measure), {}), self._days.get((home, "activities"), {})
        for day in range(today, max(today - 60, self._first_day["activities"]) - 1, -1):
            if work.get(day, 0) > 0 and works_on(hours, date.fromordinal(day)):
                yield came.get(day, 0), work[day]


def _of_a_day(counts: list[tuple[int, int]], minute: int) -> list[int]:
    """How many there were within a day, at each of the last minutes in which it may have been looked at."""
    ends = range(minute - LATEST + 1, minute + 1)
    return [sum(n for at, n in counts if end - DAY_MINUTES <= at <= end) for end in ends]


def _fell(four: Four, chance: float) -> bool:
    """Whether so few of late are no more likely than a chance, of 20 of late and 60 before at least."""
    some, every, some_before, every_before = four
    if every < 20 or every_before < 60 or some * every_before >= some_before * every:
        return False
    have, lack = some + some_before, every + every_before - some - some_before
    all_ways = _ways(have + lack, every)
    least = max(0, every - lack)
    terms = (math.exp(_ways(have, n) + _ways(lack, every - n) - all_ways) for n in range(least, some + 1))
    return math.fsum(terms) <= chance


def _ways(of: int, taken: int) -> float:
    """The logarithm of how many ways there are to take so many of some."""
    return math.lgamma(of + 1) - math.lgamma(taken + 1) - math.lgamma(of - taken + 1)
