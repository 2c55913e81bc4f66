"""Strategies: events of a small company, of every kind, that run into each other as often as can be."""

from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from pipeline.kinds import KINDS as KINDS_OF_OBJECTS
from tests.harness.values import values_of
from tests.unit.ledger.world import MINUTE, NOON_MS, event

REPS = st.sampled_from(["rep-01", "rep-02", "rep-03"])
NAMED = REPS | st.sampled_from(["crm-7", "desk@7"])
"""Whom events name: reps by their own ids, and by those of other systems."""
TEAMS = st.sampled_from(["north", "south"])
FEW = st.sampled_from(["1", "2"])
INSTANTS = st.integers(-20 * 24 * 4, 2).map(lambda quarters: NOON_MS + quarters * 15 * MINUTE)
AMOUNTS = st.integers(-100, 10**6) | st.sampled_from([0, 10**15, -(10**15)])
CURRENCIES = st.sampled_from(["EUR", "USD", "JPY"])
STAGES = st.sampled_from(["won", "new", "qualified", "offer", "lost", "won", "elsewhere"])
DATES = st.integers(1, 28).map(lambda day: f"2025-10-{day:02}")
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"])


def _some(always: dict[str, st.SearchStrategy[Any]], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The first fields in most events, and some of the others, cleared now and then."""
    often = st.fixed_dictionaries(always, optional={name: value | st.none() for name, value in fields.items()})
    rarely = st.fixed_dictionaries({}, optional={name: value | st.none() for name, value in (always | fields).items()})
    return often | often | rarely


LEGS = st.lists(
    _some(
        {"rep_id": NAMED, "ended_at": INSTANTS},
        answered_at=INSTANTS,
        team_id=TEAMS,
        talk_seconds=st.integers(0, 600),
        hold_seconds=st.integers(0, 60),
        wrap_up_seconds=st.integers(0, 60),
    ),
    max_size=3,
)


@st.composite
def splits(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Shares of some reps, one of them unknown, that add up to the whole; or none."""
    reps = draw(st.lists(NAMED | st.just("unheard"), max_size=3, unique=True))
    bounds = sorted(
        draw(
            st.lists(st.integers(1, 9_999), min_size=max(len(reps) - 1, 0), max_size=max(len(reps) - 1, 0), unique=True)
        )
    )
    shares = [end - begin for begin, end in pairwise([0, *bounds, 10_000])]
    return [{"rep_id": rep, "share_bp": share} for rep, share in zip(reps, shares, strict=False)]


CHANGES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "deal": _some(
        {"owner_id": NAMED, "stage_id": STAGES, "created_at": INSTANTS},
        account_id=FEW,
        process_id=st.sampled_from(["default", "second", "unheard"]),
        amount_minor=AMOUNTS,
        currency=CURRENCIES,
        expected_close_on=DATES,
        split=splits(),
    ),
    "call": _some(
        {"rep_id": NAMED, "started_at": INSTANTS, "direction": st.sampled_from(["outbound", "inbound", "internal"])},
        team_id=TEAMS,
        outcome=st.sampled_from(["answered", "voicemail", "abandoned", "no_answer", "busy"]),
        answered_at=INSTANTS,
        ended_at=INSTANTS,
        talk_seconds=st.integers(0, 600),
        hold_seconds=st.integers(0, 60),
        wrap_up_seconds=st.integers(0, 60),
        wait_seconds=st.integers(0, 40),
        lead_id=FEW,
        deal_id=FEW,
        legs=LEGS,
    ),
    "activity": _some(
        {"kind": st.sampled_from(["call", "call", "note", "task", "visit"]), "rep_id": NAMED, "occurred_at": INSTANTS},
        call_id=FEW,
        direction=st.sampled_from(["outbound", "inbound"]),
        dials=st.integers(0, 3),
        connected=st.booleans(),
        lead_id=FEW,
    ),
    "email": _some(
        {"rep_id": NAMED, "sent_at": INSTANTS, "direction": st.sampled_from(["outbound", "inbound"])},
        bulk=st.booleans(),
        lead_id=FEW,
    ),
    "meeting": _some(
        {"rep_id": NAMED, "starts_at": INSTANTS, "status": st.sampled_from(["scheduled", "held", "no_show"])},
        booked_at=INSTANTS,
        lead_id=FEW,
    ),
    "lead": _some(
        {"owner_id": NAMED, "created_at": INSTANTS},
        status=st.sampled_from(["open", "working", "disqualified"]),
        deal_id=FEW,
    ),
    "account": _some({}, owner_id=NAMED),
    "cost": _some(
        {"amount_minor": AMOUNTS, "period_start": DATES, "period_end": DATES},
        team_id=TEAMS,
        currency=CURRENCIES,
        category=st.sampled_from(["ads", "salaries"]),
    ),
    "team": _some({}, time_zone=ZONES, time_zone_from=DATES, parent_id=TEAMS),
    "rep": _some({}, active=st.booleans()),
    "membership": _some(
        {"rep_id": REPS, "team_id": TEAMS},
        valid_from=INSTANTS,
        valid_to=INSTANTS,
        share_bp=st.sampled_from([3_333, 5_000, 10_000]),
    ),
    "identity": _some({"external_id": NAMED, "rep_id": NAMED}, valid_from=INSTANTS, valid_to=INSTANTS),
    "rate": _some(
        {
            "currency": CURRENCIES,
            "effective_on": DATES,
            "rate": st.sampled_from(["0.9", "1.1", "0.006", "0.000000000001", "10000000000"]),
        },
    ),
    "company": _some(
        {},
        time_zone=ZONES,
        currency=CURRENCIES,
        week_start=st.sampled_from(["monday", "sunday"]),
        week_start_from=DATES,
    ),
    "policy": _some(
        {"counted_activities": st.lists(st.sampled_from(["note", "task"]), max_size=2)},
        valid_from=INSTANTS,
        nobody=st.lists(FEW, max_size=1),
    ),
    "score": _some(
        {
            "period": st.sampled_from(["day", "week", "month"]),
            "target": st.integers(1, 20),
            "weights": st.sampled_from(
                [[{"kpi": "dials", "points": 2, "at_most": 3}], [{"kpi": "activities", "points": 1}]]
            ),
        },
        team_id=TEAMS,
        effective_on=DATES,
    ),
    "contest": _some(
        {"kpi": st.sampled_from(["dials", "win_rate"]), "first_day": DATES, "last_day": DATES},
        team_ids=st.lists(st.sampled_from(["north", "south"]), max_size=2),
        rep_ids=st.lists(st.sampled_from(["rep-01", "rep-02"]), max_size=2),
    ),
    "recognition": _some(
        {"kpi": st.sampled_from(["dials", "won"])},
        whose=st.sampled_from(["reps", "teams"]),
        best=st.lists(st.sampled_from(["day", "week"]), max_size=2),
        milestones=st.lists(st.integers(1, 9), max_size=2),
        streaks=st.lists(st.integers(1, 9), max_size=2),
    ),
    "benchmark": _some(
        {"kpi": st.sampled_from(["dials", "win_rate"]), "period": st.sampled_from(["day", "month"])},
        team_id=TEAMS,
        effective_on=DATES,
        median=st.sampled_from(["0.5", "3"]),
        upper_quartile=st.sampled_from(["4", "4.5"]),
        source_name=st.just("Survey of nobody"),
    ),
    "alert_rule": _some(
        {"rule": st.sampled_from(["silent_rep", "silent_team", "feed_silent"])},
        team_id=TEAMS,
        valid_from=INSTANTS,
        enabled=st.booleans(),
        limit_minutes=st.integers(1, 90),
    ),
    "alert": _some(
        {"acknowledged_by": st.just("lead-1"), "muted_by": st.just("lead-2")},
        opened_at=INSTANTS,
        muted_until=INSTANTS,
    ),
}
for _kind in KINDS_OF_OBJECTS:
    if _kind.name not in CHANGES:
        CHANGES[_kind.name] = _some({}, **{name: st.sampled_from(of) for name, of in values_of(_kind.name).items()})
