"""What happened on the floor, by the numbers of the first table in README.md."""

from typing import Any

from tests.findings.floor import berlin
from tests.unit.ledger.world import event, organisation

NOW = berlin("2025-11-03T14:00")
REP, COLLEAGUE = "rep-01", "rep-02"
IN_THE_CALENDAR = "rep@north.example"
WORKING_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
Event = dict[str, Any]


def at(text: str) -> int:
    """Epoch milliseconds of a local time; of this day where no date is given."""
    return berlin(text if "T" in text else f"2025-11-03T{text}")


def _call(number: int, started: str, direction: str, outcome: str, **data: Any) -> Event:
    started_ms = at(started)
    who: dict[str, Any] = {"team_id": "north"} if outcome == "abandoned" else {"rep_id": REP}
    for name in ("answered_at", "ended_at"):
        if name in data:
            data[name] = at(data[name])
    ended = "ended" if "ended_at" in data else "answered"
    return event(
        "call", f"c{number}", data.get("ended_at", started_ms), source="dialer-1", direction=direction, state=ended,
        outcome=outcome, started_at=started_ms, **who, **data,
    )  # fmt: skip


def _queued(number: int, started: str) -> Event:
    """A customer who calls the team and waits."""
    more: dict[str, Any] = {"direction": "inbound", "state": "queued", "team_id": "north", "started_at": at(started)}
    return event("call", f"c{number}", at(started), source="dialer-1", **more)


def _deal(number: int, *steps: tuple[str, dict[str, Any]], **data: Any) -> list[Event]:
    """A deal of the rep; the first step creates it, and each says at its time what follows its instant."""
    created_ms = at(steps[0][0])
    told = [event("deal", f"d{number}", created_ms, created_at=created_ms, owner_id=REP, **data, **steps[0][1])]
    return told + [event("deal", f"d{number}", at(when), **said) for when, said in steps[1:]]


def _split(number: int, when: str, own: int) -> Event:
    """A deal of which the rep has so many percent, and the colleague the rest."""
    shares = [{"rep_id": REP, "share_bp": own * 100}, {"rep_id": COLLEAGUE, "share_bp": (100 - own) * 100}]
    return event("deal", f"d{number}", at(when), split=shares)


def _money(units: int, currency: str = "EUR") -> dict[str, Any]:
    return {"amount_minor": units * 100, "currency": currency}


def _up_to_offer(created: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{created}T09:00", {"stage_id": "new"}),
        (f"{created}T10:00", {"stage_id": "qualified"}),
        (f"{created}T11:00", {"stage_id": "offer"}),
    ]


def _email(number: int, sent: str, **data: Any) -> Event:
    return event("email", f"e{number}", at(sent), rep_id=REP, sent_at=at(sent), direction="outbound", **data)


def _meeting(number: int, booked: str, starts: str, status: str, told: str) -> Event:
    return event(
        "meeting", f"m{number}", at(told), rep_id=IN_THE_CALENDAR, booked_at=at(booked), starts_at=at(starts),
        status=status,
    )  # fmt: skip


def _activity(number: int, occurred: str, kind: str, **data: Any) -> Event:
    return event("activity", f"a{number}", at(occurred), kind=kind, rep_id=REP, occurred_at=at(occurred), **data)


def _lead(number: int, created: str, name: str) -> Event:
    return event("lead", name, at(created), owner_id=REP, created_at=at(created), status="open")


def _observed(number: int, time: str, name: str, **data: Any) -> Event:
    return event("observation", f"o{number}-{time[3:]}", at(time), name=name, observed_at=at(time), **data)


def _survey(number: int, ends: str, **data: Any) -> Event:
    return event("survey", f"s{number}", at(ends), team_id="north", ends_at=at(ends), **data)


def _phone(when: str, state: str, **data: Any) -> Event:
    return event("agent", REP, at(when), source="dialer-1", state=state, **data)


