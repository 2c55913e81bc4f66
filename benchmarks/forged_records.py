"""`python -m benchmarks.forged_records`: a million records of somebody who wants to speak as the pipeline.

He has the rights of one source, each of the three in turn, and no key. Each series begins anew, with a seed of its own,
on a floor of calls, deals and an organisation, in memory. It ends with an error where a fold or the audit's reader
raises, where anything changes in a state, where a fact or another record than a dead letter is sent, or where a letter
is not of the forged record itself. What came of them is written to `benchmarks/results/forged_records.json`.
"""

import argparse
import json
import time
from collections import Counter
from pathlib import Path

from tests.harness.forged_records import PARTITIONS, Attack
from tests.unit.ledger.world import LOGS

RESULTS = Path(__file__).parent / "results" / "forged_records.json"
AT_ONCE = 500


def attack(seed: int, records: int) -> Attack:
    """One series, on the topic whose turn it is; AssertionError where a record has another effect than its letter."""
    found = Attack(sorted(LOGS)[seed % len(LOGS)], seed)
    for _ in range(0, records, AT_ONCE * PARTITIONS):
        found.run(AT_ONCE)
    return found


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forged_records", description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--each", type=int, default=10_000, help="records of a series")
    parser.add_argument("--seed", type=int, default=1, help="of the first series")
    parser.add_argument("--results", type=Path, default=RESULTS)
    asked = parser.parse_args()
    outcomes: dict[str, Counter[str]] = {topic: Counter() for topic in sorted(LOGS)}
    began = time.process_time()
    seeds = range(asked.seed, asked.seed + max(asked.records // asked.each, 1))
    for seed in seeds:
        found = attack(seed, asked.each)
        outcomes[found.topic] += found.outcomes
        records = sum(map(Counter.total, outcomes.values()))
        result = {
            "first_seed": asked.seed,
            "last_seed": seed,
            "records_a_series": asked.each,
            "records": records,
            "us_a_record": round((time.process_time() - began) / records * 1e6),
            "effects": 0,
            "outcomes": {topic: dict(sorted(counted.items())) for topic, counted in outcomes.items()},
        }
        asked.results.write_text(json.dumps(result, indent=2) + "\n")
        print(f"seed {seed}: {records:,} records, {result['us_a_record']} µs each", flush=True)


if __name__ == "__main__":
    main()
