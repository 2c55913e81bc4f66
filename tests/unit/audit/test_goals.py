"""Targets that are told late, otherwise, twice, of other teams, or taken back: the audit works out the same figures."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sinks.memory import MemorySink
from schemas.goals import day_after
from tests.unit.audit.test_definition import differences, publish, publish_each
from tests.unit.boards.logs import WEEK
from tests.unit.ledger.world import DAY, HOUR, MINUTE, NOON_MS, World, event, organisation
from tests.unit.publishing.test_publisher import Desk

TODAY = date(2025, 11, 3)
AS_THEY_ARE = "SELECT 1"
FEW = settings(max_examples=min(12, settings().max_examples // 3), deadline=None)
STARTS = {
    "day": ["2025-11-03", "2025-11-04", "2025-10-31"],
    "week": ["2025-11-03", "2025-10-27", "2025-11-04"],
    "month": ["2025-11-01", "2025-10-01"],
    "quarter": ["2025-10-01", "2025-09-01"],
    "year": ["2025-01-01", "2025-09-01"],
}
"""Some of them begin no period, or begin one only where the fiscal year begins in March."""
PERIODS = st.sampled_from([(period, first) for period, firsts in STARTS.items() for first in firsts])
REPS = [{"rep_id": "rep-01"}, {"rep_id": "rep-02"}]
WHOSE = st.sampled_from([{"team_id": team} for team in ("north", "south", "emea", "company")] + REPS)
CALENDARS: list[dict[str, Any]] = [
    WEEK, {**WEEK, "holidays": "DE"}, {"sunday": [["22:00", "06:00"]], "monday": [["09:00", "12:00"]]}, {},
]  # fmt: skip
SPECIAL_DAYS: list[dict[str, Any]] = [
    {"day": "2025-11-03", "open_until": "12:00"}, {"day": "2025-11-04", "team_id": "north"},
    {"day": "2025-11-02", "open_from": "23:00", "open_until": "04:30"}, {"day": "2025-11-05", "open_from": "11:30"},
    {"day": "2025-11-05", "team_id": "north", "open_until": "10:00"}, {"day": "2025-11-09", "team_id": "company"},
]  # fmt: skip
NO_SPECIAL_DAY = dict.fromkeys(("day", "team_id", "open_from", "open_until"))
NO_ABSENCE = dict.fromkeys(("first_day", "last_day", "from_noon", "until_noon", "starts_at", "ends_at"))
ABSENCES: list[dict[str, Any]] = [
    {"first_day": "2025-10-20", "last_day": "2025-11-04"},
    {"first_day": "2025-11-03", "last_day": "2025-11-03", "from_noon": True},
    {"first_day": "2025-11-05", "last_day": "2025-11-12", "until_noon": True},
    {"first_day": "2025-10-01"},
    {"starts_at": NOON_MS - 3 * DAY, "ends_at": NOON_MS + 2 * HOUR},
]
CAREERS: list[dict[str, Any]] = [
    {"hired_on": "2025-08-31", "left_on": None}, {"hired_on": "2025-10-15", "left_on": "2025-11-20"},
    {"hired_on": "2025-11-04", "left_on": None}, {"hired_on": None, "left_on": "2025-10-31"},
]  # fmt: skip
RULES: list[dict[str, Any]] = [
    {"prorate_absence": True}, {"prorate_absence": True, "team_id": "north"}, {"prorate_employment": False},
    {"ramp": [2500, 5000, 0], "prorate_absence": None}, {"ramp": [], "team_id": "north"},
    {"ramp": [3333], "prorate_absence": True, "effective_on": "2025-11-01"},
]  # fmt: skip
CURVES = st.fixed_dictionaries(
    {
        "learnt_on": st.sampled_from(["2025-11-01", None]),
        "typical": st.sampled_from([1, 40, 10**8]),
        "shares": st.lists(st.integers(0, 10_000), min_size=19, max_size=19).map(sorted),
        "low": st.lists(st.integers(0, 10_000), min_size=19, max_size=19),
        "high": st.lists(st.integers(8_000, 90_000), min_size=19, max_size=19),
    }
)
USUAL = {
    "learnt_on": "2025-10-01", "typical": 60, "shares": [400 * n for n in range(19)],
    "low": [7_000] * 19, "high": [14_000 - 200 * n for n in range(19)],
}  # fmt: skip
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("target"), st.sampled_from("abc"), WHOSE, st.sampled_from(["calls", "activities", "bookings"]),
            PERIODS, st.sampled_from([0, 40, 100_000]), st.sampled_from([None, 0, 1, 3, 40]),
        ),
        st.tuples(st.just("gone"), st.sampled_from("abc")),
        st.tuples(st.just("calendar"), st.sampled_from(["north", "company"]), st.sampled_from(CALENDARS)),
        st.tuples(st.just("special"), st.sampled_from("ab"), st.sampled_from(SPECIAL_DAYS)),
        st.tuples(st.just("special"), st.sampled_from("ab"), st.sampled_from(SPECIAL_DAYS)),
        st.tuples(st.just("parent"), st.sampled_from(["north", "south"]), st.sampled_from(["emea", "north", None])),
        st.tuples(st.just("fiscal"), st.sampled_from([1, 3])),
        st.tuples(st.just("absence"), st.sampled_from("ab"), st.sampled_from(ABSENCES)),
        st.tuples(st.just("absence"), st.sampled_from("ab"), st.sampled_from(ABSENCES)),
        st.tuples(st.just("career"), st.sampled_from(CAREERS)),
        st.tuples(st.just("proration"), st.sampled_from("pq"), st.sampled_from(RULES)),
        st.tuples(
            st.just("curve"), st.sampled_from("xy"), st.sampled_from([None, "north", "south", "emea"]),
            st.sampled_from(["calls", "bookings"]), st.sampled_from(["month", "quarter"]), CURVES,
        ),
        st.tuples(
            st.just("member"), st.sampled_from(["rep-01", "rep-02"]), st.sampled_from(["north", "south", "emea"]),
            st.sampled_from([-40, 0, 9, 40]),
        ),
        st.tuples(st.just("call"), st.integers(-40, 2)),
        st.tuples(st.just("deal"), st.sampled_from(["new", "offer", "won"]), st.sampled_from([None, 30_000, 90_000])),
        st.tuples(st.just("pass"), st.sampled_from([MINUTE, 5 * HOUR, DAY, 9 * DAY])),
    ),
    min_size=1,
    max_size=10,
)  # fmt: skip


def call(name: str, at_ms: int, rep: str) -> dict[str, Any]:
    """A call at an instant."""
    return event("call", name, at_ms, rep_id=rep, direction="outbound", started_at=at_ms, ended_at=at_ms + HOUR)


def told(number: int, kind: str, *what: Any) -> dict[str, Any]:
    """What a step tells."""
    at_ms = NOON_MS + number
    if kind == "target":
        name, whose, kpi, (period, first), value, *after = what
        begins = date.fromisoformat(first)
        since = (
            None
            if after in ([], [None])
            else min(begins + timedelta(after[0]), day_after(period, begins) - timedelta(1))
        )
        nobody = {"team_id": None, "rep_id": None}
        return event(
            "target", name, at_ms, **nobody | whose, kpi=kpi, period=period, period_start=first, value=value,
            effective_on=None if since is None else since.isoformat(),
        )  # fmt: skip
    if kind == "gone":
        return event("target", what[0], at_ms, verb="deleted")
    if kind == "calendar":
        return event("company" if what[0] == "company" else "team", what[0], at_ms, calendar=what[1])
    if kind == "special":
        return event("special_day", what[0], at_ms, **NO_SPECIAL_DAY | what[1])
    if kind == "parent":
        return event("team", what[0], at_ms, parent_id=what[1])
    if kind == "curve":
        name, team, kpi, period, curve = what
        return event("curve", name, at_ms, team_id=team, kpi=kpi, period=period, **curve)
    if kind == "member":
        rep, team, day = what
        return event("membership", f"m-{number}", at_ms, rep_id=rep, team_id=team, valid_from=NOON_MS + day * DAY)
    if kind == "fiscal":
        return event("company", "company", at_ms, fiscal_year_start=what[0])
    if kind == "absence":
        return event("absence", what[0], at_ms, rep_id="rep-01", **NO_ABSENCE | what[1])
    if kind == "career":
        return event("rep", "rep-01", at_ms, **what[0])
    if kind == "proration":
        nothing: dict[str, Any] = {"team_id": None, "effective_on": None}
        return event("proration", what[0], at_ms, **nothing | what[1])
    if kind == "deal":
        worth = {"amount_minor": what[1], "currency": "EUR", "created_at": NOON_MS - DAY}
        return event("deal", f"d{number % 3}", at_ms, owner_id="rep-01", stage_id=what[0], **worth)
    return call(f"c-{number}", NOON_MS + what[0] * DAY, f"rep-0{number % 2 + 1}")


async def _differ(plan: list[Any]) -> list[Any]:
    world, sink = World(partitions=1), MemorySink(fast=False)
    world.play(
        organisation(), [event("team", "emea", 1000), event("team", "north", 1000, calendar=WEEK)],
        [told(0, "target", "z", {"team_id": "north"}, "calls", ("quarter", "2025-10-01"), 500)],
        [told(0, "target", "y", {"team_id": "north"}, "bookings", ("quarter", "2025-10-01"), 80_000)],
        [told(0, "curve", "x", "north", "calls", "quarter", USUAL)],
        [told(0, "deal", "offer", 60_000)],
        [told(0, "target", "w", {"rep_id": "rep-01"}, "calls", ("quarter", "2025-10-01"), 300)],
        [told(0, "target", "v", {"rep_id": "rep-01"}, "calls", ("month", "2025-10-01"), 7)],
        [told(0, "target", "u", {"rep_id": "rep-01"}, "bookings", ("month", "2025-11-01"), 99_999)],
        [call(f"c{n}", NOON_MS - n * DAY, f"rep-0{n % 2 + 1}") for n in range(30)],
    )  # fmt: skip
    async with Desk(sink) as desk:
        await publish_each(world, desk, sink, plan, told)
        return differences(world, sink, AS_THEY_ARE, passed_on=True)[0]


@FEW
@given(STEPS)
def test_whatever_is_told_of_targets_the_audit_has_the_same_figures(plan: list[Any]) -> None:
    """Every number of every window, and each target's record in the logs of whoever shows it, and in no other."""
    assert asyncio.run(_differ(plan)) == []


