"""The body of a message: what its schema says, with display names where there are any."""

import json

from jsonschema import Draft202012Validator

from pipeline.notifying.message import message_of, scopes_of
from schemas.published import json_schema
from tests.unit.notifying.alerts import FIRST, acknowledged, opened, resolved

NAMES = {"rep:7": "Robin Example", "team:north": "Team North", "rep:8": "Somebody Else"}


def test_a_body_is_what_its_schema_says() -> None:
    """With when it happened: the opening, the end, or when the pipeline saw what somebody did."""
    for alert, what, at in (
        (opened(), "alert.opened", "2026-11-23T12:00:00.000Z"),
        (acknowledged(), "alert.acknowledged", "2026-11-23T12:00:05.000Z"),
        (resolved(), "alert.resolved", "2026-11-23T12:01:00.000Z"),
    ):
        body = json.loads(message_of("live", alert, what, "", FIRST + 5000, {}).body)  # type: ignore[arg-type]
        Draft202012Validator(json_schema("notification")).validate(body)
        assert (body["type"], body["timestamp"]) == (what, at)
        assert body["data"]["id"] == "silent_rep:rep:7@north"
        assert body["data"]["names"] == {}


def test_names_are_those_of_whom_it_is_about() -> None:
    """Of the rep and the team, and of nobody else."""
    assert scopes_of(opened()) == {"rep:7", "team:north"}
    data = json.loads(message_of("live", opened(), "alert.opened", "", FIRST, NAMES).body)["data"]

    assert data["summary"].startswith("Robin Example: ")
    assert data["names"] == {"rep:7": "Robin Example", "team:north": "Team North"}
