"""`python -m benchmarks.any_records`: a million valid and nearly valid records in long series on few keys.

All five stages in one process, without a broker, restarted now and then. Each series begins anew, with a seed of its
own; every other one has policies that make objects full soon. It ends with an error where a stage raises, where a
record has no outcome or two, where anything is larger than docs/limits.md says, where the process takes more memory
than that, or where a series costs several times what others do. What came about is printed and written to
`benchmarks/results/any_records.json`, after each series.
"""

import argparse
import json
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

from tests.harness.any_records import AnyRecords
from tests.harness.chain import Chain

RESULTS = Path(__file__).parent / "results" / "any_records.json"
BETWEEN_RESTARTS = 2500
MOST_MIB = 256
"""All stages of two partitions, with what 10,000 records leave in their states."""
MOST_TIMES_THE_MEDIAN = 4
"""So many times what half of the series cost at most, no series costs."""


def series(seed: int, records: int) -> tuple[Chain, float]:
    """One series, and the processor time it took."""
    given, chain = AnyRecords(seed, policies=seed % 2 == 0), Chain()
    began = time.process_time()
    for number in range(0, records, BETWEEN_RESTARTS):
        chain.feed(given.some(min(BETWEEN_RESTARTS, records - number)))
        chain.restart()
    seconds = time.process_time() - began
    chain.check()
    return chain, seconds


class Found:
    """What came of all series so far."""

    def __init__(self, seed: int, each: int) -> None:
        self._said: dict[str, Any] = {"first_seed": seed, "last_seed": seed, "records_a_series": each, "records": 0}
        self._seconds: list[float] = []
        self._outcomes: Counter[str] = Counter()
        self._largest: Counter[str] = Counter()

    def add(self, seed: int, chain: Chain, seconds: float) -> None:
        """Take in a series."""
        self._said |= {"last_seed": seed, "records": self._said["records"] + chain.events + chain.odd_controls}
        self._seconds.append(seconds)
        self._outcomes += chain.outcomes.named()
        for name, size in chain.largest.named().items():
            self._largest[name] = max(self._largest[name], size)

    def check(self) -> None:
        """Called after each series: memory and cost are bounded whatever comes."""
        most_seconds = MOST_TIMES_THE_MEDIAN * median(self._seconds)
        assert _rss_mib() <= MOST_MIB, f"{_rss_mib()} MiB of memory, and not at most {MOST_MIB}"
        assert max(self._seconds) <= most_seconds, f"a series took {max(self._seconds):.1f} s, not {most_seconds:.1f}"

    def result(self) -> dict[str, Any]:
        """For the file."""
        each = self._said["records_a_series"]
        return {
            **self._said,
            "us_a_record": {
                "mean": round(sum(self._seconds) / len(self._seconds) / each * 1e6),
                "slowest_series": round(max(self._seconds) / each * 1e6),
            },
            "rss_mib": _rss_mib(),
            "outcomes": dict(sorted(self._outcomes.items())),
            "largest_bytes": dict(sorted(self._largest.items())),
        }


def _rss_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> (20 if sys.platform == "darwin" else 10)


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.any_records", description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--each", type=int, default=10_000, help="records of a series")
    parser.add_argument("--seed", type=int, default=1, help="of the first series")
    parser.add_argument("--results", type=Path, default=RESULTS)
    asked = parser.parse_args()
    found = Found(asked.seed, asked.each)
    for seed in range(asked.seed, asked.seed + max(asked.records // asked.each, 1)):
        print(f"seed {seed}", end=" ", flush=True)
        found.add(seed, *series(seed, asked.each))
        result = found.result()
        asked.results.write_text(json.dumps(result, indent=2) + "\n")
        print(f"{result['records']:,} records, {result['us_a_record']} µs each, {result['rss_mib']} MiB", flush=True)
        found.check()


if __name__ == "__main__":
    main()
