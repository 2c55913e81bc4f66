"""Cost: by day, by category, and again days later; what it is for each new customer."""

from collections import Counter
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline import measures as m
from pipeline.kinds.cost import LATER
from tests.unit.ledger.world import World, event, organisation

NOVEMBER = date(2025, 11, 1).toordinal()

PERIOD: dict[str, Any] = {"team_id": "north", "period_start": "2025-11-01", "period_end": "2025-11-30"}


def _days(*costs: dict[str, Any], measure: str) -> dict[int, int]:
    """What a measure holds of team north, by day."""
    told = [event("cost", f"k{number}", number, **cost) for number, cost in enumerate(costs)]
    total = World(partitions=1).play(organisation(), told).total()
    return {place[2] or 0: sums[measure] for place, sums in total.items() if measure in sums}


def test_cost_counts_by_what_it_was_spent_on() -> None:
    """What has no category is told as `unassigned`; what is corrected moves from one to the other."""
    ads = {**PERIOD, "amount_minor": 3_000, "category": "ads"}
    rest = {**PERIOD, "amount_minor": 600}

    assert set(_days(ads, rest, measure="cost_category_minor:ads").values()) == {100}
    assert set(_days(ads, rest, measure="cost_category_minor:unassigned").values()) == {20}
    assert set(_days(ads, rest, measure="cost_minor").values()) == {120}


def test_cost_counts_again_days_later() -> None:
    """That of 1 November on 1 and 31 December and on 30 January, each day's the same."""
    cost = {**PERIOD, "amount_minor": 61, "period_end": "2025-11-02"}

    assert _days(cost, measure="cost_minor") == {NOVEMBER: 31, NOVEMBER + 1: 30}
    for days, measure in LATER:
        assert _days(cost, measure=measure) == {NOVEMBER + days: 31, NOVEMBER + days + 1: 30}


def test_a_currency_without_a_rate_is_left_out_once() -> None:
    """Not once for each measure."""
    cost = {**PERIOD, "amount_minor": 61, "currency": "JPY"}

    assert _days(cost, measure="unconverted") == {NOVEMBER: 1}
    assert _days(cost, measure=m.COST_30D_MINOR) == {}


AMOUNTS = st.integers(-(10**6), 10**6)
COSTS = st.lists(
    st.fixed_dictionaries(
        {
            "amount_minor": AMOUNTS,
            "period_start": st.sampled_from(("2025-10-01", "2025-10-31")),
            "period_end": st.sampled_from(("2025-10-31", "2025-11-02", "2025-12-31")),
            "category": st.sampled_from((None, "ads", "salaries")),
            "team_id": st.just("north"),
        }
    ),
    max_size=4,
)


@given(COSTS)
def test_all_ways_to_count_cost_come_to_the_same(costs: list[dict[str, Any]]) -> None:
    """Day by day the categories add up to the whole, and so does the same day's cost later."""
    told = [event("cost", f"k{number}", number, **cost) for number, cost in enumerate(costs)]
    total = World(partitions=1).play(organisation(), told).total()
    whole: Counter[int] = Counter()
    named: Counter[int] = Counter()
    later: dict[str, Counter[int]] = {measure: Counter() for _, measure in LATER}
    for (_, _, day, _), sums in total.items():
        for name, amount in sums.items():
            if name == m.COST_MINOR:
                whole[day or 0] += amount
            elif name.startswith(m.COST_CATEGORY_MINOR):
                named[day or 0] += amount
            else:
                later[name][day or 0] += amount

    assert {day: n for day, n in named.items() if n} == {day: n for day, n in whole.items() if n}
    assert sum(whole.values()) == sum(cost["amount_minor"] for cost in costs)
    for days, measure in LATER:
        assert later[measure] == Counter({day + days: amount for day, amount in whole.items()})
