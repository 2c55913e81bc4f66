"""Far below the usual, and far below the others: what is likely, worked out otherwise, and what holds of any counts."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alerts import below_peers, below_usual
from pipeline.alerts.below_peers import Peers
from pipeline.alerts.below_usual import Hour
from pipeline.alerts.lower_tail import is_below
from pipeline.scores.usual import Spread, spread_of

SCOPE = "rep:0@north"
"""The rep whose activities stand first."""


BASIS_POINTS, PERCENT, OTHERS = st.integers(1, 500), st.integers(1, 50), st.integers(2, 199)
"""What a team may say of the rules."""


def peers(counts: list[int], percent: int | None = None, others: int | None = None) -> Peers:
    """The reps of a team, by what each did, and what the team says of the rule."""
    return Peers.of({f"rep:{number}@north": count for number, count in enumerate(counts)}, percent, others)


def tail(mean: float, deviation: float, seen: int) -> float:
    """The share of counts up to `seen`, term by term, by the logarithm of the gamma function."""
    excess = deviation**2 - mean
    if excess <= 1e-12:
        return math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(seen + 1))
    size = mean**2 / excess
    chance = size / (size + mean)
    logs = (
        math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1)
        + size * math.log(chance) + k * math.log(1 - chance)
        for k in range(seen + 1)
    )  # fmt: skip
    return math.fsum(map(math.exp, logs))


@given(st.integers(1, 2_000), st.floats(1, 20), st.integers(0, 1_000))
def test_the_tail_is_that_of_a_negative_binomial(halves: int, wider: float, seen: int) -> None:
    """Whatever the median, how far counts spread, and what was seen: the bound lies where the other sum puts it."""
    spread = Spread(halves / 2, wider * math.sqrt(halves / 2))
    due = tail(*spread, seen)

    if seen < spread.median:
        assert is_below(spread, seen, min(due * (1 + 1e-7), 1.0))
        assert due < 1e-300 or not is_below(spread, seen, due * (1 - 1e-7))
    else:
        assert not is_below(spread, seen, 1.0)


def test_by_hand() -> None:
    """Of seven by chance e^-7, 0.0009, is the share of none; of six, 0.0025, it is more than one in a thousand."""
    assert is_below(Spread(7, math.sqrt(7)), 0, 0.001)
    assert not is_below(Spread(6, math.sqrt(6)), 0, 0.001)
    assert not is_below(Spread(7, math.sqrt(7)), 1, 0.001)


def test_a_geometric_distribution_by_fractions() -> None:
    """Mean 9 and variance 90 are one success in ten: of none the share is 1/10, of one at most 19/100."""
    spread = Spread(9, math.sqrt(90))

    for seen, due in ((0, Fraction(1, 10)), (1, Fraction(19, 100))):
        assert is_below(spread, seen, float(due) + 1e-9)
        assert not is_below(spread, seen, float(due) - 1e-9)


@pytest.mark.parametrize("median", [1_001, 50_000, 10**12])
def test_large_counts_take_one_step(median: int) -> None:
    """3.09 deviations below is one in a thousand."""
    spread = Spread(median, math.sqrt(median))

    assert is_below(spread, round(median - 3.1 * spread.deviation), 0.001)
    assert not is_below(spread, round(median - 3.0 * spread.deviation), 0.001)


@given(st.integers(0, 60), st.integers(4, 7), st.integers(0, 10**6), st.integers(0, 60))
def test_one_odd_week_does_not_matter(count: int, weeks: int, odd: int, seen: int) -> None:
    """Beside equal weeks, whatever a single one was like, the same hours are far below."""
    usual = [count] * weeks

    assert below_usual.opens([Hour(seen, [*usual, odd])] * 2) == below_usual.opens([Hour(seen, usual)] * 2)


@given(st.lists(st.integers(0, 60), max_size=8), st.integers(0, 60), st.integers(0, 60), BASIS_POINTS, BASIS_POINTS)
def test_fewer_are_never_better(usual: list[int], seen: int, more: int, limit: int, wider: int) -> None:
    """What opens with some opens with fewer, and by a wider limit; what opens does not close at once."""
    few, many = Hour(seen, usual), Hour(seen + more, usual)

    assert below_usual.opens([few, few], limit) or not below_usual.opens([many, many], limit)
    assert not (below_usual.opens([few, few], limit) and below_usual.closes(few, limit))
    assert below_usual.opens([few, few], max(limit, wider)) or not below_usual.opens([few, few], limit)


def test_one_quarter_hour_is_not_enough() -> None:
    """Twelve an hour are usual: both working hours that end with the last two quarter-hours have to be far below."""
    quiet, busy = Hour(0, [12, 12, 12, 12]), Hour(3, [12, 12, 12, 12])

    assert not below_usual.opens([quiet])
    assert not below_usual.opens([busy, quiet])
    assert below_usual.opens([busy, quiet, quiet])


def test_it_closes_with_an_hour_that_is_one_in_a_hundred() -> None:
    """Of twelve by chance 0.76 % of hours have up to 4, 2 % up to 5. Where nothing is usual it stays open."""
    assert not below_usual.closes(Hour(4, [12, 12, 12, 12]))
    assert below_usual.closes(Hour(5, [12, 12, 12, 12]))
    assert not below_usual.closes(Hour(5, [12, 12, 12]))


def test_how_low_an_hour_has_to_be_is_said_in_basis_points() -> None:
    """Of twelve by chance 0.76 % of hours have up to 4: that is below 77 in ten thousand; ten times 5 closes it."""
    hour = Hour(4, [12, 12, 12, 12])

    assert below_usual.opens([hour, hour], 77)
    assert not below_usual.opens([hour, hour], 76)
    assert below_usual.closes(hour, 7)
    assert not below_usual.closes(hour, 8)


def test_of_three_weeks_nothing_is_usual() -> None:
    """Whoever is new is not compared."""
    assert spread_of([40, 40, 40]) is None
    assert not below_usual.opens([Hour(0, [40, 40, 40])] * 2)


def test_below_a_tenth_of_the_team() -> None:
    """The six have 3, 30, 30, 31, 40 and 90: the median is 30.5, and 3 is below a tenth of it, 4 is not."""
    others = [30, 30, 31, 40, 90]

    assert below_peers.opens(peers([3, *others]), SCOPE, 60)
    assert not below_peers.opens(peers([4, *others]), SCOPE, 60)
    assert not below_peers.opens(peers([3, *others]), SCOPE, 59)
    assert not below_peers.opens(peers([3, *others[1:]]), SCOPE, 60)


def test_nobody_is_behind_where_little_is_done() -> None:
    """A tenth of nine is no activity: silence has a rule of its own."""
    assert not below_peers.opens(peers([0, 9, 9, 9, 9, 9]), SCOPE, 300)
    assert below_peers.opens(peers([0, 10, 10, 10, 10, 10]), SCOPE, 300)


def test_a_fifth_of_the_team_closes_it() -> None:
    """Between a tenth and a fifth nothing changes."""
    others = [30, 30, 30, 30, 30]

    assert not below_peers.closes(peers([5, *others]), SCOPE)
    assert below_peers.closes(peers([6, *others]), SCOPE)
    assert below_peers.closes(peers([0, *others[1:]]), SCOPE)


def test_how_much_of_the_median_and_of_how_many_is_said_by_the_team() -> None:
    """A quarter of 32 is 8, which is not below it, and a half closes it; two others are enough where the team says."""
    others = [30, 30, 32, 32, 90, 90]

    assert below_peers.opens(peers([7, *others], 25), SCOPE, 60)
    assert not below_peers.opens(peers([8, *others], 25), SCOPE, 60)
    assert not below_peers.closes(peers([15, *others], 25), SCOPE)
    assert below_peers.closes(peers([16, *others], 25), SCOPE)
    assert below_peers.opens(peers([2, 40, 50], others=2), SCOPE, 60)
    assert not below_peers.opens(peers([2, 40, 50], others=3), SCOPE, 60)
    assert not below_peers.opens(peers([3, *others], others=7), SCOPE, 60)


def test_a_limit_below_one_activity_is_silence() -> None:
    """A fiftieth of 49 is none; of 50 it is one."""
    assert not below_peers.opens(peers([0, *[49] * 6], 2), SCOPE, 60)
    assert below_peers.opens(peers([0, *[50] * 6], 2), SCOPE, 60)
    assert not below_peers.opens(peers([0, *[9] * 6], 50), SCOPE, 60)


@given(st.integers(0, 200), st.lists(st.integers(0, 200), min_size=1, max_size=30), PERCENT, PERCENT, OTHERS)
def test_who_is_behind_does_not_hang_on_the_order(
    done: int, others: list[int], percent: int, wider: int, least: int
) -> None:
    """Nor does it open and close at once; one more of the rep's own, or a narrower limit, never opens it."""

    def opens(counts: list[int], limit: int = percent) -> bool:
        return below_peers.opens(peers(counts, limit, least), SCOPE, 60)

    team = [done, *others]
    assert opens(team) == opens([done, *sorted(others)])
    assert not (opens(team) and below_peers.closes(peers(team, percent, least), SCOPE))
    assert opens(team) or not opens([done + 1, *others])
    assert opens(team, max(percent, wider)) or not opens(team)
    assert not opens(team) or len(others) >= least
