"""Nobody speaks as the pipeline: what he writes is a dead letter of his own, and nothing else."""

import pytest

from benchmarks.forged_records import attack
from tests.harness.forged_records import Forger, floor

SEEDS = (1, 2, 3)
"""One for each source; `python -m benchmarks.forged_records` takes a million records."""


@pytest.mark.parametrize("seed", SEEDS)
def test_forged_records_have_no_effect_but_their_letters(seed: int) -> None:
    """No figure and no state moves, no fold ends, nobody else's letter changes; the audit takes none of them in."""
    found = attack(seed, 2_000)

    assert found.outcomes.total() == 2_000
    assert found.outcomes["invalid_control"] > 800
    assert found.outcomes["passed over"] > 0


def test_a_seed_makes_the_same_records() -> None:
    """So that a series that failed can be had again."""
    world = floor()

    assert Forger(world, "crm.events", 7).some(200) == Forger(world, "crm.events", 7).some(200)
    assert Forger(world, "crm.events", 7).some(200) != Forger(world, "crm.events", 8).some(200)
