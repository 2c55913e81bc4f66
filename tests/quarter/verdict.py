"""What came of a quarter: which drops were missed or told late, and which alerts were false, by rule."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tests.quarter.clocks import DAY, HOUR, MINUTE, after
from tests.quarter.drops import TRICKLE, Drop, sources
from tests.quarter.quarter import Expected, Quarter
from tests.quarter.stages import Opened

BELOW = ("below_usual", "below_peers")
STATISTICAL = (*BELOW, "win_rate_dropped", "conversion_dropped")
"""The rules that say how unlikely something is: chance opens them now and then."""
AFTER_MS = 2 * HOUR
"""So long after a drop is over it may still be seen in the hours that are looked at."""
WEEK = 7 * DAY


@dataclass
class OfRule:
    """Of one rule: drops, those that were missed or told late, the false alarms, and the longest delay in seconds."""

    drops: int = 0
    missed: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    false_alarms: list[str] = field(default_factory=list)
    longest_delay_seconds: int = 0


@dataclass
class Verdict:
    """Of one seed. `most_a_week` are the false alarms of the statistical rules of one manager and week, at most."""

    rules: dict[str, OfRule]
    most_a_week: int
    manager_weeks: int

    @property
    def false_alarms_a_week(self) -> float:
        """Those of the statistical rules of a manager and week, on the average."""
        false = sum(len(self.rules[rule].false_alarms) for rule in STATISTICAL if rule in self.rules)
        return false / self.manager_weeks


def verdict(quarter: Quarter, opened: Sequence[Opened]) -> Verdict:
    """Each expected alert is looked for among those that opened; others are false, but for what a drop explains."""
    rules: dict[str, OfRule] = defaultdict(OfRule)
    left = list(opened)
    for each in quarter.expected:
        of_rule = rules[each.id.partition(":")[0]]
        found = _found(each, left)
        if found is None and each.may_be_hidden:
            continue
        of_rule.drops += 1
        if found is None:
            of_rule.missed.append(_said(each.id, each.earliest_ms))
            continue
        left.remove(found)
        of_rule.longest_delay_seconds = max(of_rule.longest_delay_seconds, (found.opened_ms - each.earliest_ms) // 1000)
        if found.opened_ms > each.latest_ms:
            of_rule.late.append(_said(each.id, found.opened_ms))
    left = [each for each in left if not any(_explains(drop, each) for drop in quarter.drops)]
    false = [each for each in left if not _is_chance(quarter, each)]
    for opening in false:
        rules[opening.id.partition(":")[0]].false_alarms.append(_said(opening.id, opening.opened_ms))
    weeks = Counter(
        (opening.home, opening.opened_ms // WEEK) for opening in false if opening.id.partition(":")[0] in STATISTICAL
    )
    return Verdict(dict(sorted(rules.items())), max(weeks.values(), default=0), len(quarter.teams) * quarter.weeks)


def _found(expected: Expected, opened: Iterable[Opened]) -> Opened | None:
    """The opening of an alert that is expected: the first that is not too early, on the same day."""
    near = (each for each in opened if each.id == expected.id)
    return next((each for each in near if 0 <= each.opened_ms - expected.earliest_ms < DAY // 2), None)


def _explains(drop: Drop, opened: Opened) -> bool:
    """Whether an alert that was not expected is about what was seeded: of the same subject, and true.

    A team that slows down has reps who do, and reps who are silent do less than usual. Of reps who were silent at
    once one alert is expected, and none of each before they come back, one after the other, be it the next morning;
    but of one who fell silent long before the others. Who does next to nothing seems silent while a call is not
    over. A call that is abandoned is one that nobody answered in time, and of fewer who answer more calls are; what
    goes badly may waver about its limit as it ends. Of a team that falls silent one by one half may be told of
    first. A feed that is heard from hardly anybody but the team that is silent cannot be told from one that is
    dead.
    """
    rule, _, scope = opened.id.partition(":")
    team = f"team:{drop.team.name}"
    if drop.rule == "win_rate_dropped" and rule in ("win_rate_dropped", "conversion_dropped"):
        return scope == team and opened.opened_ms >= drop.from_ms
    reps = {f"rep:{rep.name}@{drop.team.name}" for rep in drop.reps}
    until_ms = min(drop.until_ms, drop.from_ms + DAY)
    limit_ms = drop.team.style.silence_minutes * MINUTE
    if rule == "silent_rep" and drop.rule == "silent_reps" and opened.opened_ms < drop.from_ms + limit_ms:
        return scope in reps and opened.opened_ms >= drop.from_ms
    if rule in ("silent_rep", "silent_reps") and drop.rule in ("silent_reps", "silent_team"):
        from_ms = drop.from_ms if (rule, drop.rule) == ("silent_reps", "silent_team") else until_ms
        return (scope in reps or scope == team) and from_ms <= opened.opened_ms < _worked_on_ms(drop, until_ms)
    if not drop.from_ms <= opened.opened_ms < until_ms + AFTER_MS:
        return False
    if rule in BELOW:
        return scope in reps or (scope == team and len(reps) > 1)
    if rule == "silent_rep":
        return drop.left == TRICKLE and scope in reps
    if rule in ("service_level", "abandoned_calls") and scope == team:
        return drop.rule in ("service_level", "abandoned_calls") or len(reps) > 1
    if rule == "feed_silent" and drop.rule == "silent_team":
        return scope.removeprefix("feed:") in sources(drop.team)
    return rule == "goal_at_risk" and scope == team


def _is_chance(quarter: Quarter, opened: Opened) -> bool:
    """Whether so many callers gave up, though nobody let them."""
    rule, _, scope = opened.id.partition(":")
    return rule == "abandoned_calls" and quarter.callers.gave_up(scope.removeprefix("team:"), opened.opened_ms)


def _worked_on_ms(drop: Drop, at_ms: int) -> int:
    """When the team has worked on for two hours: at the end of a day that is the next morning it works."""
    days = (date.fromordinal(drop.day.toordinal() + number) for number in range(6))
    told_ms = after([span for day in days for span in drop.team.spans(day)], at_ms, AFTER_MS)
    return at_ms + AFTER_MS if told_ms is None else told_ms


def _said(id_: str, at_ms: int) -> str:
    return f"{id_} {at_ms // MINUTE}"


def lines(found: Mapping[int, Verdict]) -> Iterator[str]:
    """For whoever looks at a terminal: everything that is not as it has to be."""
    for seed, of_seed in found.items():
        for rule, of_rule in of_seed.rules.items():
            for what, ids in (("missed", of_rule.missed), ("late", of_rule.late), ("false", of_rule.false_alarms)):
                for each in ids:
                    yield f"seed {seed}: {rule} {what}: {each}"