@pytest.mark.parametrize("hours", CALENDARS[:3])
def test_special_days_are_the_same_in_both(hours: dict[str, Any]) -> None:
    """Of a team and of all, at night, told again, over a rep's due part and after time has passed."""
    plan = [
        ("calendar", "north", hours), ("proration", "p", RULES[0]), ("absence", "a", ABSENCES[2]),
        *(("special", str(number), special) for number, special in enumerate(SPECIAL_DAYS)),
        ("pass", 5 * HOUR), ("special", "0", SPECIAL_DAYS[2]), ("pass", 9 * DAY), ("special", "4", SPECIAL_DAYS[3]),
    ]  # fmt: skip

    assert asyncio.run(_differ(plan)) == []


@pytest.mark.parametrize("rules", RULES[:4])
def test_whoever_is_not_there_all_the_time_has_the_same_targets_in_both(rules: dict[str, Any]) -> None:
    """Hired within the quarter, away over the turn of the month, in hours, at night, and after time has passed."""
    plan = [
        ("proration", "p", rules), ("career", CAREERS[1]), ("absence", "a", ABSENCES[0]), ("pass", 5 * HOUR),
        ("calendar", "north", CALENDARS[2]), ("absence", "b", ABSENCES[2]), ("pass", 9 * DAY),
        ("calendar", "north", {}), ("absence", "a", ABSENCES[4]),
    ]  # fmt: skip

    assert asyncio.run(_differ(plan)) == []


