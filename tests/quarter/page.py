"""The page docs/alerts.md: what rules made of seeded drops, by rule and by seed, and what has not been judged."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.alerts.rules import RULES
from tests.quarter.clocks import MINUTE
from tests.quarter.company import HISTORY_WEEKS, SIZES, WEEKS
from tests.quarter.verdict import STATISTICAL, WEEK

FULL_SEEDS = 10
WEEK_MINUTES = WEEK // MINUTE
BEGIN = """# How alerts were judged
`make alerts` plays simulated weeks of a company through ledgers, roster and scoreboards, with given append times. In
them teams work in their zones and have holidays; reps are absent, new, or leave; feeds die, a broker restarts, no
worker runs for 40 minutes, and a script speaks once. Of each drop that is seeded it is known which alert has to open
by when; whatever else opens is a false alarm. The generator (`tests/quarter`) shares no code with the rules. A day of a
small company also goes through a worker over Kafka, and opens the same at the same instants
(`tests/integration/test_quarter_day.py`). This page is written from `benchmarks/results/alerts.json`.
"""
PROMISE = """
A silent rep or team is to be told after the limit of working time and 60 s; a feed after ten minutes of work, twice
its usual longest pause, and 60 s, and as many times later as fewer of its reps are at work than usually are at the
time. A share of calls is to be told 60 s after two quarter-hours beyond its limit, for
which calls have to be over; a caller, and leads that wait, after 60 s; what has waited for days as work begins. Unknown
names and what no longer comes are to be told within five minutes, a goal within 15. Who does far less than usual is to
be told of after an hour of it and 30 minutes, who is far behind the others after an hour of the day and 60 minutes. A
share of deals that has fallen, and a stage in which they stay, are to be told in the first working hour of the first
day whose past shows it by fractions.

Where a schema or map of a source has changed, its records are refused or all seem late. That is told by Prometheus,
from counters that no stage of this quarter reads: `deploy/prometheus/tests/pipeline.yaml` seeds the counters, and the
rule files have to open `SalespulseDeadLettersRising` and `SalespulseEventsLate` within five minutes of the change.

