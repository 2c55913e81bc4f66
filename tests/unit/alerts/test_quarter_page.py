"""The page of what was judged is written from the results, and names what was not."""

import json
from pathlib import Path
from typing import Any

from pipeline.alerts.rules import RULES
from tests.quarter.clocks import MINUTE
from tests.quarter.company import SIZES, WEEKS
from tests.quarter.page import page
from tests.quarter.verdict import WEEK

ROOT = Path(__file__).parents[3]
VERSIONS = {rule.kind: rule.version for rule in RULES}
OF_RULE = {"drops": 2, "missed": ["a"], "late": [], "false_alarms": ["b", "c"], "longest_delay_seconds": 61}


def results(reps: int, weeks: int, seeds: int) -> dict[str, Any]:
    """Of a size, each seed with the same of one rule."""
    told = {
        "rules": {"silent_rep": OF_RULE},
        "versions": VERSIONS,
        "statistical_false_alarms_a_manager_and_week": 0,
        "at_most": 0,
    }
    return {"size": {"reps": reps, "teams": 3, "weeks": weeks}, "seeds": {str(seed): told for seed in range(seeds)}}


def test_the_page_says_what_the_results_say() -> None:
    """What is committed of both is of one run."""
    held = json.loads((ROOT / "benchmarks" / "results" / "alerts.json").read_text())
    assert (ROOT / "docs" / "alerts.md").read_text() == page(held)


def test_counts_are_those_of_all_seeds() -> None:
    """Drops, missed, late and false alarms of two seeds; the longest delay of any."""
    assert "| `silent_rep` | 4 | 2 | 0 | 4 | 61 s |" in page(results(24, 3, 2))


def test_it_says_which_rules_are_others_by_now() -> None:
    """Of what was played with a former version the counts say nothing of today's."""
    told = results(24, 3, 2)
    assert "Of seeds" not in page(told)
    told["seeds"]["1"] = told["seeds"]["1"] | {"versions": VERSIONS | {"below_usual": 1, "feed_silent": 3}}
    usual, feed = VERSIONS["below_usual"], VERSIONS["feed_silent"]
    others = f"version 1 of `below_usual`, which is {usual} by now, and version 3 of `feed_silent`, which is {feed} by"
    assert f"Of seeds 1 the figures are of {others} now." in page(told)


def test_what_has_not_been_judged_is_named() -> None:
    """Smaller than asked for, rules without a drop, and too few weeks for what is usual."""
    small, whole = page(results(24, 3, 2)), page(results(sum(SIZES.values()), WEEKS, 10))
    assert "10 seeds of 13 weeks of 200 reps" in small
    assert "10 seeds of" not in whole
    assert "What only the usual shows" in small
    assert "`below_usual`" in whole
    assert "Whether backtests open what was live" in whole


def test_a_backtest_stands_with_the_number_of_differences() -> None:
    """Of which seed and rules, how many alerts there were, and in how many of them it says otherwise."""
    backtest = {"seed": 0, "rules": ["silent_rep"], "alerts": 7, "differences": ["only live: a"]}
    told = page(results(24, 3, 2) | {"backtest": backtest})
    assert "Backtests over the facts of seed 0, of `silent_rep`: 7 alerts were live" in told
    assert "the backtests differ in 1 of them" in told
    assert "Whether backtests" not in told


def test_rules_whose_backtest_was_not_waited_for_are_named() -> None:
    """Of a run that was ended before all were asked."""
    backtest = {"seed": 0, "rules": ["silent_team"], "alerts": 7, "differences": []}
    told = page(results(24, 3, 2) | {"backtest": backtest})
    assert "- Whether backtests of `silent_rep` open what was live." in told


def test_false_alarms_are_counted_by_manager_and_week() -> None:
    """Two of one team in one of its three weeks and one in another, one of another team: of nine weeks one has more."""
    minutes = [each * WEEK // MINUTE for each in (2900, 2900.5, 2901)]
    of_rule = [f"below_usual:{scope} {minute:.0f}" for scope, minute in zip(
        ("rep:a@north", "team:north", "team:north"), minutes, strict=True)]  # fmt: skip
    told = results(24, 3, 1)
    told["seeds"]["0"]["rules"] = {
        "below_usual": OF_RULE | {"false_alarms": of_rule},
        "below_peers": OF_RULE | {"false_alarms": [f"below_peers:rep:b@south {minutes[0]:.0f}"]},
    }
    assert "more than one of a manager in 11.1% of the weeks, and 0 of one" in page(told)