def test_a_day_on_which_nobody_works_has_no_pace() -> None:
    """Saturday's target is reached or not, and nothing of it is due at any time."""
    saturday = ("target", "a", {"team_id": "north"}, "calls", ("day", "2025-11-08"), 40)

    assert asyncio.run(_differ([saturday, ("pass", 5 * DAY)])) == []


def test_the_audit_sees_what_is_not_reached() -> None:
    """Here it reads another measure than the pipeline: every number that follows from what was reached differs."""
    whose, month = {"team_id": "north"}, ("month", (TODAY - timedelta(2)).isoformat())

    async def run() -> list[Any]:
        world, sink = World(partitions=1), MemorySink(fast=False)
        world.play(organisation(), [call("c", NOON_MS, "rep-01"), told(1, "target", "a", whose, "calls", month, 4)])
        async with Desk(sink) as desk:
            await publish(world, desk, sink)
        return differences(world, sink, "UPDATE goal_kpi SET measure = 'emails' WHERE goal = 'calls'")[0]

    shown = {(each.scope, each.window, each.path): (each.shown, each.expected) for each in asyncio.run(run())}
    assert shown["team:north", "month:2025-11", "goals.calls.value"] == (0.25, 0)
    assert {kpi for _, _, kpi in shown} == {"goals.calls.value", "goals.calls.numerator", "goals.calls.gap"}
