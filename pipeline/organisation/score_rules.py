"""How activities are weighed: the rules of activity scores, by team and from which day on. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pipeline.organisation.overlay import Groups

Record = Mapping[str, Any]


class Weight(NamedTuple):
    """What one of an activity is worth in points, and how many count at most; None: all."""

    kpi: str
    points: int
    at_most: int | None


class ScoreRule(NamedTuple):
    """Of a rep, in one kind of period: what activities are worth, and how many points are the target.

    `own` tells that it is the team's own; `since` is the first day on which a period begins that it holds for.
    """

    period: str
    own: bool
    since: int
    name: str
    target: int
    weights: tuple[Weight, ...]


ScoreRules = tuple[ScoreRule, ...]


class ScoreBook:
    """The rules as they are told, by team; "" for all teams."""

    def __init__(self, told: Groups[str, Record] | None = None) -> None:
        self._told: Groups[str, Record] = told or Groups()

    def over(self) -> "ScoreBook":
        """A book that begins as this one is, and changes without it."""
        return ScoreBook(self._told.over())

    def put(self, name: str, old: Record | None, new: Record | None) -> None:
        """Take in the present record of `score:<name>` in place of the former one; None where there is none."""
        if old is not None:
            self._told.take(old.get("team_id") or "", name)
        if new is not None:
            self._told.put(new.get("team_id") or "", name, dict(new))

    def of(self, team: str) -> ScoreRules:
        """All rules that may hold for a team, whenever. One that leaves out what it takes says nothing."""
        told = [(name, record, bool(place)) for place in ("", team) for name, record in self._told.of(place).items()]
        rules = (_rule(name, record, own=own) for name, record, own in told)
        return tuple(sorted(rule for rule in rules if rule is not None))


def rule_of(rules: Iterable[ScoreRule], period: str, first_day: int) -> ScoreRule | None:
    """The rule of a period that begins on a local day; None where nobody says how activities are weighed in it.

    A team's own comes before that of all teams, then the one that began last, then the one of the greater id.
    """
    holding = (rule for rule in rules if rule.period == period and rule.since <= first_day)
    return max(holding, key=lambda rule: (rule.own, rule.since, rule.name), default=None)


def _rule(name: str, record: Record, *, own: bool) -> ScoreRule | None:
    period, target, weights = (record.get(field) for field in ("period", "target", "weights"))
    if period is None or target is None or not weights:
        return None
    found = tuple(Weight(each["kpi"], each["points"], each.get("at_most")) for each in weights)
    return ScoreRule(period, own, record.get("effective_on") or 0, name, target, found)
