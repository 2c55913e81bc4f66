import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.verdicts import Accepted, Judge, Refused
from pipeline.kinds.kind import Retention
from pipeline.organisation.days import DAY_MS
from schemas.cloud_events import LARGEST_EVENT_BYTES
from schemas.dead_letters import REASONS
from schemas.ids import ALLOWED
from tests.unit.ledger.world import DAY, HOUR, MINUTE, NOON_MS, event

RETENTION = Retention(35 * DAY_MS, 400 * DAY_MS, 800)
TELEPHONY = Judge("telephony", 5 * MINUTE, RETENTION)
CRM = Judge("crm", 5 * MINUTE, RETENTION)
ORG = Judge("org", 5 * MINUTE)


def _judge(judge: Judge, one: dict[str, Any] | bytes | None, append_ms: int = NOON_MS) -> str:
    value = json.dumps(one).encode() if isinstance(one, dict) else one
    verdict = judge.judge(value, append_ms)
    return verdict.reason if isinstance(verdict, Refused) else "accepted"


@pytest.mark.parametrize(
    ("calendar", "detail"),
    [
        ({"monday": [["22:00", "06:00"]], "holidays": "DE-BY"}, None),
        ({"monday": [["18:00", "00:00"], ["00:00", "24:00"]], "holidays": "CH"}, None),
        ({"sunday": [["09:00", "09:00"]]}, "data.calendar.sunday.0: begins when it ends"),
        ({"sunday": [["09:00", "10:00"], ["24:00", "06:00"]]}, "data.calendar.sunday.1: begins when it ends"),
        ({"holidays": "DE-BAV"}, "data.calendar.holidays: no country or subdivision whose holidays are known"),
        ({"holidays": "XX"}, "data.calendar.holidays: no country or subdivision whose holidays are known"),
    ],
)
@pytest.mark.parametrize("of", ["company", "team"])
def test_a_calendar_that_means_nothing_is_refused(of: str, calendar: dict[str, Any], detail: str | None) -> None:
    """A shift over midnight means something, one without length does not; nor do the holidays of nowhere."""
    verdict = ORG.judge(json.dumps(event(of, of if of == "company" else "n", calendar=calendar)).encode(), NOON_MS)

    assert (verdict.detail if isinstance(verdict, Refused) else None) == detail


CALL = event("call", "1", NOON_MS, started_at=NOON_MS, rep_id="7")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "empty"),
        (b"", "empty"),
        (b"{", "invalid_json"),
        (b"\xff\xfe", "invalid_json"),
        (b"[" * 60_000, "invalid_json"),
        (b"{}", "invalid_event"),
        (b"[]", "invalid_event"),
        (b"7", "invalid_event"),
        (b'"' + b"x" * LARGEST_EVENT_BYTES + b'"', "too_large"),
        ({**CALL, "type": "telephony.fax.changed"}, "unknown_type"),
        ({**CALL, "type": "crm.deal.changed", "subject": "deal:1"}, "unknown_type"),
        ({**CALL, "type": 7}, "unknown_type"),
        ({**CALL, "specversion": "2.0"}, "invalid_event"),
        ({**CALL, "subject": "deal:1"}, "invalid_event"),
        ({**CALL, "subject": "call:a\nb"}, "invalid_event"),
        ({**CALL, "subject": "call:a b"}, "accepted"),
        ({**CALL, "id": ""}, "invalid_event"),
        ({**CALL, "time": "2025-11-03T12:00:00"}, "invalid_event"),
        ({**CALL, "time": 1_762_167_600}, "invalid_event"),
        ({**CALL, "time": "0001-01-01T00:00:00+14:00"}, "invalid_event"),
        ({**CALL, "sequence": 10**40}, "invalid_event"),
        ({**CALL, "data": {"talk_seconds": "60"}}, "invalid_event"),
        ({**CALL, "data": {"talk_seconds": -1}}, "invalid_event"),
        ({**CALL, "data": {"direction": "sideways"}}, "invalid_event"),
        (json.dumps({**CALL, "data": {"talk_seconds": float("nan")}}).encode(), "invalid_event"),
        (json.dumps({**CALL, "data": {"talk_seconds": float("inf")}}).encode(), "invalid_event"),
        ({**CALL, "data": {"talk_seconds": True}}, "invalid_event"),
        ({**CALL, "some_day": {"new": ["fields"]}}, "accepted"),
        (CALL, "accepted"),
    ],
)
def test_each_bad_record_has_one_outcome(value: Any, reason: str) -> None:
    """What breaks the schema is refused with one reason of the closed list; fields of the future are passed over."""
    assert _judge(TELEPHONY, value) == reason
    assert reason == "accepted" or reason in REASONS


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(lambda found: json.dumps(found).encode())
)
def test_no_bytes_raise(value: bytes) -> None:
    """Whatever the bytes, there is a verdict."""
    assert _judge(CRM, value) in REASONS


