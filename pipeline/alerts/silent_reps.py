"""The rule of many reps of a team who are silent at once: one alert of the team instead of one of each.

Many are half of the reps, and five at least. Where everybody is silent the alert of the team says it already.
"""

from collections.abc import Iterable

from pipeline.alerts.rule import Reason, TeamRule
from pipeline.alerts.silent_team import SILENT_TEAM
from pipeline.alerts.watched_team import WatchedTeam
from schemas.alerts import Kind

KIND: Kind = "silent_reps"
OF_EACH = "silent_rep"
LEAST_COUNT = 5
"""So many reps are many, where the organisation says no other number."""


def is_many(team: WatchedTeam) -> bool:
    """Whether so many reps are silent that they are told as one."""
    return SILENT_REPS.is_on(team) and len(_silent(team)) >= _limit(team)


def _silent(team: WatchedTeam) -> list[Reason]:
    return [reason for reason in team.found.get(OF_EACH, {}).values() if reason is not None]


def _limit(team: WatchedTeam) -> int:
    return max(team.setting(KIND, "least_count") or LEAST_COUNT, (len(team.reps) + 1) // 2)


def _subjects(team: WatchedTeam) -> Iterable[str]:
    return [team.home.name] if len(team.reps) >= (team.setting(KIND, "least_count") or LEAST_COUNT) else []


def _opens(team: WatchedTeam, scope: str) -> Reason | None:
    if not is_many(team) or (SILENT_TEAM.is_on(team) and SILENT_TEAM.opens(team, scope)):
        return None
    silent = _silent(team)
    return Reason(min(reason.since_ms for reason in silent), len(silent), _limit(team))


def _closes(team: WatchedTeam, _: str, __: Reason) -> bool:
    return len(_silent(team)) * 2 < _limit(team)


SILENT_REPS = TeamRule(KIND, "reps silent at once", "count", _subjects, _opens, _closes)
