"""The simulated sales floor: the same seed gives the same events, all valid, in order, disordered as told."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice, takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.scores.exit_days import exits_before
from pipeline.scores.panes import Panes
from pipeline.scores.stall import where_stalled
from pipeline.sending.event import Outgoing
from pipeline.simulator.disorder import ORDERLY, Disorder
from pipeline.simulator.floor_plan import DEMO_FLOOR, Floor, Team, organisation
from pipeline.simulator.rhythm import busyness
from pipeline.simulator.sales_floor import sales_floor
from pipeline.simulator.timeline import Timed
from schemas.events import MODELS
from schemas.types import to_ms
from tests.unit.ledger.world import World

pytestmark = pytest.mark.slow

START_MS = to_ms(datetime(2026, 11, 23, 14, tzinfo=UTC))
MINUTE_MS = 60_000


def events_of(count: int, rate: float = 20, disorder: Disorder = ORDERLY) -> Iterator[Timed]:
    """The events of the first minutes, without history, as they are asked for."""
    floor = sales_floor(DEMO_FLOOR, 1, START_MS, lambda _: rate, disorder=disorder, history=False)
    return takewhile(lambda timed: timed.at_ms < START_MS + count * MINUTE_MS, floor)


def minutes(count: int, rate: float = 20, disorder: Disorder = ORDERLY) -> list[Timed]:
    """All events of the first minutes."""
    return list(events_of(count, rate, disorder))


def ids(timed: list[Timed]) -> Counter[str]:
    """How often each event is sent."""
    return Counter(str(each.outgoing.event["id"]) for each in timed)


def test_a_seed_gives_one_world() -> None:
    """Two runs with one seed are equal to the byte, history included; another seed gives others."""

    def first(seed: int) -> list[bytes]:
        events = sales_floor(DEMO_FLOOR, seed, START_MS, lambda _: 20)
        return [timed.outgoing.value for timed in islice(events, 6000)]

    assert first(7) == first(7)
    assert first(7) != first(8)


def test_whoever_is_absent_does_nothing() -> None:
    """Two reps of the demo are away from the start, which the organisation says; all others do something."""
    timed = minutes(60)
    told = [each.outgoing.event for each in timed]
    absences = {each["data"]["rep_id"] for each in told if each["type"] == "org.absence.changed"}
    active = {each["data"].get("rep_id") for each in told if not each["type"].startswith("org.")}

    assert absences == DEMO_FLOOR.absent() == {"rep-03", "rep-14"}
    assert not active & absences


@pytest.mark.parametrize(("today", "day"), [("2026-11-23", "2026-11-24"), ("2026-11-27", "2026-11-30"), ("2026-11-28", "2026-11-30")])  # fmt: skip # noqa: E501
def test_a_team_closes_early_on_the_next_weekday(today: str, day: str) -> None:
    """Which is no day of the weekend, when nobody works."""
    told = dict(organisation(DEMO_FLOOR, date.fromisoformat(today)))

    assert told[f"special_day:london-{day}"] == {"team_id": "london", "day": day, "open_until": "12:30"}


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.integers(0, 2))
def test_wherever_it_is_already_tomorrow_there_are_goals_and_contests(today: date, ahead: int) -> None:
    """A demo that began before the end of a month, quarter or year, and is looked at after it."""
    day = (today + timedelta(days=ahead)).isoformat()
    told = dict(organisation(DEMO_FLOOR, today))
    contests = [data for subject, data in told.items() if subject.startswith("contest:")]
    goals = {
        (data.get("team_id") or data["rep_id"], data["period"])
        for subject, data in told.items()
        if subject.startswith("target:") and data["period_start"][:7] == _first_month(data["period"], day)
    }
    teams = {team.id for team in DEMO_FLOOR.teams if team.reps}

    assert goals == {
        *((each, "month") for each in {"company", *teams, *(rep for rep, _ in DEMO_FLOOR.members())}),
        *((team, "quarter") for team in teams),
    }
    assert {each["kpi"] for each in contests if each["first_day"] <= day <= each["last_day"]} == {"dials", "bookings"}


def _first_month(period: str, day: str) -> str:
    """The month with which the period begins in which a day lies."""
    month = int(day[5:7])
    first = month if period == "month" else (1, 1, 1, 4, 4, 4, 7, 7, 7, 10, 10, 10)[month - 1]
    return f"{day[:4]}-{first:02}"


def test_every_event_is_valid() -> None:
    """The pipeline refuses none of them for its form."""
    events = sales_floor(DEMO_FLOOR, 3, START_MS, lambda _: 20)
    for timed in islice(events, 7000):
        MODELS[timed.outgoing.event["type"]].model_validate_json(timed.outgoing.value)


def test_events_are_sent_in_order_and_never_before_they_happen() -> None:
    """Sending times never go back, and no event is from the future when it is sent."""
    timed = minutes(10, disorder=Disorder())

    assert [each.at_ms for each in timed] == sorted(each.at_ms for each in timed)
    assert all(happened_ms(each.outgoing) <= each.at_ms for each in timed)


def test_the_rate_comes_out_about_right() -> None:
    """After some minutes, about as many events are sent as were asked for."""
    timed = minutes(20, rate=10)
    sent = sum(each.at_ms >= START_MS + 10 * MINUTE_MS for each in timed) / 600

    assert 7 < sent < 13


def test_orderly_systems_send_each_event_once() -> None:
    """Without disorder nothing comes twice and nothing is deleted or merged."""
    timed = minutes(10)

    assert set(ids(timed).values()) == {1}
    assert {str(each.outgoing.event["type"]).rpartition(".")[2] for each in timed} == {"changed"}


def test_disorder_is_there() -> None:
    """Duplicates, late events, corrections, deletions and merges all happen."""
    timed = minutes(60, disorder=Disorder())
    verbs = Counter(str(each.outgoing.event["type"]).rpartition(".")[2] for each in timed)
    late = [each for each in timed if each.at_ms - happened_ms(each.outgoing) > 2 * MINUTE_MS and live(each)]

    assert max(ids(timed).values()) > 1
    assert late
    assert verbs["deleted"] > 0
    assert verbs["merged"] > 0
    assert any("corrects" in each.outgoing.event for each in timed)


def test_reps_move_between_teams() -> None:
    """Some memberships begin during the day."""
    assert any(each.outgoing.event["data"].get("valid_from") for each in events_of(120))


@pytest.mark.parametrize(("hour", "team"), [(9, "berlin"), (15, "new-york"), (18, "los-angeles"), (3, "singapore")])
def test_teams_are_busy_by_their_own_clock(hour: int, team: str) -> None:
    """At an hour UTC, the team in whose zone it is working time is busy."""
    teams = {each.id: each for each in DEMO_FLOOR.teams}
    at_ms = to_ms(datetime(2026, 11, 24, hour, tzinfo=UTC))

    assert busyness(teams[team], at_ms) >= 80


def test_nobody_but_the_queue_is_busy_at_the_weekend() -> None:
    """On a Sunday only the team that answers around the clock works."""
    sunday_ms = to_ms(datetime(2026, 11, 22, 10, tzinfo=UTC))
    busy = {team.id for team in DEMO_FLOOR.teams if busyness(team, sunday_ms) > 10}

    assert busy == {"hotline"}


def test_a_floor_is_declared_not_built_in() -> None:
    """Any teams can be simulated."""
    floor = Floor((Team("small", "Asia/Kolkata", 2),))
    events = [timed.outgoing.event for timed in islice(sales_floor(floor, 1, START_MS, lambda _: 5), 400)]

    assert {json.dumps(event["data"].get("owner_id")) for event in events if ":" in event["subject"]} <= {
        "null",
        '"rep-01"',
        '"rep-02"',
    }


def happened_ms(outgoing: Outgoing) -> int:
    """When an event happened."""
    return to_ms(datetime.fromisoformat(outgoing.event["time"]))


def live(timed: Timed) -> bool:
    """Whether an event is none of the organisation's, which are entered long after they hold."""
    return not str(timed.outgoing.event["type"]).startswith(("org.", "crm.cost"))


def test_prospects_stall_at_the_proposal_since_four_weeks() -> None:
    """What the company comes to before the first live event: that stage, far beyond what is usual, at any seed."""
    today = datetime.fromtimestamp(START_MS / 1000, UTC).toordinal()
    for seed in (1, 7):
        events = sales_floor(DEMO_FLOOR, seed, START_MS, lambda _: 20, disorder=ORDERLY)
        past = takewhile(lambda timed: timed.at_ms <= START_MS, events)
        world = World(partitions=1)
        world.now_ms = START_MS
        world.play([timed.outgoing.event for timed in past])
        panes = Panes()
        for (_, _, day, _), measures in world.total().items():
            if day is not None:
                panes.add_day(day, measures, 0, 0, today, ())
        found = where_stalled(exits_before(panes, today))

        assert list(found["stages"]) == ["default:proposal"]
        assert found["value"] > 3