def test_a_time_too_far_ahead_is_refused() -> None:
    """The event's time, and every time that tells what has happened, may lie ahead by the tolerance and no more."""
    at_limit, beyond = NOON_MS + 5 * MINUTE, NOON_MS + 5 * MINUTE + 1

    assert _judge(TELEPHONY, event("call", "1", at_limit, started_at=at_limit)) == "accepted"
    assert _judge(TELEPHONY, event("call", "1", beyond)) == "future"
    assert _judge(TELEPHONY, event("call", "1", NOON_MS, ended_at=beyond)) == "future"
    assert _judge(CRM, event("meeting", "1", NOON_MS, booked_at=NOON_MS, starts_at=NOON_MS + 30 * DAY)) == "accepted"


def test_what_is_older_than_its_kind_is_remembered_is_late() -> None:
    """A record is as old as the start it names, else as its event; leads, deals and accounts are never late."""
    old_ms = NOON_MS - 35 * DAY - 1

    assert _judge(TELEPHONY, event("call", "1", NOON_MS, started_at=old_ms)) == "late"
    assert _judge(TELEPHONY, event("call", "1", NOON_MS, started_at=old_ms + 1)) == "accepted"
    assert _judge(TELEPHONY, event("call", "1", old_ms, started_at=NOON_MS)) == "accepted"
    assert _judge(TELEPHONY, event("call", "1", old_ms)) == "late"
    assert _judge(CRM, event("deal", "1", NOON_MS - 5000 * DAY, created_at=NOON_MS - 5000 * DAY)) == "accepted"
    assert _judge(CRM, event("cost", "1", NOON_MS - 900 * DAY, period_end="2025-01-31")) == "accepted"
    assert _judge(CRM, event("cost", "1", NOON_MS, period_end="2024-01-31")) == "late"


def test_a_verdict_follows_from_bytes_and_append_time() -> None:
    """The same bytes are judged the same way whenever they were appended at the same time."""
    value = json.dumps(CALL).encode()

    again = Judge("telephony", 5 * MINUTE, RETENTION).judge(value, NOON_MS + HOUR)
    assert TELEPHONY.judge(value, NOON_MS + HOUR) == again


def test_values_are_plain_once_read() -> None:
    """Instants are milliseconds, durations milliseconds, dates ordinals, nested models dictionaries."""
    verdict = CRM.judge(
        json.dumps(event("cost", "1", period_start="2025-11-01", amount_minor=5, team_id=None)).encode(), NOON_MS
    )
    assert isinstance(verdict, Accepted)
    assert verdict.changes == {"period_start": 739556, "amount_minor": 5, "team_id": None}

    verdict = TELEPHONY.judge(json.dumps(event("call", "1", talk_seconds=1.5, started_at=NOON_MS)).encode(), NOON_MS)
    assert isinstance(verdict, Accepted)
    assert verdict.changes == {"talk_seconds": 1500, "started_at": NOON_MS}

    stages = [{"id": "new"}, {"id": "won", "kind": "won"}]
    verdict = ORG.judge(json.dumps(event("process", "p", stages=stages)).encode(), NOON_MS)
    assert isinstance(verdict, Accepted)
    assert verdict.changes == {
        "stages": [
            {"id": "new", "kind": "open", "qualified": False, "former_ids": []},
            {"id": "won", "kind": "won", "qualified": False, "former_ids": []},
        ]
    }


def test_ids_that_mean_something_else_are_refused() -> None:
    """No team is called `company` or `unassigned`, no rep `unassigned`, and nothing is merged into itself."""
    assert _judge(ORG, event("team", "company")) == "invalid_event"
    assert _judge(ORG, event("rep", "unassigned")) == "invalid_event"
    assert _judge(ORG, event("team", "mars", time_zone="Mars/Olympus")) == "invalid_event"
    assert _judge(CRM, event("deal", "1", verb="merged", into="1")) == "invalid_event"


def test_a_refusal_does_not_repeat_what_the_record_holds() -> None:
    """The detail names the place of the mistake, never the value."""
    verdict = CRM.judge(json.dumps(event("deal", "1", owner_id="not an\tid!", stage_id="s")).encode(), NOON_MS)

    assert isinstance(verdict, Refused)
    assert verdict.detail == f"data.owner_id: allowed is {ALLOWED}"
