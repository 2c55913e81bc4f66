"""What is told of events before they are sent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from pipeline.sending.checks import RefusedError, passed_over
from pipeline.sending.client import on_wire
from tests.unit.ledger.any_events import any_event
from tests.unit.ledger.world import event


@given(any_event())
def test_nothing_that_events_have_is_passed_over(one: dict[str, Any]) -> None:
    """Whatever the schemas know."""
    assert passed_over(one) == []


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (event("deal", "1", amount=5, stage_id="new"), ["data.amount: no such field; likely amount_minor"]),
        (event("deal", "1", xyz=5), ["data.xyz: no such field"]),
        (event("call", "1", legs=[{}, {"talk_second": 5}]),
         ["data.legs.1.talk_second: no such field; likely talk_seconds"]),
        (event("team", "1", calendar={"modnay": []}), ["data.calendar.modnay: no such field; likely monday"]),
        (event("deal", "1", verb="deleted") | {"data": {"why": "dup"}}, []),
        ({"type": "crm.dael.changed", "data": {"a": 1}}, []),
        ({"data": 7}, []),
    ],
)  # fmt: skip
def test_a_field_that_no_event_has_is_told(one: dict[str, Any], said: list[str]) -> None:
    """Wherever it stands, with the one that is likely meant."""
    assert passed_over(one) == said


def test_values_are_written_as_events_carry_them() -> None:
    """Times in UTC, durations in seconds, days as they are; a time without a zone is told with its place."""
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    written = on_wire({"at": at, "day": at.date(), "talk": timedelta(seconds=1.5), "list": [at, 7]}, "data")
    noon = "2026-03-01T12:00:00.000Z"
    assert written == {"at": noon, "day": "2026-03-01", "talk": 1.5, "list": [noon, 7]}
    with pytest.raises(RefusedError, match=r"invalid_event: data\.legs\.0\.at: a time without a zone"):
        on_wire({"legs": [{"at": at.replace(tzinfo=None)}]}, "data")
