"""The rule of a rep who does next to nothing beside the others of the team, over the working day.

Who is in ramp is neither compared with the others nor one of them.
"""

from collections.abc import Iterable, Mapping
from statistics import median
from typing import NamedTuple

from pipeline.alerts.rule import LooksBack, Reason, TeamRule
from pipeline.alerts.watched_team import WatchedTeam
from pipeline.measures import ACTIVITIES
from pipeline.organisation.days import MINUTE_MS

DAY = "day"
LEAST_PEERS = 5
MOST_PEERS = 200
"""Larger teams are not compared: a team that nobody knows whole has no peers, and all are looked at in one go."""
LEAST_MINUTES = 60
"""So long everybody has to have worked on this day."""
LEAST_MEDIAN = 10
"""A tenth of less is no activity at all: that is silence, which has a rule of its own."""


class Peers(NamedTuple):
    """The reps who belonged to a team all day and are not in ramp: by scope, the activities of today; their median."""

    done: Mapping[str, int]
    median: float

    @classmethod
    def of(cls, done: Mapping[str, int]) -> "Peers":
        """With the median of them all; 0 of nobody."""
        return cls(done, float(median(done.values())) if done else 0.0)

    @property
    def enough(self) -> bool:
        """Whether each of them has enough others to be compared with."""
        return len(self.done) > LEAST_PEERS


def opens(peers: Peers, scope: str, worked_minutes: int) -> bool:
    """Whether a rep is below a tenth of the median after some working time of the day."""
    if worked_minutes < LEAST_MINUTES or not peers.enough:
        return False
    return peers.median >= LEAST_MEDIAN and 10 * peers.done[scope] < peers.median


def closes(peers: Peers, scope: str) -> bool:
    """Whether a rep has come to a fifth of the median, or too few are left to compare with."""
    return not peers.enough or 5 * peers.done[scope] >= peers.median


def _subjects(team: WatchedTeam) -> Iterable[str]:
    return _peers(team).done if len(team.reps) <= MOST_PEERS else []


def _opens(team: WatchedTeam, scope: str) -> Reason | None:
    peers = _peers(team)
    if closes(peers, scope):  # Of nearly everybody nothing else has to be asked.
        return None
    from_ms = max(team.midnight_ms, team.heard_ms)
    worked_minutes = team.working.between_ms(from_ms, team.judged_ms) // MINUTE_MS
    if not opens(peers, scope, worked_minutes):
        return None
    return Reason(team.midnight_ms, peers.done[scope], peers.median, ACTIVITIES, DAY)


def _closes(team: WatchedTeam, scope: str, reason: Reason) -> bool:
    """A day is judged by itself: what was wrong yesterday is over."""
    return reason.since_ms < team.midnight_ms or closes(_peers(team), scope)


def _peers(team: WatchedTeam) -> Peers:
    """Formed once a minute for all reps of a team."""
    found = team.formed.get("peers")
    if not isinstance(found, Peers):
        midnight_ms = team.midnight_ms
        whole = (rep for rep in team.reps if rep not in team.ramping)
        there = (rep for rep in whole if (team.joined_ms(rep) or 0) <= midnight_ms)
        found = team.formed["peers"] = Peers.of({scope: team.done_today(scope) for scope in map(team.scope_of, there)})
    return found


BELOW_PEERS = TeamRule(
    "below_peers", "far below the team", "activities", _subjects, _opens, _closes, looks_back=LooksBack(days=2),
    version=2,
)  # fmt: skip
