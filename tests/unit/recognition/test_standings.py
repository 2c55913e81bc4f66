"""Who stands where in a contest."""

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pipeline.recognition.standings import KPIS, MEASURES, Standing, Standings, Sums
from pipeline.scores.kpi import Kpi
from schemas.integers import MOST

SUMS = st.dictionaries(
    st.sampled_from(["rep:1", "rep:2", "rep:3", "rep:4", "rep:9"]),
    st.dictionaries(st.sampled_from(["won", "lost", "dials"]), st.integers(0, 4)),
)
ENTRANTS = ("rep:1", "rep:2", "rep:3", "rep:4")


def standings(kpi: Kpi, sums: Mapping[str, Sums], entrants: Iterable[str], least: int) -> list[Standing]:
    """All who take part, read at once."""
    return Standings(kpi, entrants, least, sums).first()


def test_equal_values_share_a_place() -> None:
    """And the next one is as many further on; who did nothing is last, and has a place like all."""
    sums = {"rep:1": {"dials": 7}, "rep:2": {"dials": 9}, "rep:3": {"dials": 7}, "rep:9": {"dials": 99}}

    assert standings(KPIS["dials"], sums, ENTRANTS, 5) == [
        Standing("rep:2", 1, 9, None), Standing("rep:1", 2, 7, None), Standing("rep:3", 2, 7, None),
        Standing("rep:4", 4, 0, None),
    ]  # fmt: skip


def test_a_share_of_too_few_has_no_place() -> None:
    """Three of four are more than one of one; of nothing there is no share at all."""
    sums = {"rep:1": {"won": 3, "lost": 1}, "rep:2": {"won": 1}, "rep:3": {"won": 2, "lost": 2}}

    assert standings(KPIS["win_rate"], sums, ENTRANTS, 4) == [
        Standing("rep:1", 1, 0.75, 4), Standing("rep:3", 2, 0.5, 4), Standing("rep:2", None, 1.0, 1),
        Standing("rep:4", None, None, 0),
    ]  # fmt: skip


def test_money_is_what_splits_leave() -> None:
    """Bookings are the owner's, without what was moved to others."""
    sums = {"rep:1": {"won_minor": 900, "won_split_minor": -400}, "rep:2": {"won_split_minor": 400}}

    assert [(each.scope, each.value) for each in standings(KPIS["bookings"], sums, ENTRANTS[:2], 5)] == [
        ("rep:1", 500), ("rep:2", 400),
    ]  # fmt: skip


def test_what_no_number_holds_has_no_place() -> None:
    """Beyond 64 bits a KPI has no value either."""
    assert standings(KPIS["dials"], {"rep:1": {"dials": MOST + 1}}, ["rep:1"], 5) == [
        Standing("rep:1", None, None, None)
    ]  # fmt: skip


def test_every_kpi_of_a_contest_is_one_of_reps_of_which_more_is_better() -> None:
    """And a sum, or a quotient of sums: what days add up to decides it."""
    for kpi in KPIS.values():
        assert (kpi.reps, kpi.better) == (True, "up")
        assert kpi.formula in ("count", "ratio", "mean")
        assert {*kpi.numerator, *kpi.denominator, *kpi.left_out} <= MEASURES


@given(SUMS, st.integers(1, 5), st.permutations(ENTRANTS))
def test_a_place_is_how_many_are_better(sums: dict[str, dict[str, int]], least: int, entrants: list[str]) -> None:
    """One more than those of a greater share, as exact numbers, whatever the order in which they are named."""
    found = standings(KPIS["win_rate"], sums, entrants, least)

    exact = {}
    for scope in entrants:
        won, lost = (Counter(sums.get(scope, {}))[name] for name in ("won", "lost"))
        if won + lost >= least:
            exact[scope] = Fraction(won, won + lost)
    places = {scope: 1 + sum(other > value for other in exact.values()) for scope, value in exact.items()}
    assert {each.scope: each.place for each in found} == {scope: places.get(scope) for scope in entrants}
    assert [each.place for each in found if each.place] == sorted(places.values())
    assert found == standings(KPIS["win_rate"], sums, reversed(entrants), least)


@given(SUMS, st.lists(SUMS, max_size=12), st.integers(1, 5), st.sampled_from(("won", "win_rate")), st.integers(0, 5))
def test_what_changes_is_placed_as_if_all_were_read_again(
    sums: dict[str, dict[str, int]], changes: list[dict[str, dict[str, int]]], least: int, kpi: str, most: int
) -> None:
    """After any changes of whomever, of counts and of shares, with and without a place; the first ones are the same."""
    kept = Standings(KPIS[kpi], ENTRANTS, least, sums)
    for change in changes:
        for scope in change.keys() & set(ENTRANTS):
            sums = {**sums, scope: change[scope]}
            kept.change(scope, change[scope])
    anew = standings(KPIS[kpi], sums, ENTRANTS, least)
    assert (kept.first(), kept.first(most)) == (anew, anew[:most])
