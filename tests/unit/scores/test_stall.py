"""Where prospects stall: the rule, with values by hand, and what holds of any exits."""

from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.scores.stall import LOOKED_AT_DAYS, NO_STALL, SPAN_DAYS, Exits, where_stalled

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
DAYS = range(LOOKED_AT_DAYS)


def _exits(deals: int, onward: int, hours: int, last: tuple[int, int, int] | None = None) -> Exits:
    """So many a day leave the stage, go on, and were in it for so long each; on the last 28 days as `last` says."""
    told = [last if last and day >= LOOKED_AT_DAYS - SPAN_DAYS else (deals, onward, hours) for day in DAYS]
    return Exits(
        [deals for deals, _, _ in told], [onward for _, onward, _ in told],
        [deals * hours * HOUR_MS for deals, _, hours in told],
    )  # fmt: skip


def test_a_stage_that_converts_less_is_named_with_its_figures() -> None:
    """Five of ten went on, two of ten in the last 28 days: 30 points below, where a point is the least deviation."""
    found = where_stalled({"default:new": _exits(10, 6, 24), "default:offer": _exits(10, 5, 24, (10, 2, 24))})

    assert list(found["stages"]) == ["default:offer"]
    told = found["stages"]["default:offer"]
    assert told["n"] == 280
    assert (told["conversion"], told["conversion_median"], told["conversion_deviation"]) == (0.2, 0.5, 0)
    assert (told["days"], told["days_median"], told["days_deviation"]) == (1, 1, 0)
    assert found["value"] == told["value"] == pytest.approx(30)


def test_a_stage_in_which_deals_stay_longer_is_named() -> None:
    """A day became four: 72 hours above, where an hour is the least deviation. Faster is no stall."""
    found = where_stalled({"default:new": _exits(1, 1, 24, (1, 1, 96)), "default:offer": _exits(1, 1, 24, (1, 1, 2))})

    assert (found["value"], list(found["stages"])) == (pytest.approx(72), ["default:new"])


def test_the_furthest_is_named_and_of_two_the_first_by_name() -> None:
    """Deviations of one stage's conversion are held against those of another's time."""
    fewer, longer = _exits(10, 5, 24, (10, 2, 24)), _exits(10, 5, 24, (10, 5, 24 + 40))

    assert list(where_stalled({"a:new": fewer, "a:offer": longer})["stages"]) == ["a:offer"]
    assert list(where_stalled({"b:new": longer, "a:offer": longer})["stages"]) == ["a:offer"]


@pytest.mark.parametrize(
    "exits",
    [
        _exits(10, 5, 24),
        _exits(10, 5, 24, (10, 9, 2)),
        _exits(10, 5, 24, (0, 0, 0)),
        _exits(0, 0, 0, (10, 2, 24)),
        Exits([0] * LOOKED_AT_DAYS, [0] * LOOKED_AT_DAYS, [0] * LOOKED_AT_DAYS),
    ],
)
def test_nothing_unusual_or_too_little_names_nobody(exits: Exits) -> None:
    """As ever, better than ever, nobody left it of late, and it is of late that anybody did."""
    assert where_stalled({"default:new": exits}) == NO_STALL


def test_nineteen_exits_say_nothing_and_twenty_do() -> None:
    """In the last 28 days; half of the 180 days have to be known."""
    rare = _exits(2, 2, 24, (0, 0, 0))
    for exits, known in ((19, False), (20, True)):
        deals, onward, spent = (list(series) for series in rare)
        deals[-1], spent[-1] = exits, exits * DAY_MS
        assert bool(where_stalled({"default:new": Exits(deals, onward, spent)})["stages"]) == known


def test_ninety_spans_make_a_stage_usual() -> None:
    """Of a stage that was entered first 117 days ago 90 spans are whole and hold enough; of a later one too few."""
    for first, known in ((LOOKED_AT_DAYS - 90, True), (LOOKED_AT_DAYS - 89, False)):
        deals = [20 if day >= first else 0 for day in DAYS]
        spent = [each * (4 if day >= LOOKED_AT_DAYS - 28 else 1) * DAY_MS for day, each in enumerate(deals)]
        assert bool(where_stalled({"default:new": Exits(deals, deals, spent)})["stages"]) == known


def test_a_stage_that_nobody_declares_is_none() -> None:
    """Nobody can do anything about it but declare it."""
    assert where_stalled({"default:unassigned": _exits(10, 5, 24, (10, 2, 24))}) == NO_STALL


SERIES = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 400)), min_size=1, max_size=30
).map(lambda told: [told[day * len(told) // LOOKED_AT_DAYS] for day in DAYS])  # fmt: skip


def _plainly(told: list[tuple[int, int, int]]) -> float | None:
    """By how many deviations a stage stalls, span by span."""
    known = []
    for last in range(LOOKED_AT_DAYS - 180, LOOKED_AT_DAYS):
        span = told[last - 27 : last + 1]
        deals = sum(each[0] for each in span)
        if deals >= 20:
            known.append((sum(min(each[:2]) for each in span) / deals, sum(each[0] * each[2] for each in span) / deals))
    if len(known) < 90 or sum(each[0] for each in told[-28:]) < 20:
        return None
    found = []
    for number, least, sign in ((0, 0.01, -1), (1, 1, 1)):
        values = [each[number] for each in known]
        deviation = median(abs(value - median(values)) for value in values)
        found.append(sign * (values[-1] - median(values)) / max(deviation, least))
    return max(found)


@given(st.lists(SERIES, min_size=1, max_size=3))
def test_any_exits_are_judged_by_spans(stages: list[list[tuple[int, int, int]]]) -> None:
    """The same in plain words, stage by stage: whoever is furthest is named, beyond one deviation."""
    exits = {
        f"default:{number}": Exits(
            [deals for deals, _, _ in told], [min(deals, onward) for deals, onward, _ in told],
            [deals * hours * HOUR_MS for deals, _, hours in told],
        )
        for number, told in enumerate(stages)
    }  # fmt: skip
    furthest = max((away for told in stages if (away := _plainly(told)) is not None), default=0.0)
    found = where_stalled(exits)

    if abs(furthest - 1) > 1e-6:
        assert (found["value"] or 0) == pytest.approx(furthest if furthest > 1 else 0)
        assert len(found["stages"]) == (furthest > 1)
