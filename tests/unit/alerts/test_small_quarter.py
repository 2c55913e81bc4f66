"""Three weeks of a small company through the stages: what was seeded opens in time, and nothing else does."""

import pytest

from tests.quarter.quarter import Quarter
from tests.quarter.run import played
from tests.quarter.small import SMALL, SMALL_WEEKS
from tests.quarter.verdict import lines, verdict

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
SEED = 3


def test_everything_seeded_is_told_in_time() -> None:
    """No drop is missed or told late, and nothing is told that no drop explains."""
    quarter = Quarter(SEED, SMALL, 0.5, SMALL_WEEKS)
    deployment = played(quarter)
    found = verdict(quarter, deployment.opened())
    assert not deployment.refused
    assert list(lines({SEED: found})) == []
    assert sum(rule.drops for rule in found.rules.values()) >= 4
