"""What stands by local day, as of today: whatever the days are, those that are over count and no others."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.kinds.deal_days import CLOSING
from pipeline.scores.by_day import as_of_today

TODAY = 739558
STANDING = st.dictionaries(
    st.tuples(st.sampled_from(CLOSING), st.integers(TODAY - 5, TODAY + 5)), st.integers(-3, 9), max_size=20
)


@given(STANDING, st.integers(TODAY - 7, TODAY + 7))
def test_what_was_to_close_before_today_is_summed_up(standing: dict[tuple[str, int], int], today: int) -> None:
    """Each sum of its own; what is to close today or later has no part in it, and all else stays as it is."""
    told = {f"{stem}{day}": amount for (stem, day), amount in standing.items()} | {"open_deals": 7}
    found = as_of_today(told, today, 0)

    for stem in CLOSING:
        assert found.get(stem, 0) == sum(amount for (of, day), amount in standing.items() if of == stem and day < today)
    assert {name: amount for name, amount in found.items() if name not in CLOSING} == told


@given(STANDING, st.integers(TODAY - 7, TODAY + 7))
def test_midnight_adds_the_day_that_is_over(standing: dict[tuple[str, int], int], today: int) -> None:
    """And nothing else: no deal comes out by itself."""
    told = {f"{stem}{day}": amount for (stem, day), amount in standing.items()}
    before, after = (as_of_today(told, day, 0) for day in (today, today + 1))

    for stem in CLOSING:
        assert after.get(stem, 0) - before.get(stem, 0) == standing.get((stem, today), 0)
