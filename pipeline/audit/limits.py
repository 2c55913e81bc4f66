"""Figures beyond the limits that the organisation set: whether an alert has to be open, or must not be, if certain."""

from datetime import date
from fractions import Fraction
from typing import NamedTuple

from pipeline.audit.alert_settings import ToldRules
from pipeline.audit.database import Database
from pipeline.audit.working_minutes import MINUTE_MS, Calendar, works, works_on

INTERVAL, HOUR = 15, 60
LATEST = 3
"""The last minutes, of each of which it may be that it was looked at last."""


class Share(NamedTuple):
    """A share by its measures, and whether it may not be above its limit, or not below."""

    above: str
    below: str
    left_out: str
    most: bool


SHARES = {
    "service_level": Share("answered_in_20s", "offered", "answered_untimed", most=False),
    "abandoned_calls": Share("abandoned", "offered", "", most=True),
}
GOAL, OVERDUE, WAIT = "goal_at_risk", "leads_overdue", "longest_wait"
UNASSIGNED = ("reps_unknown", "teams_unknown")
UNASSIGNED_HOME = "team:unassigned"
COUNTS = {"waiting_leads": "leads_waiting", "deals_stalled": "stalled", "stages_unknown": "unknown_stages"}


class Limits:
    """What was counted of each team in its last minutes, and stands open, after `alerts.sql`."""

    def __init__(self) -> None:
        self._minutes: dict[tuple[str, str, int], int] = {}
        self._standing: dict[tuple[str, str], int] = {}
        self._paces: dict[str, list[tuple[float, int, int]]] = {}
        self._unassigned: dict[tuple[str, int], int] = {}
        self._oldest: dict[str, tuple[int, int]] = {}
        self._callers: dict[str, list[int]] = {}

    @classmethod
    def of(cls, database: Database) -> "Limits":
        """Called after `alerts.sql`."""
        found = cls()
        for home, measure, minute, amount in database.rows("FROM minute_count"):
            found._minutes[home, measure, minute] = int(amount)
        for home, measure, amount in database.rows("FROM standing_count"):
            found._standing[home, measure] = int(amount)
        for home, share, worked_ms, work_ms in database.rows("FROM goal_share"):
            found._paces.setdefault(home, []).append((share, int(worked_ms), int(work_ms)))
        for kind, minute, amount in database.rows("FROM unassigned_minute"):
            found._unassigned[kind, minute] = int(amount)
        for home, created, today in database.rows("FROM oldest_lead"):
            found._oldest[home] = int(created), int(today)
        for home, called in database.rows("FROM waiting_caller"):
            found._callers.setdefault(home, []).append(int(called))
        return found

    def is_beyond(
        self, kind: str, home: str, rules: ToldRules, now_ms: int, hours: tuple[Calendar, str]
    ) -> bool | None:
        """Whether an alert has to be open (True) or must not be (False); None where either may be."""
        if kind in COUNTS:
            limit, count = rules.setting(home, kind, "limit_count"), self._standing.get((home, COUNTS[kind]), 0)
            return True if count > limit else False if count * 5 <= limit * 4 else None
        if kind == OVERDUE:
            return self._is_overdue(home, rules.setting(home, kind, "limit_days"), hours[0])
        if kind == GOAL:
            return self._is_behind(home, rules.setting(home, kind, "limit_percent") / 100)
        last = now_ms // MINUTE_MS
        minutes = range(last - LATEST + 1, last + 1)
        if kind == WAIT:
            limit = rules.setting(home, kind, "limit_seconds")
            found = {self._waits_beyond(home, limit, minute, hours) for minute in minutes}
        else:
            found = {self._share_beyond(kind, home, rules, minute, hours) for minute in minutes}
        return found.pop() if len(found) == 1 else None

    def is_unassigned(self, kind: str, home: str, rules: ToldRules, now_ms: int) -> bool | None:
        """The same of activities that no team can be given, whenever it was looked at in the last minutes."""
        if not told(kind, home, rules):
            return False
        limit, last = rules.setting(home, kind, "limit_count"), now_ms // MINUTE_MS
        counts = [
            sum(self._unassigned.get((kind, minute), 0) for minute in range(each - HOUR, each + 1))
            for each in range(last - LATEST + 1, last + 1)
        ]
        return True if min(counts) > limit else False if max(counts) * 5 <= limit * 4 else None

    def _is_overdue(self, home: str, limit: int, hours: Calendar) -> bool:
        """Whether more working days than the limit have begun after the day on which the oldest waiting lead came."""
        created, today = self._oldest.get(home, (0, 0))
        left = limit
        for day in range(max(created + 1, today - 365), today + 1):
            left -= works_on(hours, date.fromordinal(day))
        return left < 0

    def _waits_beyond(self, home: str, limit: int, minute: int, hours: tuple[Calendar, str]) -> bool | None:
        """Whether the first caller of the hour before a minute waits beyond the limit, and did at the minute before."""
        called = min((each for each in self._callers.get(home, []) if each // 60 >= minute - HOUR), default=minute * 60)
        if (minute * 60 - called) * 5 <= limit * 4:
            return False
        worked = all(works(*hours, each * MINUTE_MS) for each in (minute - 2, minute - 1))
        return True if worked and called + limit < (minute - 1) * 60 else None

    def _is_behind(self, home: str, limit: float) -> bool | None:
        """Whether a pace is below its limit at whichever of the last minutes it was looked at, or none is near it."""
        paces, slack_ms = self._paces.get(home, []), LATEST * MINUTE_MS
        told = [each for each in paces if each[1] >= 0.15 * each[2]]
        if all(share >= limit + 0.05 for share, _, _ in told):
            return False
        sure = [each for each in told if each[1] - slack_ms >= 0.15 * each[2]]
        highest = (share * worked_ms / (worked_ms - slack_ms) for share, worked_ms, _ in sure if worked_ms > slack_ms)
        return True if min(highest, default=limit) < limit else None

    def _share_beyond(
        self, kind: str, home: str, rules: ToldRules, minute: int, hours: tuple[Calendar, str]
    ) -> bool | None:
        limit = Fraction(rules.setting(home, kind, "limit_percent"), 100)
        least = rules.setting(home, kind, "least_count") or 5
        before, after = (self._interval(home, SHARES[kind], minute - back) for back in (INTERVAL, 0))
        if after[1] <= 0 or self._past(kind, after, limit) <= Fraction(-5, 100):
            return False
        worked = all(works(*hours, each * MINUTE_MS) for each in range(minute - 2 * INTERVAL, minute))
        both = all(each[1] >= least and self._past(kind, each, limit) > 0 for each in (before, after))
        return True if worked and both else None

    @staticmethod
    def _past(kind: str, interval: tuple[int, int], limit: Fraction) -> Fraction:
        over = Fraction(*interval) - limit
        return over if SHARES[kind].most else -over

    def _interval(self, home: str, share: Share, end: int) -> tuple[int, int]:
        def count(measure: str) -> int:
            return sum(self._minutes.get((home, measure, minute), 0) for minute in range(end - INTERVAL, end))

        return count(share.above), count(share.below) - count(share.left_out)


def told(kind: str, home: str, rules: ToldRules) -> bool:
    """Whether a rule of a figure is asked of a team: it is on, and somebody set its limit."""
    others = {OVERDUE: "limit_days", WAIT: "limit_seconds"}
    needed = "limit_count" if kind in (*COUNTS, *UNASSIGNED) else others.get(kind, "limit_percent")
    return rules.is_on(home, kind) and rules.setting(home, kind, needed) is not None
