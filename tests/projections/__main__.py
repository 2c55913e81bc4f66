"""`make projections`: how often totals of simulated periods lie in the interval told of them, by kind of team."""

import sys
from argparse import ArgumentParser

from tests.projections.coverage import Held, coverage

LEAST, MOST = 0.77, 0.83


def main() -> int:
    """Print the shares; 1 where that of all periods is not between 77 and 83 %."""
    parser = ArgumentParser(prog="python -m tests.projections", description=__doc__)
    parser.add_argument("--each", type=int, default=600, help="how many periods of each kind of team (600)")
    parser.add_argument("--seed", type=int, default=20_001, help="the seed (20001)")
    asked = parser.parse_args()
    found = coverage(asked.seed, asked.each)
    everything = sum(found.values(), Held(0, 0, 0, 0))
    for kind, held in {**found, "all": everything}.items():
        above, below = held.above / held.periods, held.below / held.periods
        print(f"{kind:16} {held.periods:6,} periods: {held.share:6.1%} within, {below:5.1%} below, {above:5.1%} above")
    return int(not LEAST <= everything.share <= MOST)


if __name__ == "__main__":
    sys.exit(main())