While a feed of a team is quiet for ten minutes nobody of the team is told of, since the feed may be dead: what falls
into that is expected 60 s after it spoke again. What a feed that may have been missed hid counts from its return. A
silence that is over by then may be told or not, and is not counted as a drop. An activity of more than 26 hours ago is
known by its day alone: after a weekend a rep is silent from the morning on. Of a rep who does next to nothing a silence
may be told while a call is not over, and of callers who give up by chance as of others: neither is counted as false.
"""


FIRST_UNSEEN = 101
"""Seeds from this one on were not looked at while rules were made."""


def page(results: Mapping[str, Any]) -> str:
    """The whole page."""
    return "\n".join([BEGIN, *_judged(results), "", "## What has not been judged", *_missing(results), ""])


def _judged(results: Mapping[str, Any]) -> Iterator[str]:
    size, seeds = results["size"], results["seeds"]
    yield f"## {size['reps']} reps in {size['teams']} teams, {size['weeks']} weeks"
    yield f"Seeds: {', '.join(sorted(seeds, key=int))}."
    if any(int(seed) < FIRST_UNSEEN for seed in seeds):
        yield f"Rules and verdict were fitted on seeds below {FIRST_UNSEEN}: on others they may miss more."
    yield ""
    yield "| rule | drops | missed | late | false alarms | longest delay |"
    yield "|---|---|---|---|---|---|"
    for rule in _rules(results):
        of_rule = [seed["rules"][rule] for seed in seeds.values() if rule in seed["rules"]]
        counts = (sum(len(each[what]) for each in of_rule) for what in ("missed", "late", "false_alarms"))
        longest = max(each["longest_delay_seconds"] for each in of_rule)
        yield f"| `{rule}` | {sum(each['drops'] for each in of_rule)} | {_row(counts)} | {longest} s |"
    yield ""
    yield "The delay counts from the earliest instant at which the alert could have opened."
    yield ""
    yield "| seed | drops | missed | late | false alarms |"
    yield "|---|---|---|---|---|"
    for seed in sorted(seeds, key=int):
        rules = seeds[seed]["rules"].values()
        counts = (sum(len(each[what]) for each in rules) for what in ("missed", "late", "false_alarms"))
        yield f"| {seed} | {sum(each['drops'] for each in rules)} | {_row(counts)} |"
    yield ""
    yield from _former(seeds)
    yield from _statistical(results)
    yield from _backtested(results)
    yield from _wrong(seeds)
    yield PROMISE.rstrip()


def _former(seeds: Mapping[str, Any]) -> Iterator[str]:
    """The rules that have another version by now than when seeds were played, and which seeds these are."""
    found: dict[tuple[str, ...], list[str]] = {}
    for rule in RULES:
        for was in sorted({seed["versions"].get(rule.kind, rule.version) for seed in seeds.values()} - {rule.version}):
            played = tuple(each for each in sorted(seeds, key=int) if seeds[each]["versions"].get(rule.kind) == was)
            told = f"version {was} of `{rule.kind}`, which is {rule.version} by now"
            found.setdefault(played, []).append(told)
    for played, others in found.items():
        yield from (f"Of seeds {', '.join(played)} the figures are of {', and '.join(others)}.", "")


def _statistical(results: Mapping[str, Any]) -> Iterator[str]:
    """What managers are told falsely, of what follows from chance."""
    size, seeds = results["size"], results["seeds"]
    rates = [seed["statistical_false_alarms_a_manager_and_week"] for seed in seeds.values()]
    rules = ", ".join(f"`{rule}`" for rule in STATISTICAL)
    told = f"False alarms of what goes by chance ({rules}): {sum(rates) / len(rates):.3f} a manager and week, "
    often = sum(count > 1 for seed in seeds.values() for count in _by_manager_and_week(seed).values())
    share = often / (len(seeds) * size["teams"] * size["weeks"])
    told += f"more than one of a manager in {share:.1%} of the weeks, "
    yield told + f"and {max(seed['at_most'] for seed in seeds.values())} of one manager in one week at most."


def _by_manager_and_week(seed: Mapping[str, Any]) -> Counter[tuple[str, int]]:
    """How many there were, where there were any: an alert of a rep or team is told to the manager of the team."""
    found: Counter[tuple[str, int]] = Counter()
    for rule in STATISTICAL:
        for each in seed["rules"][rule]["false_alarms"] if rule in seed["rules"] else ():
            scope, minute = each.split(" ")
            team = scope.rpartition("@" if "@" in scope else ":")[2]
            found[team, int(minute) // WEEK_MINUTES] += 1
    return found


def _backtested(results: Mapping[str, Any]) -> Iterator[str]:
    if backtest := results.get("backtest"):
        rules = ", ".join(f"`{rule}`" for rule in backtest["rules"])
        told = (
            f"Backtests over the facts of seed {backtest['seed']}, of {rules}: {backtest['alerts']} alerts were live, "
        )
        yield ""
        yield told + f"and the backtests differ in {len(backtest['differences'])} of them, by id, instants and numbers."


def _wrong(seeds: Mapping[str, Any]) -> Iterator[str]:
    """Each by its name and the minute since 1970: what can be looked into by playing its seed again."""
    found = [
        f"- seed {seed}, {words}: `{each}`"
        for seed in sorted(seeds, key=int)
        for of_rule in seeds[seed]["rules"].values()
        for what, words in (("missed", "missed"), ("late", "late"), ("false_alarms", "false alarm"))
        for each in of_rule[what]
    ]
    if found:
        yield from ("", "What was not as it has to be, with the minute of it since 1970:", "", *found)


def _row(counts: Iterator[int]) -> str:
    return " | ".join(map(str, counts))


def _rules(results: Mapping[str, Any]) -> list[str]:
    """The rules that were seeded or opened anything, in the order of the rules."""
    found = {rule for seed in results["seeds"].values() for rule in seed["rules"]}
    return [rule.kind for rule in RULES if rule.kind in found]


def _missing(results: Mapping[str, Any]) -> Iterator[str]:
    size, seeds = results["size"], results["seeds"]
    seeded = {rule for seed in seeds.values() for rule, of_rule in seed["rules"].items() if of_rule["drops"]}
    reps = sum(SIZES.values())
    if size["reps"] < reps or size["weeks"] < WEEKS or len(seeds) < FULL_SEEDS:
        yield f"- {FULL_SEEDS} seeds of {WEEKS} weeks of {reps} reps, which `make alerts` plays without arguments."
    if "backtest" not in results:
        yield "- Whether backtests open what was live, which `make alerts` asks of its first seed."
    elif left := _not_backtested(results):
        yield f"- Whether backtests of {', '.join(f'`{rule}`' for rule in left)} open what was live."
    unjudged = ", ".join(f"`{rule.kind}`" for rule in RULES if rule.kind not in seeded)
    yield f"- Rules of which no drop was seeded here: {unjudged or 'none'}."
    if size["weeks"] <= HISTORY_WEEKS:
        yield f"- What only the usual shows: drops of it are seeded after {HISTORY_WEEKS} weeks."


def _not_backtested(results: Mapping[str, Any]) -> list[str]:
    """Rules of which drops were seeded in the seed that was backtested, and that were not."""
    backtest = results["backtest"]
    rules = results["seeds"].get(str(backtest["seed"]), {"rules": {}})["rules"]
    return sorted(rule for rule, of_rule in rules.items() if of_rule["drops"] and rule not in backtest["rules"])
