"""The rule of many reps of a team who are silent at once: one alert of the team instead of one of each.

Many are half of the reps, and five at least. They do not stop in the same minute: once one of them is silent those
count who have been for half of what is let pass, so that the first ones are not told one by one. Where everybody is,
the alert of the team says it, or will.
"""

from collections.abc import Iterable

from pipeline.alerts.quiet import rep_silence, team_silence
from pipeline.alerts.rule import LooksBack, Reason, TeamRule
from pipeline.alerts.silence import Silence
from pipeline.alerts.silent_team import SILENT_TEAM
from pipeline.alerts.watched_team import WatchedTeam
from schemas.alerts import Kind

KIND: Kind = "silent_reps"
OF_EACH = "silent_rep"
LEAST_COUNT = 5
"""So many reps are many, where the organisation says no other number."""


def is_many(team: WatchedTeam) -> bool:
    """Whether so many reps are silent that they are told as one."""
    return SILENT_REPS.is_on(team) and _any_silent(team) and len(_quiet(team)) >= _limit(team)


def _any_silent(team: WatchedTeam) -> bool:
    return any(team.found.get(OF_EACH, {}).values())


def _quiet(team: WatchedTeam) -> list[Silence]:
    """Of those who have been silent for half of what is let pass; formed once a minute."""
    found = team.formed.get(KIND)
    if not isinstance(found, list):
        half_minutes = team.silence_limit(OF_EACH) // 2
        each = (rep_silence(team, team.scope_of(rep), half_minutes) for rep in team.reps)
        found = team.formed[KIND] = [silence for silence in each if silence is not None]
    return found


def _limit(team: WatchedTeam) -> int:
    return max(team.setting(KIND, "least_count") or LEAST_COUNT, (len(team.reps) + 1) // 2)


def _subjects(team: WatchedTeam) -> Iterable[str]:
    return [team.home.name] if len(team.reps) >= (team.setting(KIND, "least_count") or LEAST_COUNT) else []


def _opens(team: WatchedTeam, _: str) -> Reason | None:
    if not is_many(team) or (SILENT_TEAM.is_on(team) and team_silence(team, team.silence_limit("silent_team") // 2)):
        return None
    quiet = _quiet(team)
    return Reason(min(silence.since_ms for silence in quiet), len(quiet), _limit(team))


def _closes(team: WatchedTeam, _: str, __: Reason) -> bool:
    return len(_quiet(team)) * 2 < _limit(team)


SILENT_REPS = TeamRule(
    KIND, "reps silent at once", "count", _subjects, _opens, _closes, looks_back=LooksBack(silence=True), version=2
)
