"""The rule of a team of which everybody is silent."""

from collections.abc import Iterable

from pipeline.alerts.quiet import team_silence
from pipeline.alerts.rule import LooksBack, Reason, TeamRule
from pipeline.alerts.watched_team import WatchedTeam


def _subjects(team: WatchedTeam) -> Iterable[str]:
    return [team.home.name] if team.reps else []


def _opens(team: WatchedTeam, _: str) -> Reason | None:
    found = team_silence(team, team.silence_limit("silent_team"))
    return Reason(*found) if found else None


SILENT_TEAM = TeamRule(
    "silent_team", "whole team silent", "working_minutes", _subjects, _opens, ends_with_activity="team",
    looks_back=LooksBack(silence=True),
)  # fmt: skip
