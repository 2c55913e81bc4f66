"""The simulated quarter: what its generator promises, and how its verdict tells right from wrong."""

from collections.abc import Iterator
from datetime import date

import holidays
import pytest

from tests.quarter.clocks import MINUTE, after, worked
from tests.quarter.company import FEW, FIRST, PLACES
from tests.quarter.events import Told
from tests.quarter.explained import EXPLANATIONS, Explanation
from tests.quarter.quarter import Expected, Quarter
from tests.quarter.stages import Opened
from tests.quarter.verdict import verdict

pytestmark = pytest.mark.slow


def taken(quarter: Quarter) -> Iterator[Told]:
    """All that is appended."""
    for events in quarter.events():
        yield from events


@pytest.fixture(scope="module")
def quarter() -> Quarter:
    """Three weeks of a small company, whose events were taken."""
    found = Quarter(7, FEW, 0.5, 3)
    appended = [each.at_ms for each in taken(found)]
    assert appended == sorted(appended)
    return found


def test_a_seed_is_always_the_same_quarter(quarter: Quarter) -> None:
    """Everything follows from the seed, and another one is another quarter."""
    again, other = Quarter(7, FEW, 0.5, 3), Quarter(8, FEW, 0.5, 3)
    for each in (again, other):
        assert sum(1 for _ in taken(each)) > 10_000
    assert again.expected == quarter.expected != other.expected


def test_days_off_are_those_of_the_places() -> None:
    """Told by hand, and equal to the public holidays of the weekdays."""
    for place in PLACES.values():
        if place.holidays:
            country, _, part = place.holidays.partition("-")
            known = holidays.country_holidays(country, subdiv=part or None, years=FIRST.year)
            last = date(2026, 5, 31)
            assert place.free == {day for day in known if FIRST <= day <= last and day.weekday() < 5}


def test_working_time_is_cut_by_breaks() -> None:
    """Nine to twelve and one to five: four hours after ten it is three."""
    spans = [(9 * 60 * MINUTE, 12 * 60 * MINUTE), (13 * 60 * MINUTE, 17 * 60 * MINUTE)]
    assert after(spans, 10 * 60 * MINUTE, 240 * MINUTE) == 15 * 60 * MINUTE
    assert worked(spans, 10 * 60 * MINUTE, 15 * 60 * MINUTE) == 240 * MINUTE
    assert after(spans, 0, 421 * MINUTE) is None


def test_whatever_is_expected_and_opens_in_time_is_right(quarter: Quarter) -> None:
    """And nothing else: one that is missing, one that is late, and one that nothing explains are each told."""
    opened = [Opened(each.id, each.latest_ms, "team:x") for each in quarter.expected]
    right = verdict(quarter, opened)
    assert not any(rule.missed or rule.late or rule.false_alarms for rule in right.rules.values())

    quarter.expected.append(Expected("silent_rep:rep:x@y", FIRST.toordinal(), FIRST.toordinal()))
    wrong = [
        *opened[1:],
        Opened(opened[0].id, opened[0].opened_ms + 1, "team:x"),
        Opened("goal_at_risk:team:z", 0, "z"),
    ]
    found = verdict(quarter, wrong).rules
    quarter.expected.pop()
    assert found["silent_rep"].missed == [f"silent_rep:rep:x@y {FIRST.toordinal() // MINUTE}"]
    assert sum(len(rule.late) for rule in found.values()) == 1
    assert found["goal_at_risk"].false_alarms == ["goal_at_risk:team:z 0"]


@pytest.mark.parametrize("each", [pytest.param(each, id=each.why) for each in EXPLANATIONS])
def test_an_explanation_is_of_some_drop_and_of_its_subjects_and_time(each: Explanation) -> None:
    """Of a quarter of all teams: what opens a moment before, a moment after or elsewhere is not explained by it."""
    found = [(drop, each.of(drop)) for drop in Quarter(0).drops if not each.drops or drop.rule in each.drops]
    assert any(scopes for _, scopes in found)
    for drop, scopes in found:
        begin, end = each.when(drop)
        assert drop.from_ms <= begin < end
        for scope in scopes:
            moments = (begin - 1, begin, end - 1, end)
            held = [each.holds(drop, Opened(f"{each.rules[0]}:{scope}", at_ms, "")) for at_ms in moments]
            assert held == [False, True, True, False]
        assert not each.holds(drop, Opened(f"{each.rules[0]}:team:nobody", begin, ""))
