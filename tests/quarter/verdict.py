"""What came of a quarter: which drops were missed or told late, and which alerts were false, by rule."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.quarter.clocks import DAY, MINUTE
from tests.quarter.explained import BELOW, explains
from tests.quarter.quarter import Expected, Quarter
from tests.quarter.stages import Opened

STATISTICAL = (*BELOW, "win_rate_dropped", "conversion_dropped", "prospects_stall")
"""The rules that say how unlikely something is: chance opens them now and then."""
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
    left = [each for each in left if not any(explains(drop, each) for drop in quarter.drops)]
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


def _is_chance(quarter: Quarter, opened: Opened) -> bool:
    """Whether so many callers gave up, though nobody let them."""
    rule, _, scope = opened.id.partition(":")
    return rule == "abandoned_calls" and quarter.callers.gave_up(scope.removeprefix("team:"), opened.opened_ms)


def _said(id_: str, at_ms: int) -> str:
    return f"{id_} {at_ms // MINUTE}"


def lines(found: Mapping[int, Verdict]) -> Iterator[str]:
    """For whoever looks at a terminal: everything that is not as it has to be."""
    for seed, of_seed in found.items():
        for rule, of_rule in of_seed.rules.items():
            for what, ids in (("missed", of_rule.missed), ("late", of_rule.late), ("false", of_rule.false_alarms)):
                for each in ids:
                    yield f"seed {seed}: {rule} {what}: {each}"
