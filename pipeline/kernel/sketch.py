"""A sketch of a distribution: counts in logarithmic buckets, mergeable and retractable, relative error 1 %."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from itertools import accumulate
from math import floor
from typing import NamedTuple

RELATIVE_ERROR = 0.01
_GROWTH = (101, 99)
"""(1 + error) / (1 - error), exact, so that every machine has the same buckets."""
_LARGEST = 10**19


class Ordered(NamedTuple):
    """Buckets by what they hold: their indexes, and how many values lie in each and all lower ones."""

    indexes: list[int]
    up_to: list[int]


def _bounds() -> list[int]:
    numerator, denominator = 1, 1
    bounds = [0]
    while bounds[-1] < _LARGEST:
        bounds.append(numerator // denominator)
        numerator, denominator = numerator * _GROWTH[0], denominator * _GROWTH[1]
    return bounds


_BOUNDS = _bounds()
"""The largest whole number of each bucket; bucket 0 holds 0. Some of the first buckets hold no whole number."""


def bucket(value: int) -> int | None:
    """The bucket of a whole number; None for a negative one, which has none."""
    return None if value < 0 else min(bisect_left(_BOUNDS, value), len(_BOUNDS) - 1)


def value_of(index: int) -> float:
    """What a value in a bucket is taken for: exact where the bucket holds one whole number, else within the error."""
    if index == 0:
        return 0.0
    highest, below = _BOUNDS[index], _BOUNDS[index - 1]
    if highest - below <= 1:
        return float(highest)
    lower, upper = below + 1, highest
    return 2.0 * lower * upper / (lower + upper)


def quantile(counts: Mapping[int, int], share: float = 0.5) -> float | None:
    """The value below which `share` of all lie, None of nothing; between two of them in proportion."""
    return quantile_of(in_order(counts), share)


def in_order(counts: Mapping[int, int]) -> Ordered:
    """The buckets that hold anything, from the lowest on."""
    held = sorted([each for each in counts.items() if each[1] > 0])
    return Ordered([index for index, _ in held], list(accumulate([count for _, count in held])))


def quantile_of(buckets: Ordered, share: float) -> float | None:
    """The same of buckets in order, of which several quantiles may be asked."""
    if not buckets.up_to:
        return None
    last = buckets.up_to[-1] - 1
    rank = share * last
    below = floor(rank)
    lower, upper = _at_rank(buckets, below), _at_rank(buckets, min(below + 1, last))
    return lower + (upper - lower) * (rank - below)


def _at_rank(buckets: Ordered, rank: int) -> float:
    return value_of(buckets.indexes[bisect_right(buckets.up_to, rank)])
