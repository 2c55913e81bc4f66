"""Curves, worked out by hand from a few periods of a few days, and what holds for all periods."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.curves.learning import LEAST_PERIODS, MOST_PERIODS, Learnt, Past, learn

HOUR_MS = 3_600_000
FEW = settings(max_examples=min(20, settings().max_examples), deadline=None)


def past(periods: Sequence[Sequence[int]], work: Sequence[int]) -> Past:
    """One team's months, of so many days each: what was reached on each, and how many hours are worked."""
    found = Past(aim=[{"scope": "team:north", "kpi": "won", "kind": "month"}])
    for number, amounts in enumerate(periods):
        first = 700_000 + number * len(work)
        found.period.append(
            {"scope": "team:north", "kind": "month", "first_day": first, "last_day": first + len(work) - 1}
        )
        for day, (amount, hours) in enumerate(zip(amounts, work, strict=True), first):
            found.worked.append({"scope": "team:north", "day": day, "work_ms": hours * HOUR_MS})
            if amount:
                found.amount.append({"scope": "team:north", "kpi": "won", "day": day, "amount": amount})
    return found


def curve(periods: Sequence[Sequence[int]], work: Sequence[int] = (8, 8, 8, 8)) -> Learnt:
    """The one that is learnt."""
    (found,) = learn(past(periods, work))
    return found


def test_equal_periods_have_their_own_shares() -> None:
    """Of 10 a month 1, 2, 3 and 4 come on four days: after half of the time 3 are there, after 75 % of it 6.

    After 5 % of the time a fifth of the first day has passed, with 0.2 of 10. Every total is what was projected.
    """
    found = curve([(1, 2, 3, 4)] * 9)

    assert (found.periods, found.typical) == (9, 10)
    assert [found.shares[number] for number in (0, 4, 9, 14, 18)] == [200, 1_000, 3_000, 6_000, 9_200]
    assert found.low == [10_000] * 19
    assert found.high == [10_000] * 19


def test_the_period_in_the_middle_is_the_usual_one() -> None:
    """Eight months are alike; that all was won on the first day of the ninth moves nothing."""
    assert curve([(1, 2, 3, 4)] * 8 + [(10, 0, 0, 0)]).shares == curve([(1, 2, 3, 4)] * 9).shares


def test_of_nine_periods_the_bounds_are_the_least_and_the_most() -> None:
    """Totals of 8 to 16, all but 4 of them on the last day; after 75 % of the time a third of 12 is usually there.

    What leans on the usual period is a tenth of the two thirds to come: (4 + 0.0667 x 12) / (0.3333 + 0.0667) = 12.
    So the totals are 8 / 12 to 16 / 12 of what was projected.
    """
    found = curve([(4, 0, 0, last) for last in range(4, 13)])

    assert found.typical == 12
    assert found.shares[14] == 3_333
    assert (found.low[14], found.high[14]) == (6_666, 13_334)


def test_of_nineteen_periods_the_bounds_are_the_second_from_either_end() -> None:
    """A tenth of twenty: totals of 104 to 122, of which 105 and 121 are the second ones, by 113."""
    found = curve([(104 + number, 0, 0, 0) for number in range(19)], (0, 0, 0, 8))

    assert (found.low[0], found.high[0]) == (10_000, 10_000), "all is there before work begins"
    found = curve([(0, 0, 0, 104 + number) for number in range(19)], (8, 8, 8, 0))
    assert (found.low[18], found.high[18]) == (105 * 10_000 // 113, -(-121 * 10_000 // 113))


def test_what_comes_on_a_free_day_is_there_when_work_goes_on() -> None:
    """Of four days the second is free: what it brings is there just after half of the others."""
    found = curve([(0, 10, 0, 0)] * 9, (8, 0, 8, 0))

    assert (found.shares[9], found.shares[10]) == (0, 10_000)


def test_a_period_of_nothing_is_not_learnt_from() -> None:
    """Of nothing no share is anything. Of takings back neither."""
    assert curve([(1, 2, 3, 4)] * 8 + [(0, 0, 0, 0), (-5, 0, 0, 1)]).periods == 8
    assert learn(past([(0, 0, 0, 0)] * 9, (8, 8, 8, 8))) == []


def test_only_the_latest_periods_count() -> None:
    """Twenty-four of them: what was before went otherwise."""
    found = curve([(10, 0, 0, 0)] * 30 + [(0, 0, 0, 10)] * MOST_PERIODS)

    assert found.periods == MOST_PERIODS
    assert found.shares[14] == 0


def test_where_nobody_works_there_is_no_curve() -> None:
    """Nor is there a share of no time."""
    assert learn(past([(1, 2, 3, 4)] * 9, (0, 0, 0, 0))) == []


@FEW
@given(
    st.lists(st.lists(st.integers(-50, 500), min_size=5, max_size=5), min_size=LEAST_PERIODS, max_size=30),
    st.lists(st.integers(0, 10), min_size=5, max_size=5),
)
def test_whatever_happened_a_curve_is_one_that_may_be_told(periods: list[list[int]], work: list[int]) -> None:
    """Shares rise from 0 to 1, and the projection lies between its bounds."""
    for found in learn(past(periods, work)):
        assert found.shares == sorted(found.shares)
        assert all(0 <= share <= 10_000 for share in found.shares)
        assert all(0 <= low <= 10_000 <= high <= 10**7 for low, high in zip(found.low, found.high, strict=True))
        assert found.typical >= 1
