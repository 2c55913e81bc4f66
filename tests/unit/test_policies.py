"""What parts are told out of the settings."""

import pytest

from pipeline.config.settings import SetupError, load_settings
from pipeline.policies import shown_of_reps


def test_reps_are_shown_when_it_is_asked_for() -> None:
    """Nothing of them by default; else nine KPIs in two windows, or those that are named."""
    assert shown_of_reps(load_settings({})).most_series == 0
    assert shown_of_reps(load_settings({}, prometheus_reps=True)).most_series == 18
    named = load_settings(
        {}, prometheus_reps=True, prometheus_reps_kpis="calls,open_deals,calls", prometheus_reps_windows="day,now"
    )
    assert [kpi.name for kpi in shown_of_reps(named).kpis] == ["calls", "open_deals"]


@pytest.mark.parametrize(("kpis", "line"), [("call", "no KPI call;"), ("calls,cost", "no cost in 1h,day")])
def test_a_kpi_that_would_never_be_seen_is_refused(kpis: str, line: str) -> None:
    """One that there is not, and one that a rep does not have; by the name of the setting."""
    with pytest.raises(SetupError, match=f"SALESPULSE_PROMETHEUS_REPS_KPIS: .*{line}"):
        shown_of_reps(load_settings({}, prometheus_reps_kpis=kpis))
