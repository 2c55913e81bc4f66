"""A floor on which everything happens that figures have to survive: a seeded stream of events with their append times.

Late, out of order, duplicated, corrected, deleted, restored and merged; reassigned, reopened, backdated; reps and rates
that become known late, zones, weeks and fiscal years that change, teams that move in their tree.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from kafka import KafkaProducer

from pipeline.config.kafka_options import kafka_python_options
from pipeline.config.settings import Settings
from pipeline.kernel.partitioner import partition_of
from pipeline.sending.event import Outgoing
from pipeline.topics.table import full_name
from tests.harness.busy_floor import Appended
from tests.unit.ledger.world import DAY, HOUR, MINUTE, event

STAGES = ["new", "offer", "talks", "won", "lost"]
REPS = [f"r{n}" for n in range(1, 9)] + ["late-rep", "never-known"]
TEAMS = ["north", "south", "east", "west"]
CURRENCIES = ["EUR", "USD", "JPY", "GBP"]
WEIGHTS = {"call": 8, "activity": 4, "email": 4, "meeting": 3, "lead": 3, "deal": 8, "cost": 1, "account": 1}
DAYS = 30
Given = dict[str, Any]


def happenings(now_ms: int, seed: int, count: int, days: int = DAYS) -> list[Appended]:
    """Everything up to now in the order of appending: the organisation first, then `count` events of so many days."""
    random = Random(seed)
    start_ms = now_ms - days * DAY
    found = [(start_ms, given) for given in _organisation(start_ms - 400 * DAY)]
    found += _changes(start_ms, now_ms)
    for _ in range(count):
        append_ms = now_ms - int(random.choice((2 * HOUR, DAY, days * DAY - MINUTE)) * random.random() ** 2)
        given = _happening(random, append_ms)
        for _ in range(random.choices((1, 2, 3), (90, 8, 2))[0]):
            found.append((append_ms, given))
            append_ms = min(append_ms + random.randrange(1, HOUR), now_ms)
    found.sort(key=lambda pair: pair[0])
    return [_appended(given, append_ms) for append_ms, given in found]


def append(settings: Settings, records: Iterable[Appended], *, astray: Random | None = None) -> None:
    """Append to the source topics, each to the partition of its key, or with `astray` one in twenty to any."""
    producer = KafkaProducer(**kafka_python_options(settings), acks="all", linger_ms=50)
    sent = []
    for record in records:
        partition = partition_of(record.key.decode(), settings.partitions)
        if astray is not None and astray.random() < 0.05:
            partition = astray.randrange(settings.partitions)
        topic = full_name(settings.namespace, record.topic)
        sent.append(producer.send(topic, record.value, record.key, [], partition, record.append_ms))
    for each in sent:
        each.get(timeout=60)
    producer.close()


def _appended(given: Given, append_ms: int) -> Appended:
    outgoing = Outgoing(given)
    return Appended(outgoing.topic, outgoing.key, outgoing.value, append_ms)


def _organisation(since_ms: int) -> Iterator[Given]:
    yield event("company", "company", since_ms, time_zone="Europe/Berlin", currency="EUR", fiscal_year_start=4)
    stages: list[Given] = [{"id": "new"}, {"id": "offer", "qualified": True}, {"id": "talks", "qualified": True}]
    yield event(
        "process", "default", since_ms, stages=[*stages, {"id": "won", "kind": "won"}, {"id": "lost", "kind": "lost"}]
    )
    yield event("process", "short", since_ms, stages=[{"id": "new"}, {"id": "won", "kind": "won"}])
    yield event("team", "emea", since_ms, time_zone="Europe/London")
    yield event("team", "world", since_ms)
    yield event("team", "north", since_ms, time_zone="Europe/Berlin", parent_id="emea")
    yield event("team", "south", since_ms, time_zone="Australia/Sydney", parent_id="world", fiscal_year_start=7)
    yield event("team", "east", since_ms, time_zone="America/New_York", parent_id="emea")
    yield event("team", "west", since_ms, time_zone="Asia/Kolkata")
    yield event("rate", "usd", since_ms, currency="USD", effective_on="2020-01-01", rate="0.92")
    yield event("rate", "gbp", since_ms, currency="GBP", effective_on="2020-01-01", rate="1.1734")
    for number, rep in enumerate(REPS[:8]):
        yield event("rep", rep, since_ms, active=True)
        yield event("membership", f"m-{rep}", since_ms, rep_id=rep, team_id=TEAMS[number % 4])


def _changes(start_ms: int, now_ms: int) -> Iterator[tuple[int, Given]]:
    """What becomes of the organisation meanwhile, with when it is appended."""
    span_ms = now_ms - start_ms

    def at(share: float, kind: str, name: str, /, **more: Any) -> tuple[int, Given]:
        append_ms = start_ms + int(span_ms * share)
        return append_ms, event(kind, name, append_ms, **more)

    def date(ms: int) -> str:
        return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat()

    yield at(0.1, "team", "emea", parent_id="world")
    yield at(0.65, "process", "short", implied=False)
    yield at(0.3, "rep", "late-rep", active=True)
    yield at(0.4, "membership", "m-late", rep_id="late-rep", team_id="north", valid_from=start_ms + 2 * DAY)
    yield at(0.5, "company", "company", fiscal_year_start=1)
    yield at(0.55, "company", "company", week_start="sunday", week_start_from=date(now_ms - 12 * DAY))
    yield at(0.57, "policy", "notes", counted_activities=["note"], valid_from=now_ms - 15 * DAY)
    yield at(0.58, "alert_rule", "patient", rule="silent_rep", limit_minutes=90, valid_from=now_ms - 5 * DAY)
    yield at(0.58, "alert_rule", "leads", rule="waiting_leads", limit_count=0)
    yield at(0.58, "alert_rule", "stages", rule="stages_unknown", limit_count=0)
    days = {"first_day": date(now_ms - 6 * DAY), "last_day": date(now_ms + DAY)}
    yield at(0.58, "contest", "dials", kpi="dials", team_ids=["north", "south"], **days)
    yield at(
        0.58, "contest", "wins", kpi="win_rate", among="teams", team_ids=["north", "south"], least_sample=1, **days
    )
    yield at(0.58, "recognition", "won", kpi="won", best=["day", "week"], milestones=[1, 2, 5])
    yield at(0.58, "recognition", "teams", whose="teams", kpi="bookings", best=["month"], milestones=[100])
    yield at(0.59, "alert_rule", "north", rule="silent_rep", team_id="north", enabled=False)
    weights = [{"kpi": "dials", "points": 1, "at_most": 40}, {"kpi": "meetings_held", "points": 10}]
    yield at(0.2, "score", "week", period="week", target=60, weights=weights)
    yield at(
        0.6,
        "score",
        "north",
        team_id="north",
        period="week",
        target=40,
        effective_on=date(now_ms - 9 * DAY),
        weights=[*weights, {"kpi": "emails", "points": 2}],
    )
    yield at(0.5, "rate", "gbp-2", currency="GBP", effective_on=date(now_ms - 100 * DAY), rate="1.21")
    for team, share_bp in (("east", 6_000), ("west", 3_000)):
        told = {"rep_id": "r4", "team_id": team, "valid_from": now_ms - 15 * DAY, "share_bp": share_bp}
        yield at(0.58, "membership", f"shared-{team}", **told)
    yield at(0.6, "membership", "moved", rep_id="r1", team_id="south", valid_from=now_ms - 20 * DAY)
    yield at(0.7, "team", "south", time_zone="America/Sao_Paulo", time_zone_from=date(now_ms - 6 * DAY))
    yield at(
        0.75,
        "process",
        "default",
        stages=[
            {"id": "new"},
            {"id": "talks", "qualified": True},
            {"id": "offer"},
            {"id": "won", "kind": "won"},
            {"id": "lost", "kind": "lost"},
        ],
    )
    yield at(0.8, "team", "north", parent_id="world")
    yield at(0.82, "team", "west", time_zone="Asia/Tokyo")
    yield at(0.85, "membership", "m-r3", valid_to=now_ms - 3 * DAY)
    yield at(0.9, "team", "east", verb="deleted")
    yield at(0.93, "team", "east", verb="restored")
    yield at(0.95, "rate", "jpy", currency="JPY", effective_on="2020-01-01", rate="0.0061")
    yield at(0.97, "team", "emea", parent_id="north")
    yield at(0.99, "rate", "usd", rate="0.9251")
    yield at(0.995, "membership", "ahead", rep_id="r2", team_id="north", valid_from=now_ms - MINUTE)
    yield at(0.998, "rep", "r5", verb="deleted")
    yield from _targets(at, now_ms)
    yield from _careers(at, date, now_ms)


def _careers(
    at: Callable[..., tuple[int, Given]], date: Callable[[int], str], now_ms: int
) -> Iterator[tuple[int, Given]]:
    """Reps who are hired, away and back, also told late, corrected or taken back; and what of targets is due then."""
    yield at(0.1, "proration", "all", prorate_absence=True)
    yield at(0.6, "proration", "emea", team_id="north", effective_on=date(now_ms - 40 * DAY), ramp=[2500, 6000])
    yield at(0.2, "rep", "r1", hired_on=date(now_ms - 50 * DAY), role="sdr")
    yield at(0.65, "rep", "r1", role="closer", role_from=date(now_ms - 9 * DAY))
    yield at(0.3, "rep", "r3", left_on=date(now_ms - 2 * DAY))
    yield at(0.3, "absence", "days", rep_id="r1", kind="vacation", first_day=date(now_ms - 8 * DAY), from_noon=True)
    yield at(0.5, "absence", "days", last_day=date(now_ms - 4 * DAY))
    yield at(0.5, "absence", "hours", rep_id="r2", starts_at=now_ms - 5 * HOUR, ends_at=now_ms - 2 * HOUR)
    yield at(0.6, "absence", "gone", rep_id="r2", kind="sick", first_day=date(now_ms - 3 * DAY))
    yield at(0.7, "absence", "gone", verb="deleted")
    yield at(0.9, "absence", "late", rep_id="r4", first_day=date(now_ms - 25 * DAY), last_day=date(now_ms - 20 * DAY))
    yield at(0.95, "absence", "now", rep_id="r6", kind="sick", first_day=date(now_ms - DAY))


def _targets(at: Callable[..., tuple[int, Given]], now_ms: int) -> Iterator[tuple[int, Given]]:
    """Of this day, month and quarter, and of a month before; told otherwise, taken back, and set for somebody else."""
    today = datetime.fromtimestamp(now_ms / 1000, UTC).date()
    month, before = today.replace(day=1), (today.replace(day=1) - timedelta(1)).replace(day=1)
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    hours = {name: [["09:00", "17:30"]] for name in ("monday", "tuesday", "wednesday", "thursday", "friday")}

    def target(share: float, name: str, kpi: str, period: str, first: date, value: int, **whose: str | None) -> Any:
        told = {"kpi": kpi, "period": period, "period_start": first.isoformat(), "value": value}
        return at(share, "target", name, **told, **whose)

    yield at(0.05, "company", "company", calendar={**hours, "holidays": "DE"})
    yield at(0.5, "special_day", "eve", day=(today - timedelta(1)).isoformat(), open_until="12:00")
    yield at(0.6, "special_day", "inventory", team_id="north", day=(today - timedelta(7)).isoformat())
    yield at(0.6, "special_day", "late", team_id="west", day=today.isoformat(), open_from="09:00")
    yield at(0.45, "team", "west", calendar={"sunday": [["21:00", "05:00"]], "monday": [["08:00", "12:00"]]})
    yield target(0.2, "north-won", "won", "month", month, 4, team_id="north")
    yield target(0.2, "r1-calls", "calls", "month", month, 60, rep_id="r1")
    yield target(0.3, "r1-held", "meetings_held", "month", before, 2, rep_id="r1")
    yield target(0.3, "r2-day", "activities", "day", today, 5, rep_id="r2")
    yield target(0.4, "west-booked", "bookings", "quarter", quarter, 10**8, team_id="west")
    yield target(0.4, "south-won", "won", "month", month, 3, team_id="south")
    yield target(0.4, "r4-won", "won", "month", month, 2, rep_id="r4")
    yield target(0.4, "world-won", "won", "month", month, 9, team_id="world")
    usual = {"learnt_on": before.isoformat(), "actor": "ops", "periods": 9, "typical": 10**7}
    shares, low, high = [300 * n for n in range(1, 20)], [7_000] * 19, [15_000 - 200 * n for n in range(19)]
    for share, team, period in ((0.45, "west", "quarter"), (0.5, "company", "year")):
        told = {"team_id": team, "kpi": "bookings", "period": period, **usual}
        yield at(share, "curve", f"{team}-{period}", **told, shares=shares, low=low, high=high)
    yield target(0.4, "all-booked", "bookings", "year", today.replace(month=1, day=1), 10**9, team_id="company")
    yield target(0.4, "all-created", "deals_created", "month", month, 0, team_id="company")
    yield target(0.5, "emea", "new_customers", "month", month, 3, team_id="emea")
    yield target(0.6, "gone", "emails", "month", month, 9, rep_id="r3")
    yield target(0.7, "r1-calls", "calls", "month", month, 45, rep_id="r1")
    yield target(0.8, "r2-day", "activities", "day", today, 5, rep_id="r4")
    yield at(0.9, "target", "gone", verb="deleted")


def _happening(random: Random, append_ms: int) -> Given:
    """An event about one of few objects: a change, or its end, or its return."""
    kind = random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    name = str(random.randrange(60 if kind in ("call", "deal", "email") else 20))
    time_ms = append_ms - int(random.choice((MINUTE, HOUR, 3 * DAY)) * random.random())
    verb = random.choices(("changed", "deleted", "restored", "merged"), (88, 4, 5, 3))[0]
    more: Given = {"sequence": random.randrange(2), "event_id": f"{kind}-{random.randrange(10**6)}"}
    if verb == "merged" and kind in ("account", "lead", "deal"):
        into = str(random.randrange(20))
        return event(kind, name, time_ms, verb="merged", into=into, **more)
    if verb in ("deleted", "restored"):
        return event(kind, name, time_ms, verb=verb, **more)
    if kind == "deal" and random.random() < 0.05:
        more["corrects"] = f"deal-{random.randrange(10**6)}"
    fields = _FIELDS[kind](random, time_ms)
    kept = {field: value for field, value in fields.items() if random.random() < 0.8}
    return event(kind, name, time_ms, **more, **kept)


def _call(random: Random, at_ms: int) -> Given:
    started_ms = at_ms - random.randrange(20 * MINUTE)
    return {
        "rep_id": random.choice([*REPS, None]), "team_id": random.choice(TEAMS), "started_at": started_ms,
        "direction": random.choice(("outbound", "outbound", "inbound", "internal")),
        "outcome": random.choice(("answered", "answered", "voicemail", "abandoned", "no_answer")),
        "answered_at": started_ms + random.randrange(60_000), "ended_at": started_ms + random.randrange(10 * MINUTE),
        "wait_seconds": random.choice((3, 19, 21, None)), "talk_seconds": random.choice((None, 60, 7)),
        "hold_seconds": random.choice((None, 5)), "wrap_up_seconds": random.choice((None, 0, 30)),
        "lead_id": str(random.randrange(20)),
        "deal_id": str(random.randrange(20)),
        "legs": random.choice((None, None, None, None, [_leg(random, started_ms) for _ in range(2)])),
    }  # fmt: skip


def _leg(random: Random, started_ms: int) -> Given:
    return {
        "rep_id": random.choice([*REPS, None]), "team_id": random.choice(TEAMS),
        "answered_at": random.choice((None, started_ms + random.randrange(60_000))),
        "ended_at": random.choice((None, started_ms + random.randrange(10 * MINUTE))),
        "talk_seconds": random.choice((None, None, 40)), "hold_seconds": random.choice((None, 5)),
        "wrap_up_seconds": random.choice((None, 20)),
    }  # fmt: skip


def _activity(random: Random, at_ms: int) -> Given:
    return {
        "kind": random.choice(("call", "call", "note", "visit")), "rep_id": random.choice(REPS), "occurred_at": at_ms,
        "call_id": random.choice((None, str(random.randrange(60)))), "dials": random.choice((None, 0, 3)),
        "direction": random.choice(("outbound", "inbound")), "connected": random.random() < 0.5, "talk_seconds": 30,
        "lead_id": str(random.randrange(20)),
    }  # fmt: skip


def _email(random: Random, at_ms: int) -> Given:
    return {
        "rep_id": random.choice(REPS), "sent_at": at_ms,
        "direction": random.choice(("outbound", "outbound", "inbound")), "bulk": random.random() < 0.2,
        "auto_reply": random.random() < 0.1,
        "lead_id": str(random.randrange(20)),
    }  # fmt: skip


def _meeting(random: Random, at_ms: int) -> Given:
    return {
        "rep_id": random.choice(REPS), "booked_at": at_ms - random.randrange(DAY),
        "starts_at": at_ms + random.randrange(-DAY, DAY), "status": random.choice(("scheduled", "held", "no_show")),
        "lead_id": str(random.randrange(20)), "deal_id": str(random.randrange(20)),
    }  # fmt: skip


def _lead(random: Random, at_ms: int) -> Given:
    status = random.choice(("open", "open", "working", "disqualified"))
    ago_ms = random.randrange(random.choice((2 * HOUR, 40 * DAY)))
    return {"owner_id": random.choice(REPS), "created_at": at_ms - ago_ms, "status": status}


def _deal(random: Random, at_ms: int) -> Given:
    return {
        "owner_id": random.choice(REPS), "account_id": str(random.randrange(12)),
        "stage_id": random.choice([*STAGES, "won", "odd"]),
        "amount_minor": random.choice((0, -500, random.randrange(10**7))), "currency": random.choice(CURRENCIES),
        "created_at": at_ms - random.randrange(370 * DAY),
        "process_id": random.choice((None, None, None, "short", "none")),
        "expected_close_on": _date(at_ms + random.randrange(90 * DAY)),
        "split": random.choice((None, None, None, None, [], _split(random))),
    }  # fmt: skip


def _split(random: Random) -> list[Given]:
    one, other = random.sample(REPS, k=2)
    share_bp = random.choice((3_333, 5_000, 9_999))
    return [{"rep_id": one, "share_bp": share_bp}, {"rep_id": other, "share_bp": 10_000 - share_bp}]


def _cost(random: Random, at_ms: int) -> Given:
    first, last = sorted(at_ms - random.randrange(60 * DAY) for _ in range(2))
    return {
        "team_id": random.choice([*TEAMS, "gone", None]), "amount_minor": random.randrange(-100, 10**7),
        "currency": random.choice(CURRENCIES), "period_start": _date(first), "period_end": _date(last),
    }  # fmt: skip


def _account(random: Random, at_ms: int) -> Given:
    return {"owner_id": random.choice(REPS), "created_at": at_ms}


def _date(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat()


_FIELDS = {
    "call": _call, "activity": _activity, "email": _email, "meeting": _meeting, "lead": _lead, "deal": _deal,
    "cost": _cost, "account": _account,
}  # fmt: skip
