"""What a team did in eight months, by the numbers of the first table in comparisons.md."""

from datetime import date, timedelta
from typing import Any

from tests.findings.floor import Floor, berlin
from tests.unit.ledger.world import DAY, MINUTE, event, organisation

NOW = berlin("2025-11-28T14:00")
REP, COLLEAGUE = "rep-01", "rep-02"
PEERS = ("rep-03", "rep-04", "rep-05", "rep-06", "rep-07", "rep-08", "rep-09", "rep-10", "rep-11")
Event = dict[str, Any]


def at(day: str, clock: str) -> int:
    """An instant of 2025: `11-28`, `14:00`."""
    return berlin(f"2025-{day}T{clock}")


def dials(number: int, rep: str, day: str, dials: int, answered: int = 0, talk_seconds: int = 60) -> list[Event]:
    """So many dials from 9 o'clock on, one a minute; the first are answered at once, and each talk is as long."""
    return [
        _dial(f"c{number}-{each}", rep, at(day, "09:00") + each * MINUTE, talk_seconds if each < answered else None)
        for each in range(dials)
    ]


def _dial(name: str, rep: str, at_ms: int, talk_seconds: int | None) -> Event:
    said: dict[str, Any] = {"outcome": "no_answer"}
    if talk_seconds is not None:
        said = {"outcome": "answered", "answered_at": at_ms, "ended_at": at_ms + talk_seconds * 1000}
    return event(
        "call", name, said.get("ended_at", at_ms), source="dialer-1", direction="outbound", state="ended", rep_id=rep,
        started_at=at_ms, **said,
    )  # fmt: skip


def _taken(number: int, rep: str, day: str) -> list[Event]:
    """A customer calls and is answered."""
    at_ms = at(day, "09:00")
    more: dict[str, Any] = {"rep_id": rep, "started_at": at_ms, "answered_at": at_ms, "ended_at": at_ms + MINUTE}
    known: dict[str, Any] = {"direction": "inbound", "state": "ended", "outcome": "answered"}
    return [event("call", f"c{number}", at_ms + MINUTE, source="dialer-1", **known, **more)]


def _email(number: int, rep: str, day: str) -> list[Event]:
    sent_ms = at(day, "09:00")
    return [event("email", f"e{number}", sent_ms, rep_id=rep, sent_at=sent_ms, direction="outbound")]


def won(number: int, rep: str, day: str, days: int, units: int = 0) -> list[Event]:
    """A deal that is won so many days after its creation, of so much money."""
    created = str(date.fromisoformat(f"2025-{day}") - timedelta(days)).removeprefix("2025-")
    money: dict[str, Any] = {"amount_minor": units * 100, "currency": "EUR"} if units else {}
    created_ms = at(created, "12:00")
    opened = event("deal", f"d{number}", created_ms, created_at=created_ms, owner_id=rep, stage_id="offer", **money)
    return [opened, event("deal", f"d{number}", at(day, "12:00"), stage_id="won")]


def _booked(number: int, day: str, **meetings: int) -> list[Event]:
    """So many meetings by rep, for a month later."""
    booked_ms = at(day, "15:00")
    more: dict[str, Any] = {"booked_at": booked_ms, "starts_at": booked_ms + 30 * DAY, "status": "scheduled"}
    return [
        event("meeting", f"m{number}-{rep}-{n}", booked_ms, rep_id=rep.replace("_", "-"), **more)
        for rep, count in meetings.items()
        for n in range(count)
    ]


def _observed(number: int, day: str, name: str, **whose: Any) -> list[Event]:
    at_ms = at(day, "16:00")
    return [event("observation", f"o{number}", at_ms, name=name, observed_at=at_ms, **whose)]


STORY: dict[int, list[Event]] = {
    1: dials(1, REP, "04-10", 3),
    2: dials(2, REP, "05-12", 7),
    3: dials(3, REP, "07-10", 11),
    4: dials(4, REP, "08-11", 13),
    5: dials(5, REP, "09-28", 9),
    6: dials(6, REP, "09-29", 10, 2, 300),
    7: dials(7, REP, "10-26", 18, 12, 125),
    8: dials(8, REP, "10-27", 5, 5, 60),
    9: dials(9, REP, "10-28", 24, 16, 90),
    10: dials(10, REP, "11-24", 32, 26, 120),
    11: dials(11, REP, "11-25", 8),
    12: dials(12, REP, "11-28", 4, 4, 30),
    13: dials(13, "rep-03", "11-12", 60, 15),
    14: dials(14, "rep-04", "11-12", 44, 33),
    15: dials(15, "rep-05", "11-12", 20, 10),
    16: dials(16, "rep-06", "11-12", 40, 30),
    17: _taken(17, "rep-07", "11-12"),
    18: _email(18, "rep-08", "11-12"),
    19: dials(19, "rep-09", "11-12", 90, 80),
    20: dials(20, "rep-10", "11-12", 10, 8),
    21: dials(21, COLLEAGUE, "11-12", 100, 90),
    22: [event("rep", "rep-09", at("11-20", "18:00"), active=False, left_on="2025-11-20")],
    23: won(23, REP, "10-20", 10, 5_600),
    24: won(24, REP, "11-25", 10, 800),
    25: won(25, "rep-03", "11-13", 10, 1_000),
    26: won(26, "rep-04", "11-13", 20, 2_000),
    27: won(27, "rep-05", "11-13", 4, 3_000),
    28: won(28, "rep-06", "11-13", 30, 4_000),
    29: won(29, "rep-10", "11-13", 40),
    30: _booked(30, "11-14", rep_01=2, rep_03=1, rep_04=3, rep_05=1, rep_06=1),
    31: _observed(31, "10-27", "one_to_one", rep_id=REP),
    32: _observed(32, "11-20", "coaching_session", rep_id=REP),
    33: _observed(33, "11-10", "coaching_session", team_id="north"),
    34: [
        event("rep", "rep-11", at("11-03", "08:00"), hired_on="2025-11-03"),
        event("proration", "north", at("11-03", "08:10"), team_id="north", ramp=[5000]),
    ],
    35: dials(35, "rep-11", "11-12", 16),
}


def story_floor() -> Floor:
    """The floor at the end of the story: everything was told when it happened."""
    floor = Floor([*organisation(), *_reps()], now_ms=at("04-01", "08:00"))
    return floor.live_through((each for events in STORY.values() for each in events), NOW)


def _reps() -> list[Event]:
    known = [event("rep", rep, 1000, active=True) for rep in PEERS]
    return known + [event("membership", rep, 1000, rep_id=rep, team_id="north") for rep in PEERS]
