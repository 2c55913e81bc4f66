"""The rule of who does far less than usual: the last working hour beside the same hour of the weekday's last days."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.alerts.lower_tail import is_below
from pipeline.alerts.rule import Reason, TeamRule
from pipeline.alerts.watched_team import WatchedTeam
from pipeline.measures import ACTIVITIES
from pipeline.organisation.days import HOUR_MS
from pipeline.scores.activity_hours import QUARTER_MS
from pipeline.scores.usual import spread_of
from pipeline.scores.usual_days import usual_counts

SHARE = 0.001
"""One hour in a thousand is as low by chance."""
SHARE_AGAIN = 0.01
"""Of an hour that is not among one in a hundred it is over."""


class Hour(NamedTuple):
    """A working hour: the activities in it, and those in the same hours of the days that it is usual by.

    It begins at `since_ms`, with more than an hour to its end where a break lies in it.
    """

    seen: int
    usual: Sequence[int]
    since_ms: int = 0


def opens(hours: Sequence[Hour]) -> bool:
    """Whether each of the working hours that ended with the last two quarter-hours was far below the usual."""
    return len(hours) >= 2 and all(_is_below(hour, SHARE) for hour in hours[-2:])


def closes(last: Hour) -> bool:
    """Whether the last working hour is no longer below the usual; of one of which nothing is usual nobody knows."""
    return spread_of(last.usual) is not None and not _is_below(last, SHARE_AGAIN)


def _is_below(hour: Hour, share: float) -> bool:
    spread = spread_of(hour.usual)
    return spread is not None and is_below(spread, hour.seen, share)


def _subjects(team: WatchedTeam) -> Iterable[str]:
    return team.scopes


def _opens(team: WatchedTeam, scope: str) -> Reason | None:
    end_ms = _last_quarter_ms(team)
    last = _hour(team, scope, end_ms)
    if last is None or not _is_below(last, SHARE):  # Of nearly everybody no other hour has to be looked at.
        return None
    before = _hour(team, scope, end_ms - QUARTER_MS)
    if before is None or not opens([before, last]):
        return None
    spread = spread_of(last.usual)
    assert spread is not None
    return Reason(last.since_ms, last.seen, spread.median, ACTIVITIES)


def _closes(team: WatchedTeam, scope: str, reason: Reason) -> bool:
    """A day is judged by itself: what was wrong yesterday is over."""
    if reason.since_ms < team.midnight_ms:
        return True
    last = _hour(team, scope, _last_quarter_ms(team))
    return last is not None and closes(last)


def _last_quarter_ms(team: WatchedTeam) -> int:
    return team.judged_ms - team.judged_ms % QUARTER_MS


def _hour(team: WatchedTeam, scope: str, end_ms: int) -> Hour | None:
    """The hour of today's working time before an instant; None of one that no feed, or the rep, was there for whole."""
    known, since_ms = team.home.scopes.get(scope), team.working.back(end_ms, HOUR_MS)
    joined_ms = team.joined_ms(known.rep) if known and known.rep else None
    if known is None or since_ms is None or since_ms < max(team.midnight_ms, team.heard_ms, joined_ms or 0):
        return None
    first_minute = team.board.first_minute
    seen = known.activities(since_ms, end_ms, first_minute)
    return Hour(seen, usual_counts(known, since_ms, end_ms, first_minute), since_ms)


BELOW_USUAL = TeamRule("below_usual", "far below the usual", "activities", _subjects, _opens, _closes)
