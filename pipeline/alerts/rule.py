"""What a rule of alerts is: whose it is, when it opens an alert and when it closes it, and how it is called."""

from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass
from typing import Literal, NamedTuple

from pipeline.alerts.watched_team import WatchedTeam
from schemas.alerts import Kind, Unit


class Reason(NamedTuple):
    """What an alert is based on: since when it is so, what is seen, and the limit that this is beyond.

    `kpi` and `window` name the figure that was looked at, where it is one, `stage` the stage of it.
    """

    since_ms: int
    seen: float
    expected: float
    kpi: str | None = None
    window: str | None = None
    stage: str | None = None


class LooksBack(NamedTuple):
    """How far before an instant the facts lie that decide about the alerts of a rule then.

    `days` are those of the figures that it reads. So many `worked_days` of its team, or as much work as silence is let
    pass where it is about `silence`, go by until a rule has surely seen what was open before. While a feed of a team is
    missed nothing opens, so of most rules that has to be known, too (`feeds`).
    """

    days: int = 1
    worked_days: int = 1
    silence: bool = False
    feeds: bool = True


def the_team(team: WatchedTeam) -> Iterable[str]:
    """The subjects of a rule about a team as a whole."""
    return [team.home.name]


def is_back(seen: float, limit: float) -> bool:
    """Whether what may be no more than a limit is a fifth below it: so one that wavers about it is told once."""
    return seen * 5 <= limit * 4


def _nobody(_: WatchedTeam) -> bool:
    return False


def _never(_: WatchedTeam, __: str, ___: Reason) -> bool:
    return False


def _lasts(_: WatchedTeam, __: Reason) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule by the kind of its alerts. `words` say what is wrong, in a line that goes on with the numbers.

    `unit` is that of these numbers. `version` goes up when the definition changes. `looks_back` is None of a rule by
    which anything that was ever told may decide.
    """

    kind: Kind
    words: str
    unit: Unit
    _: KW_ONLY
    looks_back: LooksBack | None
    version: int = 1


@dataclass(frozen=True, slots=True)
class TeamRule(Rule):
    """A rule about a team or its reps, asked once a minute in the team's working hours while no feed is missed.

    `subjects` are the scopes it watches: an alert about any other scope of the team is resolved. `opens` gives the
    reason for which an alert of one of them opens, None where nothing is wrong. `closes` says of an open alert, by its
    reason, whether it is over, `lapses` whether the period that it is about is. An alert of a rule that
    `ends_with_activity`, of reps or of the team, is resolved by the first activity of its subject after `since_ms`, at
    any time. A rule that `needs` a setting is off where nobody says it; where that is a limit of a KPI, it `limits`
    that one. None of its alerts opens while that of the team is open by which they are `gathered_by`, or so many would
    open that they are `gathered`.

    All of them are pure: what they know of the floor they ask the team.
    """

    subjects: Callable[[WatchedTeam], Iterable[str]]
    opens: Callable[[WatchedTeam, str], Reason | None]
    closes: Callable[[WatchedTeam, str, Reason], bool] = _never
    lapses: Callable[[WatchedTeam, Reason], bool] = _lasts
    ends_with_activity: Literal["rep", "team"] | None = None
    needs: str | None = None
    limits: str | None = None
    gathered_by: Kind | None = None
    gathered: Callable[[WatchedTeam], bool] = _nobody

    def is_on(self, team: WatchedTeam) -> bool:
        """Whether the rule is asked of a team."""
        said = team.setting(self.kind, "enabled") is not False
        return said and (self.needs is None or team.setting(self.kind, self.needs) is not None)
