"""The rule of a rep who is silent: no activity for too long in working hours."""

from collections.abc import Iterable

from pipeline.alerts.rule import Reason, TeamRule
from pipeline.alerts.silence import MINUTE_MS, silence
from pipeline.alerts.silent_reps import SILENT_REPS, is_many
from pipeline.alerts.watched_team import WatchedTeam


def _subjects(team: WatchedTeam) -> Iterable[str]:
    return [team.scope_of(rep) for rep in team.reps]


def _opens(team: WatchedTeam, scope: str) -> Reason | None:
    limit_minutes, active_ms = team.silence_limit("silent_rep"), team.last_activity_ms(scope)
    if active_ms is not None and active_ms > team.judged_ms - limit_minutes * MINUTE_MS:
        return None  # Of nearly everybody nothing else has to be asked.
    joined_ms = team.joined_ms(scope.removeprefix("rep:").partition("@")[0])
    found = silence(team.working, team.judged_ms, limit_minutes, active_ms, joined_ms, team.heard_ms)
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
)
