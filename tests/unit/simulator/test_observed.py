"""Talks, ratings and surveys of the demo's floor: each is of a rep or team that there is, and counts."""

from datetime import UTC, datetime
from itertools import takewhile

import pytest

from pipeline.simulator.floor_plan import DEMO_FLOOR
from pipeline.simulator.sales_floor import sales_floor
from schemas.events import MODELS
from schemas.types import to_ms

pytestmark = pytest.mark.slow

START_MS = to_ms(datetime(2026, 11, 23, 14, tzinfo=UTC))


def test_the_weeks_before_have_talks_ratings_and_surveys() -> None:
    """Of every team at least one survey with five answers or more, unless fewer belong to it."""
    floor = sales_floor(DEMO_FLOOR, 1, START_MS, lambda _: 1)
    told = [each.outgoing.event for each in takewhile(lambda timed: timed.at_ms <= START_MS, floor)]
    seen = [event for event in told if event["type"] in ("crm.observation.changed", "crm.survey.changed")]
    assert all(MODELS[event["type"]].model_validate(event) for event in seen)

    answers: dict[str, list[int]] = {}
    for data in (event["data"] for event in seen if event["subject"].startswith("survey:")):
        given = sum(data[name] for name in ("promoters", "passives", "detractors"))
        assert data["invited"] >= given
        answers.setdefault(data["team_id"], []).append(given)
    members = {team.id: team.reps for team in DEMO_FLOOR.teams if team.reps}
    assert answers.keys() == members.keys()
    assert all(max(answers[team]) >= min(5, reps - 1) for team, reps in members.items())
    assert {event["data"]["name"] for event in seen if event["subject"].startswith("observation:")} == {
        "one_to_one", "coaching_session", "call_quality", "customer_satisfaction",
    }  # fmt: skip
