"""Three weeks of a small company through the stages: what was seeded opens in time, and nothing else does."""

from collections import defaultdict
from typing import NamedTuple

import pytest

from tests.quarter.backtests import differing
from tests.quarter.quarter import Quarter
from tests.quarter.run import played
from tests.quarter.small import SMALL, SMALL_WEEKS
from tests.quarter.stages import Deployment, LogRecord
from tests.quarter.verdict import lines, verdict

pytestmark = pytest.mark.slow
SEED = 3


class Played(NamedTuple):
    """A quarter, the stages that it went through, and all facts by partition."""

    quarter: Quarter
    deployment: Deployment
    facts: dict[int, list[LogRecord]]


@pytest.fixture(scope="module")
def small() -> Played:
    """Played once for all."""
    quarter = Quarter(SEED, SMALL, 0.5, SMALL_WEEKS)
    facts: dict[int, list[LogRecord]] = defaultdict(list)
    return Played(quarter, played(quarter, keep=lambda number, record: facts[number].append(record)), facts)


def test_everything_seeded_is_told_in_time(small: Played) -> None:
    """No drop is missed or told late, and nothing is told that no drop explains."""
    found = verdict(small.quarter, small.deployment.opened())
    assert not small.deployment.refused
    assert list(lines({SEED: found})) == []
    assert sum(rule.drops for rule in found.rules.values()) >= 4


def test_a_backtest_opens_what_was_live(small: Played) -> None:
    """Of a rule about feeds and one about teams, id by id and instant by instant, though a worker ended meanwhile."""
    live = small.deployment.alerts
    kinds = [kind for kind in ("feed_silent", "silent_team") if any(alert.kind == kind for alert in live)]
    assert len(kinds) > 1
    assert list(differing(live, [small.facts[0]], kinds)) == []
