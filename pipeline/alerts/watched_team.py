"""A team as the rules see it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.alerts.last_activity import last_activity_ms
from pipeline.measures import ACTIVITIES
from pipeline.organisation.working_time import WorkingTime
from pipeline.scores.board import Board
from pipeline.scores.cold_panes import measures_of
from pipeline.scores.home import Home


@dataclass(frozen=True, slots=True)
class WatchedTeam:
    """A team with working hours at the minute that is judged. Rules read it, and change nothing.

    `before_ms` is the instant that was judged before. `reps` are those who belong to it now and are at work, sorted, of
    `members` in all, and `ramping` those in ramp today. `heard_ms` is since when no feed that it expects is missed.
    `silence_minutes` are the working minutes that the team, or a rep of it, may be silent where no setting of the rule
    says it. `joined_ms` tells since when a rep could be heard: the latest membership in the team began, or an absence
    ended. `manned_ms` is since when surely somebody has been at work; None for ever. `setting` tells what the
    organisation says of a rule for the team at that minute, None where it says nothing. `found` are, by rule and
    subject, the reasons that the rules asked before found to open an alert, None where there was none.
    """

    home: Home
    board: Board
    working: WorkingTime
    before_ms: int
    judged_ms: int
    heard_ms: int
    reps: Sequence[str]
    members: int
    ramping: Collection[str]
    silence_minutes: int
    joined_ms: Callable[[str], int | None]
    manned_ms: int | None
    setting: Callable[[str, str], Any]
    found: dict[str, dict[str, Any]] = field(default_factory=dict)
    formed: dict[str, object] = field(default_factory=dict)
    """What a rule has formed of all reps at this minute, by a name of its own: it asks for each of them."""

    @property
    def midnight_ms(self) -> int:
        """When the local day of now began."""
        return self.board.calendar.day_start_ms(self.home.name, self.home.today)

    @property
    def scopes(self) -> Sequence[str]:
        """The team itself and its reps within it; none of a team without reps."""
        name = self.home.name.partition(":")[2]
        return [self.home.name, *[f"rep:{rep}@{name}" for rep in self.reps]] if self.reps else []

    def scope_of(self, rep: str) -> str:
        """The scope of a rep within the team."""
        return f"rep:{rep}@{self.home.name.partition(':')[2]}"

    def silence_limit(self, rule: str) -> int:
        """The working minutes that a rule of silence lets pass."""
        return self.setting(rule, "limit_minutes") or self.silence_minutes

    def done_today(self, scope: str) -> int:
        """The activities of a scope of the team on the local day of now."""
        found = self.home.scopes.get(scope)
        pane = found.days.get(self.home.today) if found else None
        return measures_of(pane).get(ACTIVITIES, 0) if pane else 0

    def last_activity_ms(self, scope: str) -> int | None:
        """When anybody of a scope of the team was active last; None where nobody ever was."""
        found = self.home.scopes.get(scope)
        return last_activity_ms(self.board, found) if found else None
