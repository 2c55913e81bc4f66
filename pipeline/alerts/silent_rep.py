"""The rule of a rep who is silent: no activity for too long in working hours."""

from collections.abc import Iterable

from pipeline.alerts.quiet import rep_silence
from pipeline.alerts.rule import LooksBack, Reason, TeamRule
from pipeline.alerts.silent_reps import SILENT_REPS, is_many
from pipeline.alerts.watched_team import WatchedTeam


def _subjects(team: WatchedTeam) -> Iterable[str]:
    return team.scopes[1:]


def _opens(team: WatchedTeam, scope: str) -> Reason | None:
    found = rep_silence(team, scope, team.silence_limit("silent_rep"))
    return Reason(*found) if found else None


SILENT_REP = TeamRule(
    "silent_rep",
    "silent",
    "working_minutes",
    _subjects,
    _opens,
    ends_with_activity="rep",
    gathered_by=SILENT_REPS.kind,
    gathered=is_many,
    looks_back=LooksBack(silence=True),
)
