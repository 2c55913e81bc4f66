"""Alerts: the audit reads the rules by itself. Where it is certain of an alert, the pipeline says the same."""

import itertools
from datetime import date
from random import Random
from typing import Any, get_args

import pytest

from pipeline.audit.alerts import REDIS, TOPIC, ShownAlert
from pipeline.audit.comparison import Comparison
from pipeline.audit.cut import Cut
from pipeline.audit.database import Database
from pipeline.audit.oracle import Oracle, Rules
from pipeline.audit.picture import Beside, Picture
from pipeline.audit.plan import Unit
from pipeline.audit.working_minutes import worked_minutes, works, works_on
from pipeline.organisation.special_days import NO_SPECIAL_DAYS, Opening, SpecialDays
from pipeline.organisation.working_time import WorkingTime, WorkingWeek, is_working_day
from schemas.alerts import Kind
from tests.findings.floor import Floor, berlin, call
from tests.unit.audit.logs_of import cut_through
from tests.unit.boards.logs import WEEK
from tests.unit.ledger.world import DAY, HOUR, MINUTE, event, organisation

pytestmark = pytest.mark.slow

KINDS = set(get_args(Kind))
REPS = ["rep-01", "rep-03", "rep-04", "rep-05"]
MORNING = berlin("2025-11-04T08:30")
Told = tuple[str, str, str, float | str | None, float | str | None]


def open_alerts(floor: Floor) -> list[dict[str, Any]]:
    """As they are published."""
    return [alert.record() for alert in floor.board.open_alerts()]


def found(
    floor: Floor, in_redis: list[dict[str, Any]], on_topic: list[dict[str, Any]], kinds: set[str] = KINDS
) -> list[Told]:
    """What the audit finds in the alerts that two places show."""
    world = floor.world
    shown = [
        ShownAlert(where, record["home"], record["id"], record)
        for where, records in ((REDIS, in_redis), (TOPIC, on_topic))
        for record in records
    ]
    with Database() as database:
        oracle = Oracle(database, Rules())
        positions, ends, below = cut_through(oracle, world)
        oracle.cover()
        offset = ends["facts/0"] - 1
        cut = Cut("scoreboard", 0, offset, floor.board.board.now_ms, (0, offset), {})
        picture = Picture("redis", cuts={cut.place: cut}, beside=Beside(alerts=shown))
        unit = Unit("scoreboard", picture.cuts, {0: below}, {"facts/0": ends["facts/0"]})
        differences = Comparison(database, oracle, positions, 1).compare(picture, unit).differences
    return [(e.where, e.scope, e.kpi, e.shown, e.expected) for e in differences if e.kpi in kinds]


def begun(*told: dict[str, Any]) -> Floor:
    """Five reps in two teams; north works on weekdays from nine to five and lets half an hour pass."""
    org = [*organisation(), event("team", "north", 1001, calendar=WEEK, silence_minutes=30)]
    for rep in REPS[1:]:
        org.append(event("rep", rep, 1000, active=True))
        org.append(event("membership", rep, 1000, rep_id=rep, team_id="north", valid_from=MORNING - DAY))
    return Floor([*org, *told], now_ms=MORNING - MINUTE)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_certain_is_what_the_pipeline_says(seed: int) -> None:
    """A day on which reps fall silent, are deleted, absent, leave and come back, and the dialer is away for a while."""
    floor, random, opened = begun(), Random(seed), set[str]()
    outage = random.randrange(30, 80)
    for step in range(108):
        now_ms = MORNING + step * 5 * MINUTE
        calls = [call(f"{step}-{rep}", now_ms, rep=rep) for rep in REPS[1:] if random.random() < 0.3]
        told = [] if outage <= step < outage + 8 else [call(f"{step}", now_ms), *calls]
        if random.random() < 0.05:
            told.append(event("rep", random.choice(REPS), now_ms, verb=random.choice(("deleted", "restored"))))
        if random.random() < 0.08:
            length_ms = random.choice((20 * MINUTE, 2 * HOUR, 30 * HOUR))
            said: dict[str, Any] = {
                "rep_id": random.choice(REPS),
                "starts_at": now_ms + random.choice((-HOUR, 0, HOUR)),
            }
            told.append(event("absence", f"a{step % 5}", now_ms, **said, ends_at=said["starts_at"] + length_ms))
        if random.random() < 0.03:
            told.append(event("absence", f"a{step % 5}", now_ms + 1, verb="deleted"))
        if random.random() < 0.03:
            days: dict[str, Any] = {random.choice(("hired_on", "left_on")): random.choice((None, "2025-11-04"))}
            told.append(event("rep", random.choice(REPS), now_ms, **days))
        if random.random() < 0.05:
            until: dict[str, Any] = {"valid_to": now_ms + random.choice((-HOUR, HOUR))}
            told.append(event("membership", "rep-05", now_ms, **until))
        floor.at(now_ms, *told)
        shown = open_alerts(floor)
        opened |= {alert["id"].partition(":")[0] for alert in shown}
        if step % 12 == seed * 4:
            assert found(floor, shown, shown) == []

    assert "silent_rep" in opened


