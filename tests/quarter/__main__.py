"""`make alerts`: simulated quarters by seed, and what the rules made of what was seeded; 1 where wrong.

Over the facts of one seed, the first, every rule that opened any alert is also backtested. The results stand in
`benchmarks/results/alerts.json`, written after each seed, and in `docs/alerts.md`.
"""

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.alerts.rules import RULES
from tests.quarter.backtests import differing
from tests.quarter.company import FEW, SIZES, WEEKS
from tests.quarter.page import page
from tests.quarter.quarter import Quarter
from tests.quarter.run import played
from tests.quarter.small import SMALL
from tests.quarter.stages import Deployment, LogRecord
from tests.quarter.verdict import Verdict, lines, verdict

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "alerts.json"
PAGE = ROOT / "docs" / "alerts.md"
COMPANIES = {"whole": (SIZES, 1.0), "few": (FEW, 0.5), "small": (SMALL, 0.5)}
"""Teams, and the share of the drops."""


class _Kept:
    """The facts of one partition."""

    def __init__(self) -> None:
        self.records: list[LogRecord] = []

    def keep(self, _: int, record: LogRecord) -> None:
        """Called with each record, in order."""
        self.records.append(record)


def main() -> int:
    """Play each seed, write what is known by then, and all that is wrong to standard error."""
    parser = ArgumentParser(prog="python -m tests.quarter", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(101, 111)), help="which seeds (101 to 110)")
    parser.add_argument("--weeks", type=int, default=WEEKS, help=f"how many weeks each lasts ({WEEKS})")
    parser.add_argument("--company", choices=COMPANIES, default="whole", help="of 200, 50 or 24 reps (whole)")
    parser.add_argument(
        "--backtest", type=int, metavar="SEED", help="on which seed each rule that opened any is backtested (the first)"
    )
    asked = parser.parse_args()
    backtested = asked.seeds[0] if asked.backtest is None else asked.backtest
    sizes, share = COMPANIES[asked.company]
    results = _begun({"reps": sum(sizes.values()), "teams": len(sizes), "weeks": asked.weeks})
    found: dict[int, Verdict] = {}
    for seed in asked.seeds:
        quarter = Quarter(seed, sizes, share, asked.weeks)
        facts = _Kept()
        deployment = played(quarter, keep=facts.keep if seed == backtested else None)
        found[seed] = verdict(quarter, deployment.opened())
        results["seeds"][str(seed)] = _told(found[seed])
        _write(results, lines({seed: found[seed]}))
        if facts.records:
            for results["backtest"] in _backtested(seed, deployment, facts.records):
                _write(results, ())
            _write(results, results["backtest"]["differences"])
    return int(any(True for _ in lines(found)) or bool(results.get("backtest", {}).get("differences")))


def _write(results: Mapping[str, Any], wrong: Iterable[str]) -> None:
    """What is known by now, and what of it was not as it has to be."""
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    PAGE.write_text(page(results))
    for line in wrong:
        print(line, file=sys.stderr, flush=True)


def _begun(size: Mapping[str, int]) -> dict[str, Any]:
    """What stands in the file of other seeds of this size; what is there of another size is left out."""
    held: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    same = held.get("size") == size
    return {"size": dict(size), **(held if same else {"seeds": {}})}


def _backtested(seed: int, deployment: Deployment, facts: Sequence[LogRecord]) -> Iterator[dict[str, Any]]:
    """What backtests of all rules that opened any say otherwise: what is known after each of them."""
    kinds = [rule.kind for rule in RULES if any(alert.kind == rule.kind for alert in deployment.alerts)]
    opened = Counter(each.id.partition(":")[0] for each in deployment.opened())
    differences: list[str] = []
    for number, kind in enumerate(kinds, 1):
        differences += differing(deployment.alerts, [facts], [kind])
        asked = sorted(kinds[:number])
        alerts = sum(opened[each] for each in asked)
        yield {"seed": seed, "rules": asked, "alerts": alerts, "differences": list(differences)}


def _told(found: Verdict) -> dict[str, Any]:
    return {
        "rules": {rule: asdict(of_rule) for rule, of_rule in found.rules.items()},
        "versions": {rule.kind: rule.version for rule in RULES},
        "statistical_false_alarms_a_manager_and_week": round(found.false_alarms_a_week, 4),
        "at_most": found.most_a_week,
    }


if __name__ == "__main__":
    sys.exit(main())
