"""The independent computation gives the published totals of the sample exports."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.golden import expected


def test_opportunities_give_the_published_totals(sample_data: Callable[[str], Path]) -> None:
    """Won, lost, bookings, cycles and new customers of 2017 are the documented golden values."""
    found = expected.opportunities(sample_data("crm_opportunities"))
    year = found.periods["company", "year:2017"]
    assert (year.won, year.lost, year.amount_minor) == (4238, 2473, 1_000_553_400)
    assert year.cycle_days / year.won == pytest.approx(51.782, abs=5e-4)
    assert year.median_cycle == 57
    assert (found.open["company"].deals, found.open["company"].qualified) == (2089, 1589)
    assert [found.new_customers[f"quarter:2017-Q{q}"] for q in (1, 2, 3, 4)] == [84, 1, 0, 0]
    quarters = [found.periods["company", f"quarter:2017-Q{q}"] for q in (1, 2, 3, 4)]
    assert [(q.won, q.lost) for q in quarters] == [(531, 116), (1254, 778), (1257, 790), (1196, 789)]


def test_calls_give_the_published_totals(sample_data: Callable[[str], Path]) -> None:
    """Calls, answers, waits and talk time are the documented golden values."""
    found = expected.calls(sample_data("call_center"))
    total = found[""]
    assert (total.calls, total.answered, total.talk_seconds) == (5000, 4054, 911_837)
    assert total.wait_seconds / total.answered == pytest.approx(67.521, abs=5e-4)
    assert total.answered_in_20s / total.calls == pytest.approx(0.0748, abs=5e-5)
    assert sorted(c.calls for agent, c in found.items() if agent) == sorted([666, 638, 633, 633, 631, 624, 593, 582])