def test_an_alert_that_is_missing_everywhere_is_missed() -> None:
    """By the rules alone: no place shows it. And one that should be no more is found in each place that has it."""
    floor = begun()
    for minute in range(0, 120, 5):
        now_ms = MORNING + HOUR + minute * MINUTE
        floor.at(now_ms, call(f"{minute}", now_ms))
    shown = open_alerts(floor)
    silent = {f"silent_rep:rep:{rep}@north" for rep in REPS[1:]}
    assert {alert["id"] for alert in shown} == silent
    for minute in (120, 124):
        now_ms = MORNING + HOUR + minute * MINUTE
        floor.at(now_ms, call(f"{minute}", now_ms), *[call("back", now_ms, rep="rep-03")][: minute == 120])
    left = open_alerts(floor)

    assert {(where, scope, is_shown) for where, scope, _, is_shown, _ in found(floor, left[:1], left[:1])} == {
        (where, left[1]["scope"], "not open") for where in (REDIS, TOPIC)
    }
    assert found(floor, left, left) == []
    assert {told[:2] for told in found(floor, shown, shown)} == {
        (place, "rep:rep-03@north") for place in (REDIS, TOPIC)
    }
    assert [told[:2] for told in found(floor, left[1:], left)] == [(REDIS, left[0]["scope"])]
    assert [told[:2] for told in found(floor, left, left[1:])] == [(TOPIC, left[0]["scope"])]


def test_the_audit_reads_the_settings_of_rules() -> None:
    """Of a rule that is off nothing is open; a limit of the team's own comes before that of all teams."""
    told = [
        event("alert_rule", "all", 1000, rule="silent_rep", limit_minutes=45),
        event("alert_rule", "own", 1000, rule="silent_rep", team_id="north", limit_minutes=90, valid_from=MORNING),
    ]
    floor = begun(*told)
    for minute in range(0, 140, 5):
        now_ms = MORNING + HOUR + minute * MINUTE
        floor.at(now_ms, call(f"{minute}", now_ms))
        if minute in (70, 105):
            assert found(floor, open_alerts(floor), open_alerts(floor)) == []
    shown = open_alerts(floor)
    assert {alert["expected"] for alert in shown} == {90}
    assert {line[0] for line in found(floor, [], [])} == {REDIS, TOPIC}

    for minute in (140, 142, 144, 146):
        now_ms = MORNING + HOUR + minute * MINUTE
        off = [event("alert_rule", "own", now_ms, enabled=False)] if minute == 140 else []
        floor.at(now_ms, call(f"{minute}", now_ms), *off)

    assert open_alerts(floor) == []
    assert found(floor, [], []) == []
    assert {line[1] for line in found(floor, shown, shown)} == {alert["scope"] for alert in shown}


