"""How long a team or a rep of it has been without activity: the silence that several rules look at."""

from pipeline.alerts.silence import Silence, silence
from pipeline.alerts.watched_team import WatchedTeam
from pipeline.organisation.days import MINUTE_MS


def rep_silence(team: WatchedTeam, scope: str, limit_minutes: int) -> Silence | None:
    """That of a rep; None where it is shorter than the limit, or nobody works."""
    active_ms = team.last_activity_ms(scope)
    if active_ms is not None and active_ms > team.judged_ms - limit_minutes * MINUTE_MS:
        return None  # Of nearly everybody nothing else has to be asked.
    joined_ms = team.joined_ms(scope.removeprefix("rep:").partition("@")[0])
    return silence(team.working, team.judged_ms, limit_minutes, active_ms, joined_ms, team.heard_ms)


def team_silence(team: WatchedTeam, limit_minutes: int) -> Silence | None:
    """That of the whole team, once anybody has been at work for so long."""
    active_ms = team.last_activity_ms(team.home.name)
    if active_ms is not None and active_ms > team.judged_ms - limit_minutes * MINUTE_MS:
        return None
    signs = active_ms, team.manned_ms, team.heard_ms
    return silence(team.working, team.judged_ms, limit_minutes, *signs)
