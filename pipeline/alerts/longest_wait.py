"""The rule of callers who wait too long: the first of those who wait now is beyond the limit, and was a minute ago.

That follows from when the caller called, so nothing has to be remembered of the minute before.
"""

from pipeline.alerts.rule import LooksBack, Reason, TeamRule, is_back, the_team
from pipeline.alerts.watched_team import WatchedTeam
from pipeline.organisation.days import MINUTE_MS
from pipeline.scores.waiting import first_waiting
from schemas.alerts import Kind

KIND: Kind = "longest_wait"
INTERVALS_MS = 2 * MINUTE_MS
"""The last two full minutes: at the end of each of them the caller is beyond the limit, and both are working time."""


def is_beyond(waited_seconds: int, limit_seconds: int) -> bool:
    """Whether a caller who has waited so long was beyond a limit at the end of the minute before too."""
    return waited_seconds - MINUTE_MS // 1000 > limit_seconds


def _first_second(team: WatchedTeam) -> int | None:
    return first_waiting(team.home.total, team.board.minute)


def _judged_second(team: WatchedTeam) -> int:
    return team.judged_ms // MINUTE_MS * MINUTE_MS // 1000


def _opens(team: WatchedTeam, _: str) -> Reason | None:
    limit: int = team.setting(KIND, "limit_seconds")
    first, judged = _first_second(team), _judged_second(team)
    if first is None or not is_beyond(judged - first, limit):
        return None
    if team.working.between_ms(judged * 1000 - INTERVALS_MS, judged * 1000) < INTERVALS_MS:
        return None
    return Reason(first * 1000, judged - first, limit, "callers_waiting", "now")


def _closes(team: WatchedTeam, _: str, __: Reason) -> bool:
    first = _first_second(team)
    waited = None if first is None else _judged_second(team) - first
    return waited is None or is_back(waited, team.setting(KIND, "limit_seconds"))


LONGEST_WAIT = TeamRule(
    KIND, "a caller waits too long", "seconds", the_team, _opens, _closes, needs="limit_seconds",
    looks_back=LooksBack(),
)  # fmt: skip