def test_the_audit_reads_what_people_did_about_alerts() -> None:
    """One is acknowledged and one muted: whoever shows anything else is found."""
    floor = begun()
    for minute in range(0, 60, 5):
        now_ms = MORNING + HOUR + minute * MINUTE
        floor.at(now_ms, call(f"{minute}", now_ms))
    first, second, third = open_alerts(floor)
    at_ms = MORNING + 2 * HOUR
    until_ms = at_ms + HOUR
    notes = [
        event("alert", first["id"], at_ms, acknowledged_by="lead-1", opened_at=first["opened_ms"]),
        event("alert", second["id"], at_ms, muted_by="lead-1", muted_from=at_ms - HOUR, muted_until=until_ms),
        event("alert", third["id"], at_ms, acknowledged_by="lead-1", opened_at=third["opened_ms"] - 1),
    ]
    floor.at(at_ms, call("acts", at_ms), *notes)
    floor.at(at_ms + 4 * MINUTE, call("later", at_ms + 4 * MINUTE))
    shown = open_alerts(floor)
    assert [alert["state"] for alert in shown] == ["acknowledged", "muted", "open"]
    assert found(floor, shown, shown) == []

    wrong = [alert | {"state": "open", "acknowledged_by": None, "muted_by": None} for alert in shown]
    assert {line[1] for line in found(floor, wrong, wrong)} == {first["scope"], second["scope"]}


def test_the_audit_counts_what_a_limit_is_of_by_itself() -> None:
    """Callers who give up, and leads that wait: open once beyond the limit, resolved once back."""
    rules = [
        event("alert_rule", "a", 1000, rule="abandoned_calls", team_id="north", limit_percent=20, least_count=3),
        event("alert_rule", "b", 1000, rule="waiting_leads", limit_count=2),
    ]
    floor = begun(*rules)
    states = []
    for minute in range(98):
        now_ms = MORNING + HOUR + minute * MINUTE
        outcome = "abandoned" if minute < 45 and minute % 4 == 0 else "answered"
        told = [call(f"{minute}", now_ms, rep="rep-04")]
        if minute % 2 == 0:
            told.append(call(f"in-{minute}", now_ms, rep="rep-03", direction="inbound", outcome=outcome))
        if minute < 4:
            told.append(event("lead", f"l{minute}", now_ms, source="dialer", owner_id="rep-03", created_at=now_ms))
        if minute in (60, 61, 62):
            told.append(event("lead", f"l{minute - 60}", now_ms, source="dialer", status="converted"))
        floor.at(now_ms, *told[: len(told) * (minute % 20 < 15)])
        if minute % 20 == 17:
            shown = open_alerts(floor)
            states.append([alert["kind"] for alert in shown if "silent" not in alert["kind"]])
            assert found(floor, shown, shown) == []
            assert {line[2] for line in found(floor, [], []) if "silent" not in line[2]} == set(states[-1])

    assert states == [["waiting_leads"], ["abandoned_calls", "waiting_leads"], ["waiting_leads"], [], []]


def test_what_came_before_its_team_was_known_serves_it_by_no_reading() -> None:
    """A lead of somebody who belongs to a team only once all is silent: nobody knows that the dialer speaks for it."""
    floor = begun(event("alert_rule", "a", 1000, rule="waiting_leads", limit_count=0))
    lead = event("lead", "l", MORNING + HOUR, source="dialer", owner_id="late", created_at=MORNING + HOUR)
    floor.at(MORNING + HOUR, lead)
    joined = event("membership", "late", MORNING + HOUR, rep_id="late", team_id="evening", valid_from=MORNING - DAY)
    floor.at(
        MORNING + HOUR + MINUTE, event("team", "evening", MORNING, calendar=WEEK),
        event("rep", "late", MORNING, active=True), joined,
    )  # fmt: skip
    for minute in range(2, 7):
        floor.at(MORNING + HOUR + minute * MINUTE)

    assert found(floor, open_alerts(floor), open_alerts(floor)) == []


