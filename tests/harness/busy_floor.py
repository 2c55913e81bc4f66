"""A floor on which everything that the dashboards show has happened within the last minutes."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from pipeline.sending.event import Outgoing
from tests.unit.ledger.world import DAY, HOUR, MINUTE, event

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
STAGES = [
    {"id": "new"},
    {"id": "offer", "qualified": True},
    {"id": "won", "kind": "won"},
    {"id": "lost", "kind": "lost"},
]


class Appended(NamedTuple):
    """A record for a source topic (by logical name), with the time it is appended at."""

    topic: str
    key: bytes
    value: bytes | None
    append_ms: int


def organisation(now_ms: int, zone: str = "UTC") -> Iterator[Appended]:
    """Who there is; to be known before anything happens."""
    for given in _organisation(now_ms - 200 * DAY, zone):
        yield _appended(given, now_ms - 40 * MINUTE)


def records(now_ms: int) -> Iterator[Appended]:
    """Everything up to now, in order: two feeds that fell silent since, work, and what is refused."""
    earlier_ms = now_ms - 40 * MINUTE
    for given in (*_muted_feed(now_ms), *_silent_feeds(earlier_ms)):
        yield _appended(given, earlier_ms)
    for given in _weeks_before(now_ms):
        yield _appended(given, now_ms)
    for given in (*_calls(now_ms - 4 * MINUTE), *_touches(now_ms - 3 * MINUTE), *_deals(now_ms - 2 * MINUTE)):
        yield _appended(given, now_ms)
    for given in (*_phones(now_ms - 4 * MINUTE), *_unknown(now_ms - MINUTE)):
        yield _appended(given, now_ms)
    yield _appended(event("call", "late", now_ms - 60 * DAY, rep_id="01", started_at=now_ms - 60 * DAY), now_ms)
    yield Appended("crm.events", b"deal:broken", b"not JSON", now_ms)
    yield Appended("crm.events", b"deal:gone", None, now_ms)


def more_calls(now_ms: int) -> Iterator[Appended]:
    """The same calls once more, a little later, so that something goes on."""
    for given in _calls(now_ms - 2 * MINUTE, "again"):
        yield _appended(given, now_ms)


def _appended(given: dict[str, Any], append_ms: int) -> Appended:
    outgoing = Outgoing(given)
    return Appended(outgoing.topic, outgoing.key, outgoing.value, append_ms)


def _organisation(since_ms: int, zone: str) -> Iterator[dict[str, Any]]:
    """One team that always works, with two reps, and one sales process."""
    yield event("company", "company", since_ms, time_zone=zone, currency="EUR")
    yield event("process", "default", since_ms, stages=STAGES)
    calendar = {day: [["00:00", "24:00"]] for day in WEEKDAYS}
    yield event("team", "north", since_ms, time_zone=zone, calendar=calendar)
    for rep in ("01", "02"):
        yield event("rep", rep, since_ms, active=True)
        yield event("membership", f"m{rep}", since_ms, rep_id=rep, team_id="north", valid_from=since_ms)


def _muted_feed(now_ms: int) -> Iterator[dict[str, Any]]:
    """Somebody knows that one source system will send no more today."""
    given: dict[str, Any] = {"muted_by": "lead-1", "muted_from": now_ms - HOUR, "muted_until": now_ms + 8 * HOUR}
    yield event("alert", "feed_silent:feed:mailbox-2", now_ms - HOUR, **given)


def _silent_feeds(at_ms: int) -> Iterator[dict[str, Any]]:
    """The last signs of two source systems that send no more."""
    for n in (1, 2):
        yield event("email", f"e-{n}", at_ms, source=f"mailbox-{n}", rep_id="01", sent_at=at_ms, direction="outbound")


def _calls(at_ms: int, names: str = "call") -> Iterator[dict[str, Any]]:
    """Three dials, two of them connected; four inbound callers, of whom one gave up and one still waits."""
    for n, outcome in enumerate(("answered", "answered", "no_answer")):
        yield _call(f"{names}-out-{n}", at_ms, "outbound", outcome)
    for n, (outcome, wait_seconds) in enumerate((("answered", 9), ("answered", 31), ("abandoned", 50))):
        yield _call(f"{names}-in-{n}", at_ms, "inbound", outcome, wait_seconds=wait_seconds)
    waiting: dict[str, Any] = {"direction": "inbound", "state": "queued", "team_id": "north", "started_at": at_ms}
    yield event("call", f"{names}-waits", at_ms, source="dialer-1", **waiting)


def _call(name: str, at_ms: int, direction: str, outcome: str, **more: Any) -> dict[str, Any]:
    answered: dict[str, Any] = {"answered_at": at_ms + 10_000, "talk_seconds": 60} if outcome == "answered" else {}
    return event(
        "call", name, at_ms + MINUTE, source="dialer-1", rep_id="01", direction=direction, outcome=outcome,
        state="ended", started_at=at_ms, ended_at=at_ms + MINUTE, **answered, **more,
    )  # fmt: skip


def _phones(at_ms: int) -> Iterator[dict[str, Any]]:
    """One rep who was available and is on a call, one on a break."""
    yield event("agent", "01", at_ms, source="dialer-1", state="available")
    yield event("agent", "01", at_ms + 2 * MINUTE, source="dialer-1", state="on_call")
    yield event("agent", "02", at_ms, source="dialer-1", state="break", reason="lunch")


def _weeks_before(now_ms: int) -> Iterator[dict[str, Any]]:
    """A few calls on the same weekday of the last four weeks, three hours before this time: so something is usual."""
    at_ms = now_ms - 3 * HOUR
    for week in range(1, 5):
        for n in range(3):
            yield _call(f"week-{week}-{n}", at_ms - 7 * week * DAY + n * MINUTE, "outbound", "no_answer")


def _touches(at_ms: int) -> Iterator[dict[str, Any]]:
    """An email and a meeting that took place."""
    yield event("email", "e1", at_ms, rep_id="02", sent_at=at_ms, direction="outbound", bulk=False)
    yield event("meeting", "m1", at_ms, rep_id="02", booked_at=at_ms - DAY, starts_at=at_ms, status="held")


def _deals(at_ms: int) -> Iterator[dict[str, Any]]:
    """A deal won after a month, one lost, one open in a qualified stage."""
    money: dict[str, Any] = {"owner_id": "01", "account_id": "a1", "amount_minor": 250_000, "currency": "EUR"}
    for name, last in (("won", "won"), ("lost", "lost"), ("open", "offer")):
        created_ms = at_ms - 30 * DAY
        yield event("deal", name, created_ms, created_at=created_ms, stage_id="new", **money)
        yield event("deal", name, at_ms - HOUR, stage_id="offer")
        yield event("deal", name, at_ms, stage_id=last)


def _unknown(at_ms: int) -> Iterator[dict[str, Any]]:
    """An email of a rep whom the organisation does not have, and a deal in a stage that no process declares."""
    yield event("email", "e-unknown", at_ms, rep_id="99", sent_at=at_ms, direction="outbound", bulk=False)
    yield event("deal", "elsewhere", at_ms, created_at=at_ms, stage_id="limbo", owner_id="01")
