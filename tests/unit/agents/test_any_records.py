"""Valid and nearly valid records, in long series on few keys: no stage ends, and every record has one outcome."""

import pytest

from benchmarks.any_records import series
from tests.harness.any_records import AnyRecords

pytestmark = pytest.mark.slow

SEEDS = (1, 2, 3, 6)
RECORDS = 5_000
"""Of each seed; `python -m benchmarks.any_records` takes a million."""


@pytest.mark.parametrize("seed", SEEDS)
def test_any_records_have_one_outcome_each_and_bounded_costs(seed: int) -> None:
    """Through all five stages, restarted now and then; most reasons for a dead letter come up."""
    chain, _ = series(seed, RECORDS)

    assert chain.events + chain.odd_controls == RECORDS
    assert set(chain.outcomes.named()) > {"accepted", "duplicate", "forwarded", "late", "invalid_event", "invalid_json"}
    assert ("full" in chain.outcomes.reasons) == (seed % 2 == 0)


def test_a_seed_makes_the_same_records() -> None:
    """So that a series that failed can be had again."""
    assert list(AnyRecords(7).some(500)) == list(AnyRecords(7).some(500)) != list(AnyRecords(8).some(500))