def test_the_audit_counts_the_days_that_a_lead_waits() -> None:
    """A lead of Monday may wait for no night, so it is told on Tuesday, until somebody calls."""
    rule = event("alert_rule", "a", 1000, rule="leads_overdue", limit_days=0)
    floor = begun(rule)
    monday_ms = MORNING - DAY
    floor.at(MORNING, event("lead", "l", monday_ms, source="dialer", owner_id="rep-03", created_at=monday_ms))
    states = []
    for minute in range(60, 100, 4):
        now_ms = MORNING + minute * MINUTE
        tried = {"lead_id": "l"} if minute == 80 else {}
        floor.at(now_ms, call(f"{minute}", now_ms, rep="rep-04"), call(f"l{minute}", now_ms, rep="rep-03", **tried))
        if minute in (76, 96):
            floor.at(now_ms + 3 * MINUTE)
            shown = open_alerts(floor)
            states.append([alert["kind"] for alert in shown if alert["kind"] == "leads_overdue"])
            assert found(floor, shown, shown) == []
            assert [line[2] for line in found(floor, [], []) if line[2] == "leads_overdue"] == 2 * states[-1]

    assert states == [["leads_overdue"], []]


def test_the_audit_knows_who_waits_too_long() -> None:
    """One caller rings from 9:40 on, until somebody answers; another one's end is lost, so it is over by the hour."""
    rule = event("alert_rule", "a", 1000, rule="longest_wait", limit_seconds=180)
    floor = begun(rule)
    states = []
    for minute in range(60, 160, 2):
        now_ms = MORNING + minute * MINUTE
        told = [call(f"{minute}", now_ms, rep="rep-04"), call(f"l{minute}", now_ms, rep="rep-03")]
        waits: dict[str, Any] = {"outcome": None, "direction": "inbound", "state": "ringing", "rep": "rep-03"}
        if minute in (70, 90):
            told.append(call(f"in-{minute}", now_ms, **waits))
        if minute == 80:
            told.append(call("in-70", now_ms, rep="rep-03", direction="inbound", started_at=MORNING + 70 * MINUTE))
        floor.at(now_ms, *told)
        if minute in (76, 86, 96, 154):
            floor.at(now_ms + 3 * MINUTE)
            shown = open_alerts(floor)
            states.append([alert["kind"] for alert in shown if alert["kind"] == "longest_wait"])
            assert found(floor, shown, shown) == []
            assert [line[2] for line in found(floor, [], []) if line[2] == "longest_wait"] == 2 * states[-1]

    assert states == [["longest_wait"], [], ["longest_wait"], []]


def test_the_audit_counts_what_no_team_can_be_given() -> None:
    """Two reps whom nobody knows call, and one whom nobody has put into a team, until the hour after that is over."""
    rules = [event("alert_rule", kind, 1000, rule=kind, limit_count=limit)
             for kind, limit in (("reps_unknown", 3), ("teams_unknown", 0))]  # fmt: skip
    floor = begun(*rules, event("rep", "rep-09", 1000, active=True))
    states = []
    for minute in range(0, 100, 4):
        now_ms = MORNING + minute * MINUTE
        strangers = ["rep-77", "rep-78", "rep-09"] if minute < 12 else []
        floor.at(now_ms, *[call(f"{minute}-{rep}", now_ms, rep=rep) for rep in ["rep-04", *strangers]])
        if minute in (4, 16, 96):
            floor.at(now_ms + 3 * MINUTE)
            shown = open_alerts(floor)
            states.append([alert["kind"] for alert in shown if alert["home"] == "team:unassigned"])
            assert found(floor, shown, shown) == []
            missing = [line[2] for line in found(floor, [], []) if line[1] == "team:unassigned"]
            assert sorted(missing) == sorted(2 * states[-1])

    assert states == [["reps_unknown", "teams_unknown"], ["reps_unknown", "teams_unknown"], []]