WEIGHTS = {
    "deal": 8, "process": 3, "call": 4, "membership": 3, "identity": 2, "account": 2, "lead": 3, "activity": 4,
    "policy": 2,
}  # fmt: skip
KINDS = [kind for kind in [*CHANGES, "process"] for _ in range(WEIGHTS.get(kind, 1))]
PROCESSES = st.sampled_from(["default", "second"])
NAMES = {"team": TEAMS, "rep": REPS, "agent": NAMED, "company": st.just("company"), "process": PROCESSES}
IDS = st.lists(st.sampled_from(["new", "qualified", "offer", "won", "lost", "elsewhere"]), min_size=1, unique=True)


@st.composite
def stages_of_a_process(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Any stages in any order, mostly of the kind that their name says, some with a former name."""
    ids = draw(IDS)
    said = {"won": "won", "lost": "lost"}
    return [
        {
            "id": name,
            "kind": draw(st.sampled_from([*[said.get(name, "open")] * 4, "won", "open"])),
            "qualified": draw(st.booleans()),
            "former_ids": draw(st.just([]) | st.lists(st.sampled_from(["new", "offer", "won"]), max_size=2)),
        }
        for name in ids
    ]


PROCESS = st.fixed_dictionaries({"stages": stages_of_a_process() | st.none()}, optional={"valid_from": INSTANTS})


@st.composite
def any_event(draw: st.DrawFn) -> dict[str, Any]:
    """One event about one of very few objects: a change, or its end, or its return."""
    kind = draw(st.sampled_from(KINDS))
    name = draw(NAMES.get(kind, FEW))
    time_ms = draw(INSTANTS)
    other: dict[str, Any] = {"sequence": draw(st.integers(0, 1)), "event_id": draw(st.sampled_from("abcdefgh"))}
    other["ingested"] = draw(st.none() | st.integers(0, 2).map(lambda exports: NOON_MS + exports))
    verb = draw(st.sampled_from(["changed"] * 8 + ["deleted", "restored", "merged"]))
    if verb == "merged":
        into = draw(FEW)
        if kind in ("account", "lead", "deal") and into != name:
            return event(kind, name, time_ms, verb="merged", into=into, **other)
        verb = "changed"
    if verb != "changed":
        return event(kind, name, time_ms, verb=verb, **other)
    if kind in ("deal", "agent"):
        other["corrects"] = draw(st.none() | st.sampled_from("abcdefgh"))
    data = draw(PROCESS if kind == "process" else CHANGES[kind])
    return event(kind, name, time_ms, **other, **data)


AROUND = st.integers(-90, 90).map(lambda minutes: NOON_MS + minutes * MINUTE)
TWO = st.sampled_from(["outbound", "inbound"])
AROUND_A_LEAD: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "lead": _some({"owner_id": REPS, "created_at": AROUND}, status=st.sampled_from(["open", "working"])),
    "call": _some(
        {"rep_id": REPS, "started_at": AROUND, "lead_id": FEW, "outcome": st.sampled_from(["answered", "voicemail"])},
        direction=st.sampled_from(["outbound", "inbound", "internal"]),
    ),
    "email": _some(
        {"rep_id": REPS, "sent_at": AROUND, "direction": TWO, "lead_id": FEW},
        bulk=st.booleans(),
        auto_reply=st.booleans(),
    ),
    "meeting": _some(
        {"rep_id": REPS, "starts_at": AROUND, "lead_id": FEW, "status": st.sampled_from(["held", "no_show"])},
        booked_at=AROUND,
    ),
    "activity": _some(
        {"kind": st.sampled_from(["call", "visit", "other"]), "rep_id": REPS, "occurred_at": AROUND, "lead_id": FEW},
        direction=TWO,
        connected=st.booleans(),
        deal_id=FEW,
    ),
}
ABOUT_LEADS = ["lead", *AROUND_A_LEAD]


@st.composite
def any_lead_event(draw: st.DrawFn) -> dict[str, Any]:
    """One event about one of two leads, or about what was done with them around the time when they came in."""
    kind, time_ms = draw(st.sampled_from(ABOUT_LEADS)), draw(AROUND)
    name = draw(FEW if kind == "lead" else st.sampled_from("abcd"))
    verb = draw(st.sampled_from(["changed"] * 8 + ["deleted", "restored", "merged"]))
    if verb == "merged" and kind == "lead":
        return event(kind, name, time_ms, verb=verb, into="2" if name == "1" else "1")
    if verb in ("deleted", "restored"):
        return event(kind, name, time_ms, verb=verb)
    return event(kind, name, time_ms, **draw(AROUND_A_LEAD[kind]))


RECENT = st.integers(-4 * 24 * 4, 2).map(lambda quarters: NOON_MS + quarters * 15 * MINUTE)
STATES = st.sampled_from(["available", "ringing", "on_call", "on_call", "wrap_up", "break", "break", "offline"])


@st.composite
def any_phone_event(draw: st.DrawFn) -> dict[str, Any]:
    """One event of what one of few phones is set to, of whose it is, or of where its rep belongs."""
    kind, time_ms = draw(st.sampled_from([*["agent"] * 9, "membership", "team", "identity"])), draw(RECENT)
    if kind != "agent":
        name = draw(NAMES.get(kind, FEW))
        return event(kind, name, time_ms, **draw(CHANGES[kind]))
    other: dict[str, Any] = {"sequence": draw(st.integers(0, 1)), "event_id": draw(st.sampled_from("abcdefgh"))}
    other["ingested"] = draw(st.none() | st.integers(0, 2).map(lambda exports: NOON_MS + exports))
    other["corrects"] = draw(st.none() | st.none() | st.sampled_from("abcdefgh"))
    verb = draw(st.sampled_from(["changed"] * 9 + ["deleted", "restored"]))
    told = draw(_some({"state": STATES}, reason=st.sampled_from(["lunch", "training"]))) if verb == "changed" else {}
    return event(kind, draw(NAMED), time_ms, verb=verb, **other, **told)
