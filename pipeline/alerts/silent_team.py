"""The rule of a team of which everybody is silent."""

from collections.abc import Iterable

from pipeline.alerts.rule import Reason, TeamRule
from pipeline.alerts.silence import silence
from pipeline.alerts.watched_team import WatchedTeam


def _subjects(team: WatchedTeam) -> Iterable[str]:
    return [team.home.name] if team.reps else []


def _opens(team: WatchedTeam, scope: str) -> Reason | None:
    signs = team.last_activity_ms(scope), team.manned_ms, team.heard_ms
    found = silence(team.working, team.judged_ms, team.silence_limit("silent_team"), *signs)
    return Reason(*found) if found else None


SILENT_TEAM = TeamRule(
    "silent_team", "whole team silent", "working_minutes", _subjects, _opens, ends_with_activity="team"
)
