"""The rule of a goal that will not be reached at this pace: less was reached than is due by now, by working time."""

from collections.abc import Iterator
from typing import NamedTuple

from pipeline.alerts.rule import Reason, TeamRule, the_team
from pipeline.alerts.watched_team import WatchedTeam
from pipeline.organisation.days import MINUTE_MS
from pipeline.scores.goal_periods import current_period
from pipeline.scores.goals import PROJECTED_FROM_PERCENT, pace
from schemas.alerts import Kind

KIND: Kind = "goal_at_risk"
BACK_POINTS = 5
"""So many percentage points within its limit a pace is back."""


class Pace(NamedTuple):
    """What a team reached of one target, as a share of what is due by now; in which window, and when that began."""

    share: float
    window: str
    start_ms: int


def _paces(team: WatchedTeam) -> Iterator[Pace]:
    """Of every target of a current period of which enough working time has passed to say something."""
    home = team.home
    for number, window in enumerate(home.current):
        if (window.kind, window.first_day) in home.goals:
            period = current_period(home, team.board.calendar, number, team.judged_ms // MINUTE_MS)
            told = pace(home.total.of_days(number, home.today, home.current), {}, period)
            if (told["elapsed"] or 0) * 100 >= PROJECTED_FROM_PERCENT:
                shares = (goal["value"] for goal in told["goals"].values() if goal["value"] is not None)
                yield from (Pace(share, window.id, home.spans[number][0]) for share in shares)


def _opens(team: WatchedTeam, _: str) -> Reason | None:
    limit: int = team.setting(KIND, "limit_percent")
    worst = min(_paces(team), default=None)
    if worst is None or worst.share >= limit / 100:
        return None
    return Reason(worst.start_ms, worst.share, limit / 100, "goal_pace", worst.window)


def _closes(team: WatchedTeam, _: str, __: Reason) -> bool:
    limit: int = team.setting(KIND, "limit_percent")
    return all(each.share >= (limit + BACK_POINTS) / 100 for each in _paces(team))


def _lapses(team: WatchedTeam, reason: Reason) -> bool:
    """A goal that was missed did not recover: its period is over, and nothing can be done about it any more."""
    return all(window.id != reason.window for window in team.home.current)


GOAL_AT_RISK = TeamRule(
    KIND, "behind the pace of a goal", "ratio", the_team, _opens, _closes, _lapses, needs="limit_percent",
    looks_back=None,
)  # fmt: skip
