"""How likely a count as low as one that was seen is, beside what is usual: the lower tail of a negative binomial.

It is formed with sums, products and quotients alone, which every machine rounds alike: so a replay decides the same.
"""

import math
from collections.abc import Callable
from statistics import NormalDist

from pipeline.scores.usual import Spread

MANY = 1_000
"""Of more than so many the normal distribution is as good, and takes one step instead of thousands."""
NEGLIGIBLE = 1e-15


def is_below(spread: Spread, seen: int, share: float) -> bool:
    """Whether counts as low as `seen` make up no more than a share of what is usual.

    What is usual is a negative binomial distribution of this mean and deviation, or a Poisson distribution where the
    deviation is that of counts that come by chance.
    """
    if seen >= spread.median:
        return False
    if spread.median > MANY:
        return seen <= spread.median + NormalDist().inv_cdf(share) * spread.deviation
    return _tail(spread, seen) <= share


def _tail(spread: Spread, seen: int) -> float:
    """The share of counts up to `seen`: weights relative to that of the mode, by those of all."""
    mode, ratio = _shape(spread)
    weight, below = 1.0, 1.0 if mode <= seen else 0.0
    total = 1.0
    for count in range(mode, 0, -1):
        weight /= ratio(count - 1)
        total += weight
        if count - 1 <= seen:
            below += weight
    weight, count = 1.0, mode
    while weight * (step := ratio(count)) > NEGLIGIBLE * total * (1 - step):
        weight, count = weight * step, count + 1
        total += weight
        if count <= seen:
            below += weight
    return below / total


def _shape(spread: Spread) -> tuple[int, Callable[[int], float]]:
    """The mode, and by count how much likelier the next one is."""
    mean, excess = spread.median, spread.deviation**2 - spread.median
    if excess <= NEGLIGIBLE * mean:
        return math.floor(mean), lambda count: mean / (count + 1)
    size = mean * mean / excess
    failing = mean / (size + mean)
    mode = math.floor((size - 1) * failing / (1 - failing)) if size > 1 else 0
    return mode, lambda count: (count + size) / (count + 1) * failing
