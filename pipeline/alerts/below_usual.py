"""The rule of who does far less than usual: the last working hour beside the same hour of the weekday's last days.

How few are far less is said in basis points: so many in ten thousand hours are as low by chance. Of a team of which
some are absent so much less is usual as they are of its reps.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.alerts.lower_tail import is_below
from pipeline.alerts.rule import LooksBack, Reason, TeamRule
from pipeline.alerts.watched_team import WatchedTeam
from pipeline.measures import ACTIVITIES
from pipeline.organisation.days import HOUR_MS
from pipeline.scores.activity_hours import KEPT_DAYS, QUARTER_MS
from pipeline.scores.usual import spread_of
from pipeline.scores.usual_days import usual_counts

LIMIT = 10
"""In basis points, where nobody says otherwise: one hour in a thousand is as low by chance."""
MOST_LOOKED = 8
"""So many hours of a scope are remembered: two of now, and one of another quarter-hour or two."""
AGAIN = 10
"""Of an hour that is not among so many times as many it is over: of one in a hundred."""


class Hour(NamedTuple):
    """A working hour: the activities in it, and those in the same hours of the days that it is usual by.

    It begins at `since_ms`, with more than an hour to its end where a break lies in it.
    """

    seen: int
    usual: Sequence[int]
    since_ms: int = 0


class _Looked(NamedTuple):
    """An hour, and whether it is far below the usual: as long as no activity changes it is looked at once."""

    hour: Hour
    low: bool


def opens(hours: Sequence[Hour], limit: int = LIMIT) -> bool:
    """Whether each of the working hours that ended with the last two quarter-hours was far below the usual."""
    return len(hours) >= 2 and all(_is_below(hour, limit) for hour in hours[-2:])


def closes(last: Hour, limit: int = LIMIT) -> bool:
    """Whether the last working hour is no longer below the usual; of one of which nothing is usual nobody knows."""
    return spread_of(last.usual) is not None and not _is_below(last, AGAIN * limit)


def _is_below(hour: Hour, basis_points: int) -> bool:
    spread = spread_of(hour.usual)
    return spread is not None and is_below(spread, hour.seen, basis_points / 10_000)


def _limit(team: WatchedTeam) -> int:
    """As the team says, or else by default. Asked once a minute."""
    found = team.formed.get("limit of hours")
    if found is None:
        told = team.setting("below_usual", "limit_basis_points")
        found = team.formed["limit of hours"] = LIMIT if told is None else told
    assert isinstance(found, int)
    return found


def _subjects(team: WatchedTeam) -> Iterable[str]:
    return team.scopes


def _opens(team: WatchedTeam, scope: str) -> Reason | None:
    end_ms = _last_quarter_ms(team)
    last = _hour(team, scope, end_ms)
    if last is None or not last.low:  # Of nearly everybody no other hour has to be looked at.
        return None
    before = _hour(team, scope, end_ms - QUARTER_MS)
    if before is None or not opens([before.hour, last.hour], _limit(team)):
        return None
    spread = spread_of(last.hour.usual)
    assert spread is not None
    return Reason(last.hour.since_ms, last.hour.seen, spread.median, ACTIVITIES)


def _closes(team: WatchedTeam, scope: str, reason: Reason) -> bool:
    """A day is judged by itself: what was wrong yesterday is over."""
    if reason.since_ms < team.midnight_ms:
        return True
    last = _hour(team, scope, _last_quarter_ms(team))
    return last is not None and closes(last.hour, _limit(team))


def _last_quarter_ms(team: WatchedTeam) -> int:
    return team.judged_ms - team.judged_ms % QUARTER_MS


def _hour(team: WatchedTeam, scope: str, end_ms: int) -> _Looked | None:
    """The hour of today's working time before an instant; None of one that no feed, or the rep, was there for whole."""
    known, since_ms = team.home.scopes.get(scope), _begun_ms(team, end_ms)
    if known is None or since_ms is None or (known.rep and since_ms < (team.joined_ms(known.rep) or 0)):
        return None
    here, members = (1, 1) if known.rep else (len(team.reps), team.members)
    limit = _limit(team)
    looked, place = known.looked, (since_ms, end_ms, known.home.today, here, members, limit)
    found = looked.get(place) if looked else None
    if found is None:
        first_minute = team.board.first_minute
        seen = known.activities(since_ms, end_ms, first_minute)
        usual = usual_counts(known, since_ms, end_ms, first_minute)
        hour = Hour(seen, [count * here // members for count in usual], since_ms)
        found = _Looked(hour, _is_below(hour, limit))
        if looked is None or len(looked) >= MOST_LOOKED:
            looked = known.looked = {}
        looked[place] = found
    return found


def _begun_ms(team: WatchedTeam, end_ms: int) -> int | None:
    """When the hour of an instant began for the whole team; None where a feed was missed in it. Once a minute."""
    place = f"hour to {end_ms}"
    if place not in team.formed:
        since_ms = team.working.back(end_ms, HOUR_MS)
        whole = since_ms is not None and since_ms >= max(team.midnight_ms, team.heard_ms)
        team.formed[place] = since_ms if whole else None
    found = team.formed[place]
    assert found is None or isinstance(found, int)
    return found


BELOW_USUAL = TeamRule(
    "below_usual", "far below the usual", "activities", _subjects, _opens, _closes,
    looks_back=LooksBack(days=KEPT_DAYS + 1), version=2,
)  # fmt: skip
