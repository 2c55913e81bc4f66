"""`make alerts`: simulated quarters by seed, and what the rules made of what was seeded; 1 where wrong."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from tests.quarter.company import FEW, SIZES, WEEKS
from tests.quarter.quarter import Quarter
from tests.quarter.run import played
from tests.quarter.verdict import Verdict, lines, verdict


def main() -> int:
    """Print the results as JSON, by seed and rule, and all that is wrong on standard error."""
    parser = ArgumentParser(prog="python -m tests.quarter", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(101, 111)), help="which seeds (101 to 110)")
    parser.add_argument("--weeks", type=int, default=WEEKS, help=f"how many weeks each lasts ({WEEKS})")
    parser.add_argument("--few", action="store_true", help="a company of fifty reps instead of two hundred")
    asked = parser.parse_args()
    found: dict[int, Verdict] = {}
    for seed in asked.seeds:
        quarter = Quarter(seed, FEW if asked.few else SIZES, 0.5 if asked.few else 1.0, asked.weeks)
        found[seed] = verdict(quarter, played(quarter).opened())
        for line in lines({seed: found[seed]}):
            print(line, file=sys.stderr, flush=True)
    print(json.dumps({str(seed): _told(each) for seed, each in found.items()}, indent=2))
    return int(any(True for _ in lines(found)))


def _told(found: Verdict) -> dict[str, Any]:
    return {
        "rules": {rule: asdict(of_rule) for rule, of_rule in found.rules.items()},
        "statistical_false_alarms_a_manager_and_week": round(found.false_alarms_a_week, 4),
        "at_most": found.most_a_week,
    }


if __name__ == "__main__":
    sys.exit(main())