STORY: dict[int, list[Event]] = {
    1: [
        _call(
            1, "09:00", "outbound", "answered", answered_at="09:00:20", ended_at="09:05:20", lead_id="lead-1",
            wrap_up_seconds=30,
        )
    ],
    2: [_call(2, "09:10", "outbound", "no_answer", ended_at="09:10:30", lead_id="lead-3")],
    3: [_call(3, "09:20", "outbound", "voicemail", ended_at="09:20:40")],
    4: [_call(4, "09:30", "outbound", "answered", answered_at="09:30:10", ended_at="09:32:10")],
    5: [
        _call(
            5, "10:00", "inbound", "answered", answered_at="10:00:10", ended_at="10:04:30", wait_seconds=10,
            hold_seconds=20, wrap_up_seconds=10,
        )
    ],
    6: [
        _call(
            6, "10:10", "inbound", "answered", answered_at="10:10:30", ended_at="10:13:30", wait_seconds=30,
            wrap_up_seconds=0,
        )
    ],
    7: [
        _call(
            7, "10:20", "inbound", "abandoned", ended_at="10:20:40", wait_seconds=40,
            legs=[{"rep_id": REP, "ended_at": at("10:20:15")}, {"rep_id": REP, "ended_at": at("10:20:40")}],
        )
    ],
    8: [_call(8, "10:30", "internal", "answered", answered_at="10:30:05", ended_at="10:31:00")],
    9: [_call(9, "10:40", "inbound", "answered", ended_at="10:45", talk_seconds=60)],
    10: [_call(10, "13:58", "outbound", "answered", answered_at="13:58:30")],
    11: [_activity(11, "13:00", "call", dials=0, connected=True, talk_seconds=60)],
    12: [_email(12, "11:00")],
    13: [_email(13, "11:05")],
    14: [_email(14, "11:10", bulk=True)],
    15: [_email(15, "11:15", auto_reply=True)],
    16: [
        _meeting(16, "11:30", "2025-11-05T10:00", "scheduled", "11:30"),
        _meeting(16, "11:30", "2025-11-06T10:00", "scheduled", "11:40"),
    ],
    17: [_meeting(17, "2025-10-30T10:00", "12:00", "held", "12:30")],
    18: [_meeting(18, "2025-10-29T10:00", "12:30", "no_show", "12:45")],
    19: [_activity(19, "12:45", "visit")],
    20: [_activity(20, "12:50", "note")],
    21: [_activity(21, "12:55", "task")],
    22: [_lead(22, "08:00", "lead-1")],
    23: [_lead(23, "08:30", "lead-2")],
    24: [_lead(24, "13:00", "lead-3")],
    25: _deal(
        25, *_up_to_offer("2025-10-01"), ("09:00", {"stage_id": "won"}), account_id="account-1", **_money(10_000)
    ),
    26: _deal(
        26, *_up_to_offer("2025-10-20"), ("09:30", {"stage_id": "won"}), account_id="account-1", **_money(500, "USD")
    ),
    27: _deal(27, *_up_to_offer("2025-10-14"), ("10:00", {"stage_id": "won"})),
    28: _deal(
        28, ("2025-10-24T09:00", {"stage_id": "new"}), ("10:30", {"stage_id": "lost", **_money(0)}), **_money(4_000)
    ),
    29: _deal(
        29, ("10:00", {"stage_id": "new"}), ("10:00:01", _money(2_000)), ("12:00", _money(3_000)),
        ("13:00", {"stage_id": "qualified"}),
    ),
    30: _deal(30, *_up_to_offer("2025-10-27"), expected_close_on="2025-11-01", **_money(1_000)),
    31: _deal(
        31, *_up_to_offer("2025-10-01"), ("2025-10-31T15:00", {"stage_id": "won"}), ("11:00", {"stage_id": "offer"}),
        expected_close_on="2025-10-31", **_money(5_000),
    ),
    32: _deal(32, ("2025-10-27T09:00", {"stage_id": "new"}), expected_close_on="2025-11-03", **_money(700)),
    33: [
        event(
            "cost", "november", at("2025-11-01T09:00"), team_id="north", period_start="2025-11-01",
            period_end="2025-11-30", category="salaries", **_money(3_000),
        )
    ],
    34: [_call(34, "10:50", "outbound", "answered", answered_at="10:50:25", ended_at="10:50:20")],
    35: [
        event(
            "deal", "d35", at("2025-11-01T17:00"), created_at=at("2025-11-02T09:00"), owner_id=REP, stage_id="lost"
        )
    ],
    36: [event("deal", "d35", at("2025-11-02T18:00"), stage_id="archived")],
    37: [
        event("deal", "d30", at("13:30"), stage_id="qualified"),
        event("deal", "d30", at("13:45"), stage_id="offer"),
    ],
    38: [event("deal", "d32", at("13:20"), stage_id="offer"), event("deal", "d32", at("13:40"), stage_id="new")],
    39: [event("email", "e39", at("08:40"), rep_id=REP, sent_at=at("08:40"), direction="inbound", lead_id="lead-2")],
    40: [
        event("team", "north", at("2025-10-01T08:00"), calendar={day: [["09:00", "17:00"]] for day in WORKING_DAYS}),
    ],
    41: [
        event(
            "target", "november", at("2025-10-31T09:00"), team_id="north", kpi="won", period="month",
            period_start="2025-11-01", value=4,
        )
    ],
    42: [
        event(
            "target", "quarter", at("2025-10-01T09:00"), team_id="north", kpi="bookings", period="quarter",
            period_start="2025-10-01", value=2_000_000,
        )
    ],
    43: [_observed(43, "09:50", "one_to_one", rep_id=REP)],
    44: [_observed(44, "11:20", "coaching_session", team_id="north")],
    45: [
        _observed(45, "11:50", "call_quality", rep_id=REP, value=4, scale=5),
        _observed(45, "11:51", "call_quality", rep_id=REP, value=90, scale=100),
    ],
    46: [
        _observed(46, "12:10", "customer_satisfaction", rep_id=REP, value=4, scale=5, count=3),
        _observed(46, "12:11", "customer_satisfaction", rep_id=REP, value=2, scale=5),
    ],
    47: [_survey(47, "12:00", invited=10, promoters=3, passives=2, detractors=2)],
    48: [_survey(48, "12:30", invited=6, promoters=4)],
    49: [
        event(
            "target", "calls", at("2025-10-31T09:00"), rep_id=REP, kpi="calls", period="month",
            period_start="2025-11-01", value=40,
        ),
    ],
    50: [
        event(
            "absence", "holiday", at("2025-10-20T09:00"), rep_id=REP, kind="vacation", first_day="2025-11-10",
            last_day="2025-11-14", until_noon=True,
        ),
    ],
    51: [event("proration", "absences", at("2025-10-01T08:00"), prorate_absence=True)],
    52: [_split(25, "08:50", 75)],
    53: [_split(31, "12:15", 40)],
    54: [
        _activity(1000 * day + number, f"2025-10-{day:02}T{clock}", "visit")
        for day, morning, afternoon in ((6, 2, 1), (13, 3, 0), (20, 4, 1), (27, 9, 2))
        for number, clock in enumerate([f"13:{minute}" for minute in range(50, 50 + morning)] + ["14:10"] * afternoon)
    ],
    55: [_phone("2025-11-01T10:00", "available")],
    56: [
        _phone("08:30", "available"), _phone("09:00", "on_call"), _phone("09:10", "wrap_up"),
        _phone("09:15", "available"),
    ],
    57: [
        _phone("12:00", "break", reason="lunch"), _phone("13:00", "available"), _phone("13:57:40", "ringing"),
        _phone("13:58", "on_call"),
    ],
    58: [
        event(
            "curve", "usual", at("2025-10-31T10:00"), team_id="north", kpi="won", period="month", periods=12,
            learnt_on="2025-10-31", actor="manager", typical=5, shares=[800 + 500 * each for each in range(19)],
            low=[8_000] * 19, high=[12_500] * 19,
        )
    ],
    59: [
        event(
            "cost", "october", at("2025-10-06T09:00"), team_id="north", period_start="2025-10-01",
            period_end="2025-10-05", category="advertising", **_money(750),
        )
    ],
    60: [
        event(
            "score", "north", at("2025-10-31T11:00"), team_id="north", period="day", target=40,
            weights=[{"kpi": "dials", "points": 2, "at_most": 5}, {"kpi": "meetings_held", "points": 10}],
        )
    ],
    61: [_queued(61, "12:58")],
    62: [_queued(62, "13:52:30")],
    63: [event("lead", "lead-1", at("10:05"), deal_id="d27")],
    64: [
        event(
            "contest", "dials", at("2025-10-31T11:00"), title="Dials of the week", kpi="dials",
            team_ids=["north", "south"], first_day="2025-11-03", last_day="2025-11-07",
        )
    ],
    65: [
        event(
            "contest", "november", at("2025-10-31T11:10"), kpi="bookings", rep_ids=[REP, COLLEAGUE],
            first_day="2025-11-01", last_day="2025-11-30",
        )
    ],
    66: [
        event(
            "recognition", "activities", at("2025-10-01T08:10"), kpi="activities", best=["day", "week"], streaks=[3, 4],
        ),
        event("recognition", "dials", at("2025-10-01T08:11"), kpi="dials", milestones=[5, 10]),
    ],
    67: [
        event(
            "benchmark", "dials", at("2025-10-31T12:00"), kpi="dials", period="day", effective_on="2025-11-03",
            median="35", lower_quartile="20", upper_quartile="52.5", source_name="Survey of nobody, 2025",
        )
    ],
    68: [
        event(
            "absence", f"october-{first}", at("2025-10-13T09:00"), rep_id=REP, first_day=f"2025-10-{first}",
            last_day=f"2025-10-{first + 3}",
        )
        for first in (14, 21)
    ],
    69: [
        event("rep", COLLEAGUE, at("2025-10-20T08:00"), hired_on="2025-10-20"),
        event("proration", "south", at("2025-10-20T08:10"), team_id="south", ramp=[5000]),
    ],
    70: [
        event(
            "identity", "calendar", at("13:15"), external_id=IN_THE_CALENDAR, rep_id=REP,
            valid_from=at("2025-10-01T00:00"),
        )
    ],
    71: _deal(71, ("2025-07-01T09:00", {"stage_id": "new"}), ("2025-07-02T09:00", {"stage_id": "won"}), **_money(-500)),
    72: [
        event(
            "meeting", f"m72-{starts}", at("08:20"), rep_id=IN_THE_CALENDAR, starts_at=at(starts), status="scheduled",
        )
        for starts in ("13:10", "16:00")
    ],
}  # fmt: skip


def told() -> list[Event]:
    """All that was told, the organisation first, then as it happened."""
    return organisation() + sorted(
        (each for events in STORY.values() for each in events), key=lambda each: each["time"]
    )
