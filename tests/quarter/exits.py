"""What left the stages of each team, and what was won and lost there, of all deals that were told."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from tests.quarter.company import Team
from tests.quarter.events import Told, instant_of

STAGES, CLOSED = ("new", "offer"), ("won", "lost")
"""Those that are declared."""


class Exit(NamedTuple):
    """A deal that left a stage: on which local day, whether it went on, and how long it was there."""

    day: date
    onward: bool
    spent_ms: int


class _Place(NamedTuple):
    """Where a deal is, since when, and whose it is."""

    team: str
    stage: str
    since_ms: int


class Exits:
    """All deals of a company, whatever they were told for: what goes wrong otherwise is in the counts, too."""

    def __init__(self, teams: Iterable[Team]) -> None:
        self._teams = {team.name: team for team in teams}
        self._team_of = {rep.name: team.name for team in self._teams.values() for rep in team.reps}
        self._places: dict[str, _Place] = {}
        self._left: dict[tuple[str, str], list[Exit]] = defaultdict(list)
        self._closed: dict[str, list[Exit]] = defaultdict(list)

    def hear(self, events: Iterable[Told]) -> None:
        """Called with what is told, that of each deal in order."""
        for each in events:
            if each.key.startswith("deal:"):
                told = json.loads(each.value)
                self._move(each.key, told["data"], instant_of(told["time"]))

    def left(self, team: str) -> list[list[Exit]]:
        """Of each stage from which deals of a team can go on."""
        return [self._left[team, stage] for stage in STAGES]

    def closed(self, team: str) -> list[Exit]:
        """All that were won, which is to go on, or lost."""
        return self._closed[team]

    def _move(self, deal: str, data: Mapping[str, str], at_ms: int) -> None:
        before, stage = self._places.get(deal), data["stage_id"]
        if before is None:
            self._places[deal] = _Place(self._team_of[data["owner_id"]], stage, at_ms)
            return
        self._places[deal] = _Place(before.team, stage, at_ms)
        left = Exit(self._teams[before.team].local_day(at_ms), stage != "lost", at_ms - before.since_ms)
        self._left[before.team, before.stage].append(left)
        if stage in CLOSED:
            self._closed[before.team].append(left)
