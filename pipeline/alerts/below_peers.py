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
LIMIT_PERCENT = 10
"""Of the median, where nobody says otherwise."""
LEAST_PEERS = 5
"""So many others, where nobody says otherwise."""
MOST_PEERS = 200
"""Larger teams are not compared: a team that nobody knows whole has no peers, and all are looked at in one go."""
LEAST_MINUTES = 60
"""So long everybody has to have worked on this day."""
LEAST_MEDIAN = 10
"""A tenth of less is no activity at all: that is silence, which has a rule of its own."""


class Peers(NamedTuple):
    """The reps who belonged to a team all day and are not in ramp: by scope, the activities of today; their median.

    Who has less than `limit_percent` of it is far below, among `least_count` others at least.
    """

    done: Mapping[str, int]
    median: float
    limit_percent: int
    least_count: int

    @classmethod
    def of(cls, done: Mapping[str, int], limit_percent: int | None = None, least_count: int | None = None) -> "Peers":
        """With the median of them all, 0 of nobody, and the defaults of what the team does not say."""
        return cls(
            done,
            float(median(done.values())) if done else 0.0,
            LIMIT_PERCENT if limit_percent is None else limit_percent,
            LEAST_PEERS if least_count is None else least_count,
        )

    @property
    def enough(self) -> bool:
        """Whether each of them has enough others to be compared with."""
        return len(self.done) > self.least_count


def opens(peers: Peers, scope: str, worked_minutes: int) -> bool:
    """Whether a rep is below the limit after some working time of the day; one below 1 is no activity at all, too."""
    if worked_minutes < LEAST_MINUTES or not peers.enough or peers.median < LEAST_MEDIAN:
        return False
    limit = peers.limit_percent * peers.median
    return limit >= 100 and 100 * peers.done[scope] < limit


def closes(peers: Peers, scope: str) -> bool:
    """Whether a rep has come to twice the limit, or too few are left to compare with."""
    return not peers.enough or 100 * peers.done[scope] >= 2 * peers.limit_percent * peers.median


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
        done = {scope: team.done_today(scope) for scope in map(team.scope_of, there)}
        told = (team.setting("below_peers", name) for name in ("limit_percent", "least_count"))
        found = team.formed["peers"] = Peers.of(done, *told)
    return found


BELOW_PEERS = TeamRule(
    "below_peers", "far below the team", "activities", _subjects, _opens, _closes, looks_back=LooksBack(days=2),
    version=2,
)  # fmt: skip
