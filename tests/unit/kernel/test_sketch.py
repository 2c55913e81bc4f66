from collections import Counter
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernel.sketch import RELATIVE_ERROR, bucket, quantile, value_of

VALUES = st.integers(0, 10**12)


@given(st.integers(0, 10**19))
def test_a_value_is_kept_within_the_error(value: int) -> None:
    """What a bucket is taken for lies within one per cent of every value in it."""
    index = bucket(value)

    assert index is not None
    assert abs(value_of(index) - value) <= RELATIVE_ERROR * value + 1e-9


@given(VALUES, VALUES)
def test_buckets_keep_the_order(first: int, second: int) -> None:
    """A greater value never lies in a lesser bucket."""
    assert (bucket(min(first, second)) or 0) <= (bucket(max(first, second)) or 0)


def test_small_numbers_are_exact() -> None:
    """Each whole number up to fifty has a bucket of its own."""
    assert [value_of(bucket(value) or 0) for value in range(51)] == list(range(51))
    assert bucket(-1) is None


@given(st.lists(VALUES, min_size=1), st.lists(VALUES))
def test_the_median_is_within_the_error_after_retractions(values: list[int], others: list[int]) -> None:
    """Values put in and taken out again leave the median of those that stay."""
    counts = Counter(bucket(value) for value in [*values, *others])
    counts.subtract(bucket(value) for value in others)

    assert quantile({index: count for index, count in counts.items() if index is not None}) == pytest.approx(
        median(values), rel=RELATIVE_ERROR
    )


def test_nothing_has_no_median() -> None:
    """Of no values, or of counts that have come to zero, there is no quantile."""
    assert quantile({}) is None
    assert quantile({3: 0}) is None