def test_the_audit_reads_when_many_are_told_as_one() -> None:
    """Five of six reps are silent: one alert, and none of each; once three are back, each of the others."""
    names = ["rep-02", *(f"rep-{number:02}" for number in range(11, 16))]
    more = [event("rep", rep, 1000, active=True) for rep in names[1:]]
    since_ms = MORNING - DAY
    more += [event("membership", rep, 1000, rep_id=rep, team_id="south", valid_from=since_ms) for rep in names[1:]]
    floor = begun(*more, event("team", "south", 1001, time_zone="Europe/Berlin", calendar=WEEK, silence_minutes=30))
    seen = []
    for minute in range(0, 84, 2):
        now_ms = MORNING + HOUR + minute * MINUTE
        active = names if minute < 10 else names[:1] if minute < 60 else names[:4]
        floor.at(now_ms, *[call(f"{minute}-{rep}", now_ms, rep=rep) for rep in active])
        if minute in (50, 70):
            shown = open_alerts(floor)
            ours = [alert["id"] for alert in shown if alert["home"] == "team:south"]
            assert found(floor, shown, shown) == []
            missing = {line[1] for line in found(floor, [], []) if "south" in line[1]}
            seen.append((ours, missing))

    assert seen[0] == (["silent_reps:team:south"], {"team:south"})
    assert seen[1] == ([f"silent_rep:rep:{rep}@south" for rep in names[4:]], {f"rep:{rep}@south" for rep in names[4:]})


def test_the_audit_knows_which_goal_is_behind() -> None:
    """24 calls are due in a day of eight hours; three an hour are needed, and in the third hour there are enough."""
    rule = event("alert_rule", "a", 1000, rule="goal_at_risk", limit_percent=80)
    goal = event("target", "t", 1000, team_id="north", kpi="calls", period="day", period_start="2025-11-04", value=24)
    floor = begun(rule, goal)
    states = []
    for minute in range(0, 240, 4):
        now_ms = MORNING + HOUR // 2 + minute * MINUTE
        calls = 4 if minute in (140, 144, 148) else int(minute % 40 == 0)
        told = [call(f"{minute}-{number}", now_ms, rep="rep-03") for number in range(calls)]
        floor.at(now_ms, *told, event("email", f"{minute}", now_ms, source="dialer", rep_id="rep-04", sent_at=now_ms))
        if minute in (40, 120, 220):
            floor.at(now_ms + 3 * MINUTE)
            shown = open_alerts(floor)
            states.append([alert["kind"] for alert in shown if alert["kind"] == "goal_at_risk"])
            assert found(floor, shown, shown) == []
            assert [line[2] for line in found(floor, [], []) if line[2] == "goal_at_risk"] == 2 * states[-1]

    assert states == [[], ["goal_at_risk"], []]


def test_working_minutes_are_those_of_the_calendar() -> None:
    """Two ways to count them, over nights, weekends, holidays, special days and changes of the clocks."""
    random = Random(5)
    night = {day: [["22:00", "06:00"], ["12:00", "13:30"]] for day in WEEK} | {"holidays": "DE-BE"}
    closed = {date(2026, 3, 25): (0, 0), date(2026, 4, 1): (600, 765), date(2026, 3, 31): (1380, 1440 + 240)}
    special = SpecialDays({day.toordinal(): Opening(*span) for day, span in closed.items()})
    for calendar, told in itertools.product((WEEK, night), (NO_SPECIAL_DAYS, special)):
        hours: dict[str, Any] = calendar | {"special": closed if told is special else {}}
        known = WorkingTime(WorkingWeek.read(hours, told), lambda _day: "Europe/Berlin")
        for day in range(date(2026, 3, 20).toordinal(), date(2026, 4, 5).toordinal()):
            assert works_on(hours, date.fromordinal(day)) == is_working_day(WorkingWeek.read(hours, told), day)
        for _ in range(60):
            end_ms = berlin("2026-03-20T00:00") + random.randrange(40 * 1440) * MINUTE
            start_ms = end_ms - random.randrange(2 * 1440) * MINUTE
            assert works(hours, "Europe/Berlin", end_ms) == known.working(end_ms)
            minutes = worked_minutes(hours, "Europe/Berlin", start_ms, end_ms, 10**6)
            assert minutes == known.between_ms(start_ms, end_ms) // MINUTE
