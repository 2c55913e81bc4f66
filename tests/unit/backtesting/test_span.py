"""A span is answered only where the facts that decide about it are kept."""

import pytest

from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.backtesting.facts_logs import Reach
from pipeline.backtesting.span import WHOLE, looks_back_days, require_reached
from pipeline.config.settings import SetupError
from pipeline.organisation.days import DAY_MS
from schemas.alerts import SETTINGS

FROM = 20_000 * DAY_MS
POLICY = AlertPolicy()


def test_facts_that_begin_with_the_deployment_reach_everything() -> None:
    """Nothing was trimmed: what is not there never was."""
    for rule in SETTINGS:
        require_reached(rule, FROM, [Reach(True, FROM + DAY_MS), Reach(True, None)], POLICY)


def test_a_rule_needs_what_it_looks_back_on() -> None:
    """Silence two weeks, because of feeds; what is usual nine; each log has to reach so far that was trimmed."""
    assert (looks_back_days("silent_rep", POLICY), looks_back_days("below_usual", POLICY)) == (14, 59)
    require_reached("silent_rep", FROM, [Reach(False, FROM - 14 * DAY_MS), Reach(True, FROM)], POLICY)
    with pytest.raises(SetupError, match=r"depends on facts since .* begin at .*TRANSIT_RETENTION_DAYS"):
        require_reached("silent_rep", FROM, [Reach(False, 0), Reach(False, FROM - 14 * DAY_MS + 1)], POLICY)
    with pytest.raises(SetupError, match="there are none"):
        require_reached("below_usual", FROM, [Reach(False, None)], POLICY)


@pytest.mark.parametrize("rule", sorted(WHOLE))
def test_what_stands_open_needs_all_facts(rule: str) -> None:
    """A lead may wait for years."""
    with pytest.raises(SetupError, match="all facts there ever were"):
        require_reached(rule, FROM, [Reach(False, 0)], POLICY)
