"""The activity score: which rule holds, and what activities are worth by it."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.organisation.score_rules import ScoreBook, ScoreRule, Weight, rule_of
from pipeline.scores.activity_score import MEASURE_OF, SCORED, points, score
from pipeline.scores.scoring import Scoring
from pipeline.scores.windows import Window
from schemas.goals import ScoreChange, ScoreKpi, ScoreWeight

DIALS, MEETINGS = Weight("dials", 2, 5), Weight("meetings_held", 10, None)
RULE = ScoreRule("day", True, 0, "a", 40, (DIALS, MEETINGS))


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        ({"dials": 3}, 6),
        ({"dials": 7}, 10),
        ({"dials": 7, "meetings_held": 3, "emails": 99}, 40),
        ({"dials": -2, "meetings_held": 1}, 10),
        ({}, 0),
    ],
)
def test_points_are_weight_times_count_up_to_the_cap(measures: dict[str, int], expected: int) -> None:
    """Five dials at two points, meetings at ten without a cap; what is not weighed, or taken back, is worth nothing."""
    assert points(measures, RULE) == expected


def test_the_score_of_several_is_pooled() -> None:
    """Points of all by the targets of all, above 1 beyond them; nobody has neither; what leaves 64 bits is null."""
    assert score(30, 40, 2) == {"value": 0.375, "numerator": 30, "denominator": 80, "n": 2}
    assert score(60, 40, 1)["value"] == 1.5
    assert score(0, 40, 0) == {"value": None, "numerator": 0, "denominator": 0, "n": 0}
    assert score(2**63, 40, 1) == {"value": None, "numerator": None, "denominator": None, "n": 1, "overflow": True}


def _book(**records: dict[str, Any]) -> ScoreBook:
    book = ScoreBook()
    for name, record in records.items():
        book.put(name, None, record)
    return book


def _said(**more: Any) -> dict[str, Any]:
    return {"period": "week", "target": 10, "weights": [{"kpi": "dials", "points": 1}], **more}


def test_a_teams_own_rule_comes_first_then_the_later_one() -> None:
    """Of the day on which the period begins; of two that begin on one day that of the greater id."""
    book = _book(
        all=_said(), own=_said(team_id="north", effective_on=100), late=_said(team_id="north", effective_on=200),
        other=_said(team_id="north", effective_on=200), month=_said(team_id="north", period="month"),
    )  # fmt: skip

    def name(team: str, period: str, day: int) -> str | None:
        rule = rule_of(book.of(team), period, day)
        return None if rule is None else rule.name

    assert [name("north", "week", day) for day in (99, 100, 199, 200)] == ["all", "own", "own", "other"]
    assert [name("south", "week", 500), name("north", "month", 0), name("north", "day", 500)] == ["all", "month", None]


@pytest.mark.parametrize("missing", ["period", "target", "weights"])
def test_a_rule_that_leaves_something_out_says_nothing(missing: str) -> None:
    """Nor does one that was taken back."""
    book = _book(a={**_said(), missing: None})
    assert book.of("north") == ()
    book.put("a", _said(), None)
    assert book.of("north") == ()


def test_what_may_be_weighed_is_what_can_be_counted() -> None:
    """The schema and the score know the same KPIs, and each may stand in a rule once."""
    assert set(get_args(ScoreKpi)) == set(MEASURE_OF)
    assert set(MEASURE_OF.values()) == SCORED
    with pytest.raises(ValueError, match="each once"):
        ScoreChange.model_validate({"weights": [ScoreWeight(kpi="won", points=1), ScoreWeight(kpi="won", points=2)]})


COUNTS = st.dictionaries(st.sampled_from(sorted(SCORED)), st.integers(-3, 50))
WEIGHTS = st.lists(
    st.builds(Weight, st.sampled_from(sorted(MEASURE_OF)), st.integers(1, 20), st.none() | st.integers(0, 30)),
    unique_by=lambda weight: weight.kpi,
)


@given(COUNTS, COUNTS, WEIGHTS)
def test_more_is_never_worth_less_and_no_cap_is_passed(
    one: dict[str, int], more: dict[str, int], weights: list[Weight]
) -> None:
    """Whoever does as much and more has at least as many points, and at most those of all caps."""
    rule = ScoreRule("day", True, 0, "a", 1, tuple(weights))
    both = {name: one.get(name, 0) + max(more.get(name, 0), 0) for name in {*one, *more}}

    assert 0 <= points(one, rule) <= points(both, rule)
    if all(weight.at_most is not None for weight in weights):
        assert points(both, rule) <= sum(weight.points * (weight.at_most or 0) for weight in weights)


WINDOW = Window("day", "day:2026-11-23", 739_943, 739_943)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 9)), max_size=12), st.sets(st.sampled_from("abc")))
def test_what_is_kept_at_hand_is_what_a_look_at_everybody_gives(told: list[tuple[str, int]], team: set[str]) -> None:
    """However often it is asked meanwhile, whoever is in the team, and once others are."""
    did: dict[str, dict[str, int]] = {}
    members = set(team)
    scoring = Scoring((RULE,), lambda _: frozenset(members))

    def same() -> bool:
        due = score(sum(points(did.get(rep, {}), RULE) for rep in members), RULE.target, len(members))
        return scoring.of_current(WINDOW, did.get) == due == scoring.of_past(WINDOW, did.get)

    assert same()
    for rep, count in told:
        did[rep] = {"dials": count}
        scoring.note(rep)
        assert same()
    members.symmetric_difference_update("ad")
    scoring.forget()
    assert same()
