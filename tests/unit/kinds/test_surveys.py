"""Pulse surveys: what they count, and that nobody's answer can be told from it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline.kinds.survey import LEAST_ANSWERS
from schemas.crm import SurveyChange
from schemas.events import MODELS
from tests.unit.ledger.world import HOUR, NOON_MS, World, event, organisation

COUNTS = st.integers(0, 6)
POINTS = ("enps_answers", "enps_points")


def _world(*surveys: dict[str, Any]) -> World:
    own: dict[str, Any] = {"team_id": "north", "ends_at": NOON_MS}
    told = [event("survey", str(number), NOON_MS, **own | survey) for number, survey in enumerate(surveys)]
    return World(partitions=1).play(organisation(), told)


def _sums(*surveys: dict[str, Any]) -> dict[str, int]:
    """What they add up to, in the one cell of their team."""
    cells = [sums for sums in _world(*surveys).total().values() if sums]
    assert len(cells) <= 1
    return dict(cells[0]) if cells else {}


@pytest.mark.parametrize(
    ("survey", "sums"),
    [
        (
            {"invited": 10, "promoters": 3, "passives": 2, "detractors": 2},
            {"survey_invited": 10, "survey_answers": 7, "enps_answers": 7, "enps_points": 100},
        ),
        ({"invited": 6, "promoters": 4}, {"survey_invited": 6, "survey_answers": 4}),
        (
            {"invited": 6, "detractors": 5},
            {"survey_invited": 6, "survey_answers": 5, "enps_answers": 5, "enps_points": -500},
        ),
        ({"invited": 6}, {"survey_invited": 6}),
        ({"invited": 1, "passives": 2}, {"survey_invited": 2, "survey_answers": 2}),
        ({"invited": 6, "promoters": 5, "ends_at": None}, {}),
    ],
)
def test_what_a_survey_counts(survey: dict[str, Any], sums: dict[str, int]) -> None:
    """All of it when it ends; more answers than people asked mean that more were asked."""
    assert _sums(survey) == sums


@given(st.lists(st.fixed_dictionaries({"promoters": COUNTS, "passives": COUNTS, "detractors": COUNTS}), max_size=5))
def test_no_sum_tells_of_fewer_than_five_answers(surveys: list[dict[str, Any]]) -> None:
    """Whatever windows or teams somebody subtracts: what is left is a sum over whole surveys with enough answers."""
    enough = [survey for survey in surveys if sum(survey.values()) >= LEAST_ANSWERS]
    found = _sums(*surveys)

    assert found.get("enps_answers", 0) == sum(sum(survey.values()) for survey in enough)
    assert found.get("enps_points", 0) == 100 * sum(each["promoters"] - each["detractors"] for each in enough)


def test_a_team_of_four_answers_has_no_result() -> None:
    """Not in its cell, not as zero: what nobody may know is not there."""
    assert not any(measure in POINTS for measure in _sums({"invited": 4, "promoters": 4}))


def test_no_event_has_a_place_for_who_answered() -> None:
    """What a source writes of a person all the same is neither read nor kept."""
    assert not any("rep" in name or "owner" in name or "person" in name for name in SurveyChange.model_fields)
    told = event("survey", "1", NOON_MS, team_id="north", ends_at=NOON_MS, promoters=5, rep_id="rep-01")
    assert not hasattr(MODELS["crm.survey.changed"].model_validate(told).data, "rep_id")

    world = World(partitions=1).play(organisation(), [told])
    assert {place[1] for place, sums in world.total().items() if sums} == {""}
    kept = [repr(item) for item in world.stores["crm.events", 0].items() if b"survey" in item[0]]
    assert kept
    assert not any("rep-01" in item for item in kept)


def test_a_share_of_a_person_is_refused() -> None:
    """Whole people only."""
    with pytest.raises(ValidationError):
        SurveyChange(promoters=0.5)  # type: ignore[arg-type]


def test_what_ends_after_its_team_is_nobodys() -> None:
    """As calls of a team that is no more are: a survey, and a rating of the team, before its end and after it."""
    ended = event("team", "north", NOON_MS + HOUR, verb="deleted")
    answers: dict[str, Any] = {"team_id": "north", "invited": 6, "promoters": 5}
    rated: dict[str, Any] = {"name": "call_quality", "team_id": "north", "value": 80, "scale": 100}
    world = World(partitions=1)
    world.now_ms = NOON_MS + 3 * HOUR
    world.play(organisation(), [
        each
        for number, at_ms in enumerate((NOON_MS, NOON_MS + 2 * HOUR))
        for each in (
            event("survey", str(number), NOON_MS + 2 * HOUR, ends_at=at_ms, **answers),
            event("observation", str(number), NOON_MS + 2 * HOUR, observed_at=at_ms, **rated),
        )
    ], [ended])  # fmt: skip

    teams = {team: sums for (team, *_), sums in world.total().items() if sums}
    assert teams.keys() == {"north", "unassigned"}
    assert teams["north"] == teams["unassigned"]
    assert (teams["north"]["survey_answers"], world.stated()) == (5, world.total())
