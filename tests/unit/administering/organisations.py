"""Organisations for tests: events as any source may tell them, a topic that took them in, and files beside it."""

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from pipeline.administering.document import read_document
from pipeline.administering.org_file import OrgFile, read_org_file
from pipeline.administering.plan import Plan, plan
from pipeline.administering.topic import Told
from pipeline.ledger.roster import RosterPolicy
from pipeline.sending.event import Outgoing
from schemas.events import iso
from tests.unit.ledger.world import event

NOW_MS = 1_795_000_000_000  # 2026-11-18
HOUR, DAY = 3_600_000, 86_400_000

ids = st.sampled_from(("north", "south", "Größe 1", "7", "no", "a:b", "x" * 80, "null", "- 1"))
few = st.sampled_from(("a", "b", "c/d"))
instants = st.integers(0, 40).map(lambda day: iso(NOW_MS - day * 10 * DAY))
days = st.sampled_from(("2026-01-01", "2026-03-29", "2026-07-01", "2026-10-25"))
zones = st.sampled_from(("Europe/Amsterdam", "America/New_York", "UTC"))
intervals = st.sampled_from((["09:00", "12:00"], ["13:00", "17:30"], ["22:00", "06:00"]))
calendars = st.fixed_dictionaries(
    {}, optional={"monday": st.lists(intervals, max_size=2), "sunday": st.lists(intervals, max_size=1),
                  "holidays": st.sampled_from(("NL", "DE-BY", None))},
)  # fmt: skip
stages = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from(("new", "offer", "12:00", "won"))},
        optional={"kind": st.sampled_from(("open", "won", "lost")), "qualified": st.booleans(),
                  "former_ids": st.lists(st.sampled_from(("old", "yes")), max_size=2)},
    ), min_size=1, max_size=3,
)  # fmt: skip


def _data(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={name: st.none() | each for name, each in fields.items()})


KINDS = {
    "company": (st.just("company"), _data(
        time_zone=zones, currency=st.sampled_from(("EUR", "USD")), fiscal_year_start=st.integers(1, 12),
        calendar=calendars, week_start=st.sampled_from(("monday", "sunday")), week_start_from=days)),
    "team": (ids, _data(
        parent_id=ids, time_zone=zones, time_zone_from=days, calendar=calendars,
        fiscal_year_start=st.integers(1, 12), silence_minutes=st.integers(1, 100))),
    "special_day": (few, _data(
        team_id=ids, day=days, open_from=st.sampled_from(("09:00", "22:00")),
        open_until=st.sampled_from(("12:00", "06:00", "09:00")))),
    "rep": (ids, _data(
        active=st.booleans(), country=st.sampled_from(("NL", "NO")), hired_on=days, left_on=days,
        role=st.sampled_from(("sdr", "yes")), role_from=days)),
    "membership": (few, _data(rep_id=ids, team_id=ids, valid_from=instants, valid_to=instants)),
    "identity": (few, _data(external_id=ids, rep_id=ids, valid_from=instants, valid_to=instants)),
    "absence": (few, _data(
        rep_id=ids, kind=st.sampled_from(("vacation", "sick")), first_day=days, last_day=days,
        from_noon=st.booleans(), until_noon=st.booleans()) | _data(rep_id=ids, starts_at=instants, ends_at=instants)),
    "target": (few, _data(
        team_id=ids, rep_id=ids, kpi=st.sampled_from(("won", "calls")), period=st.sampled_from(("day", "month")),
        period_start=days, value=st.integers(-5, 5), effective_on=days)),
    "proration": (few, _data(
        team_id=ids, effective_on=days, prorate_employment=st.booleans(), prorate_absence=st.booleans(),
        ramp=st.lists(st.sampled_from((0, 2500, 10_000)), max_size=3))),
    "score": (few, _data(
        team_id=ids, period=st.sampled_from(("day", "month")), effective_on=days, target=st.integers(1, 90),
        weights=st.just([{"kpi": "won", "points": 2}]))),
    "rate": (few, _data(
        currency=st.sampled_from(("EUR", "USD")), effective_on=days, rate=st.sampled_from(("0.92", "1", "1.10")))),
    "process": (few, _data(stages=stages, valid_from=instants, implied=st.booleans())),
    "policy": (few, _data(
        valid_from=instants, most_links=st.integers(1, 9), nobody=st.lists(ids, max_size=2),
        counted_activities=st.lists(st.sampled_from(("note", "task")), max_size=2))),
    "alert_rule": (few, _data(
        rule=st.sampled_from(("silent_rep", "feed_silent")), team_id=ids, valid_from=instants, enabled=st.booleans(),
        limit_minutes=st.integers(1, 90))),
    "contest": (few, _data(
        title=st.sampled_from(("Sprint", "yes")), kpi=st.sampled_from(("won", "calls")),
        team_ids=st.lists(ids, max_size=2), rep_ids=st.lists(ids, max_size=2), first_day=days, last_day=days,
        settlement_hours=st.integers(0, 9))),
    "recognition": (few, _data(
        whose=st.sampled_from(("reps", "teams")), kpi=st.sampled_from(("won", "calls")),
        best=st.lists(st.sampled_from(("day", "month")), max_size=2),
        milestones=st.lists(st.integers(1, 9), max_size=2), streaks=st.lists(st.integers(1, 9), max_size=2))),
    "benchmark": (few, _data(
        team_id=ids, kpi=st.sampled_from(("won", "calls")), period=st.sampled_from(("day", "month")), effective_on=days,
        median=st.sampled_from(("0.5", "2")), upper_quartile=st.just("3.10"),
        source_name=st.sampled_from(("Survey", "yes")), source_url=st.just("https://industry.example/1"))),
    "alert": (few, _data(acknowledged_by=st.just("lead-1"), muted_by=st.just("lead-2"))),
}  # fmt: skip
"""By kind, the ids of its objects, and what may be told of one."""


@st.composite
def tellings(draw: st.DrawFn) -> dict[str, Any]:
    """An event of the organisation, by one of two sources."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    names, data = KINDS[kind]
    verb = draw(st.sampled_from(("changed", "changed", "changed", "deleted", "restored")))
    said = draw(data) if verb == "changed" else {}
    found = event(
        kind, draw(names), NOW_MS - draw(st.integers(0, 50)) * HOUR, verb=verb,
        event_id=str(draw(st.integers(0, 10**6))), source=draw(st.sampled_from(("hr", "crm"))), sequence=0,
    )  # fmt: skip
    return found | {"data": said}


organisations = st.lists(tellings(), max_size=25)


def told_of(events: Iterable[dict[str, Any]], append_ms: int = NOW_MS) -> Told:
    """A topic that was told these."""
    told = Told(RosterPolicy())
    for each in events:
        told.take(Outgoing(each).value, append_ms)
    return told


def read(told: Told, text: str, now_ms: int = NOW_MS + 1) -> OrgFile:
    """A file beside a topic."""
    return read_org_file(read_document("org.yaml", text.encode()), told, now_ms)


def planned(told: Told, text: str, now_ms: int = NOW_MS + 1, *, end_others: bool = False) -> Plan:
    """What applying a file tells; it has no fault."""
    found = read(told, text, now_ms)
    assert not found.faults, (found.faults, text)
    return plan(told, found, now_ms, end_others=end_others)


def apply(told: Told, text: str, now_ms: int = NOW_MS + 1, *, end_others: bool = False) -> Plan:
    """Apply a file."""
    made = planned(told, text, now_ms, end_others=end_others)
    assert not made.faults
    for each in made.events():
        told.take(Outgoing(each).value, now_ms)
    return made
