"""Cold panes say what warm ones do: packed and read again, and added up in any mixture of both."""

import copy

from hypothesis import given
from hypothesis import strategies as st

from pipeline import measures as m
from pipeline.scores.cold_panes import (
    Kept,
    Pane,
    behind,
    first_ms_of,
    measures_of,
    offset_of,
    pack,
    packed_together,
    sum_of,
    together,
    unpack,
    warm,
)
from pipeline.scores.measure_numbers import NUMBERED

amounts = st.one_of(st.integers(-300, 300), st.integers(-(2**70), 2**70)).filter(bool)
names = st.one_of(
    st.sampled_from(NUMBERED),
    st.sampled_from(["stage_entered:default:offer", "stage_entered:müll:a%2Fb", "deal_size~5", "won_cycle~0"]),
)
day_panes = st.builds(
    lambda offset, changed_ms, measures, first_ms: [offset, changed_ms, measures, first_ms],
    st.integers(0, 2**62), st.integers(0, 2**45), st.dictionaries(names, amounts, max_size=9), st.integers(0, 2**45),
)  # fmt: skip
kept_panes = st.lists(st.tuples(day_panes, st.booleans()), min_size=1, max_size=5)


def kept(panes: list[tuple[Pane, bool]]) -> list[Kept]:
    """Some of the panes packed."""
    return [pack(pane) if packed else [*pane[:2], dict(pane[2]), *pane[3:]] for pane, packed in panes]


def added(panes: list[Pane]) -> dict[str, int]:
    """The plain sum, without what is zero."""
    found: dict[str, int] = {}
    for pane in panes:
        for name, value in pane[2].items():
            found[name] = found.get(name, 0) + value
    return {name: value for name, value in found.items() if value}


@given(day_panes, st.booleans(), st.lists(st.integers(0, 2**62), max_size=3))
def test_a_packed_pane_is_read_as_it_was(pane: Pane, is_of_a_day: bool, version: list[int]) -> None:
    """Sums beyond 64 bits, stages and buckets too; what its owner keeps behind it is there besides."""
    if not is_of_a_day:
        del pane[3]

    packed = pack(pane, *version)

    assert unpack(packed) == warm(packed) == warm(pane) == pane
    assert behind(packed) == version
    assert offset_of(packed) == offset_of(pane) == pane[0]
    assert measures_of(packed) == measures_of(pane) == pane[2]
    assert not is_of_a_day or first_ms_of(packed) == first_ms_of(pane) == pane[3]


@given(kept_panes)
def test_sums_are_the_same_however_each_pane_is_kept(panes: list[tuple[Pane, bool]]) -> None:
    """The last offset and change of all, the first change, and no measure that is zero; nothing is changed by it."""
    plain = [pane for pane, _ in panes]
    given_panes = kept(panes)
    before = copy.deepcopy(given_panes)
    expected = [max(each[0] for each in plain), max(each[1] for each in plain), added(plain), min(p[3] for p in plain)]

    assert sum_of(given_panes) == expected[2]
    assert together(given_panes) == expected
    assert warm(packed_together(given_panes)) == expected
    assert isinstance(packed_together(given_panes), bytes) == all(packed for _, packed in panes)
    assert given_panes == before


def test_every_measure_has_a_number() -> None:
    """But those that stand for a stage or a bucket: these are stored by name."""
    given_names = {name for key, name in vars(m).items() if key.isupper() and isinstance(name, str)}
    whole = {name for name in given_names if name[-1] not in ":~"} - {m.UNASSIGNED, m.COMPANY}

    assert whole == set(NUMBERED)
    assert len(NUMBERED) == len(set(NUMBERED))
