"""Rules that hold a figure of a team against a limit of the organisation's. None of them opens where nobody set one.

A share is looked at in two intervals, one after the other: both have to be beyond the limit, of so many at least, in
working hours as a whole. What stands open is looked at as it stands. An alert closes only once the figure is back by
some way, so that one that wavers about its limit is told once.
"""

from collections.abc import Iterable

from pipeline.alerts.rule import LooksBack, Reason, TeamRule, is_back, the_team
from pipeline.alerts.watched_team import WatchedTeam
from pipeline.organisation.days import MINUTE_MS
from pipeline.scores.by_day import as_of_today
from pipeline.scores.cold_panes import Measures, sum_of
from pipeline.scores.kpi import Kpi
from pipeline.scores.kpis import BY_NAME
from schemas.alerts import Kind

INTERVAL_MINUTES = 15
WINDOW = "15m"
LEAST_COUNT = 5
"""Of so many in each interval a share says something, where the organisation says no other number."""
BACK_POINTS = 5
"""So many percentage points within its limit a share is back."""


def share_limit(kind: Kind, words: str, name: str) -> TeamRule:
    """A rule that a share of the last interval, and of that before, is within `limit_percent`."""
    kpi = BY_NAME[name]

    def opens(team: WatchedTeam, _: str) -> Reason | None:
        minute = team.judged_ms // MINUTE_MS
        limit, least = team.setting(kind, "limit_percent"), team.setting(kind, "least_count") or LEAST_COUNT

        def beyond(end: int) -> tuple[int, int] | None:
            above, below = _share(kpi, _interval(team, end))
            return (above, below) if below >= least and _beyond_points(kpi, above, below, limit) > 0 else None

        if (last := beyond(minute)) is None or beyond(minute - INTERVAL_MINUTES) is None:
            return None
        since_ms = (minute - 2 * INTERVAL_MINUTES) * MINUTE_MS
        if team.working.between_ms(since_ms, minute * MINUTE_MS) < 2 * INTERVAL_MINUTES * MINUTE_MS:
            return None
        above, below = last
        return Reason(since_ms, above / below, limit / 100, kpi.name, WINDOW)

    def closes(team: WatchedTeam, _: str, __: Reason) -> bool:
        above, below = _share(kpi, _interval(team, team.judged_ms // MINUTE_MS))
        limit: int = team.setting(kind, "limit_percent")
        return below <= 0 or _beyond_points(kpi, above, below, limit) <= -BACK_POINTS * below

    return TeamRule(
        kind, words, "ratio", the_team, opens, closes, needs="limit_percent", limits=name, looks_back=LooksBack()
    )


def count_limit(kind: Kind, words: str, name: str) -> TeamRule:
    """A rule that no more than `limit_count` of something stand open, since whenever."""
    kpi = BY_NAME[name]

    def opens(team: WatchedTeam, _: str) -> Reason | None:
        limit, count = team.setting(kind, "limit_count"), _standing(team, kpi)
        return Reason(team.judged_ms, count, limit, kpi.name, "now") if count > limit else None

    def closes(team: WatchedTeam, _: str, __: Reason) -> bool:
        limit: int = team.setting(kind, "limit_count")
        return is_back(_standing(team, kpi), limit)

    return TeamRule(kind, words, "count", the_team, opens, closes, needs="limit_count", limits=name, looks_back=None)


def _interval(team: WatchedTeam, end: int) -> Measures:
    """The measures of the full minutes before one."""
    minutes = team.home.total.minutes
    return sum_of(minutes[minute] for minute in range(end - INTERVAL_MINUTES, end) if minute in minutes)


def _share(kpi: Kpi, measures: Measures) -> tuple[int, int]:
    """What a share is the quotient of."""
    below = _sum(kpi.denominator, measures) - _sum(kpi.left_out, measures)
    return _sum(kpi.numerator, measures), below


def _sum(names: Iterable[str], measures: Measures) -> int:
    return sum(measures.get(name, 0) for name in names)


def _beyond_points(kpi: Kpi, above: int, below: int, limit: int) -> int:
    """By how many percentage points a share is beyond its limit, times `below`; below 0 where it is within."""
    over = above * 100 - limit * below
    return -over if kpi.better == "up" else over


def _standing(team: WatchedTeam, kpi: Kpi) -> int:
    home, board = team.home, team.board
    up_to = home.stalled_up_to(board.calendar, board.policy.stalled_days)
    standing = as_of_today(home.total.all_standing(), home.today, up_to)
    return _sum(kpi.numerator, standing)
