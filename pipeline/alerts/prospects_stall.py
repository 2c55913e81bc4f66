"""The rule of a stage in which a team's prospects stall: far from what is usual there, by conversion or by time."""

from pipeline.alerts.own_past import asked_now, exits, since_ms
from pipeline.alerts.rule import Reason, TeamRule, the_team
from pipeline.alerts.watched_team import WatchedTeam
from pipeline.scores.stall import STALL, where_stalled

DEVIATIONS = 5.0
"""So many median absolute deviations are far: of days of which each is by itself, one in three thousand is.

Spans overlap, so chance makes it more: docs/alerts.md has how often.
"""
DEVIATIONS_AGAIN = 3.0
"""So near it is over."""


def _stalled(team: WatchedTeam) -> tuple[float, str | None]:
    """By how many deviations a stage is away, and which; 0 where none is."""
    told = where_stalled(exits(team))
    return told["value"] or 0.0, next(iter(told["stages"]), None)


def _opens(team: WatchedTeam, _: str) -> Reason | None:
    if not asked_now(team):
        return None
    deviations, stage = _stalled(team)
    return Reason(since_ms(team), deviations, DEVIATIONS, STALL, "now", stage) if deviations >= DEVIATIONS else None


def _closes(team: WatchedTeam, _: str, __: Reason) -> bool:
    return asked_now(team) and _stalled(team)[0] < DEVIATIONS_AGAIN


PROSPECTS_STALL = TeamRule(
    "prospects_stall", "prospects stall in a stage", "deviations", the_team, _opens, _closes, looks_back=None
)
"""It looks back for ever, as `own_past.py` says."""
