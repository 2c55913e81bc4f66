"""A trial of a rule opens exactly what was live; with other settings, what would have been."""

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.alerts.rules import RULES
from pipeline.backtesting.trial import Question, Trial, tried_over
from pipeline.organisation.days import DAY_MS, MINUTE_MS
from pipeline.scores.board import BoardPolicy
from schemas.alerts import Alert
from tests.unit.boards.logs import FactsLog, at, cell, fold, scoreboard

pytestmark = pytest.mark.slow

NINE = at("2026-11-23 09:00")
REPS = [str(number) for number in range(1, 8)]
ALERTS = AlertPolicy(silence_minutes=30, feed_known_days=0)


def log_of(random: Random) -> FactsLog:
    """A day and a bit of seven reps who come and go, a dialer that dies, rules that are tuned, a queue and a target."""
    log = FactsLog()
    log.employ("north", *REPS)
    log.organise("alert_rule:a", {"rule": "service_level", "limit_percent": random.choice((50, 80))})
    log.organise("alert_rule:b", {"rule": "waiting_leads", "limit_count": 3})
    log.organise("alert_rule:c", {"rule": "goal_at_risk", "limit_percent": 60})
    usual = {"rule": "below_usual", "limit_basis_points": random.choice((1, 10, 300))}
    log.organise("alert_rule:d", usual)
    peers = {"limit_percent": random.choice((5, 10, 50)), "least_count": random.choice((3, 5))}
    log.organise("alert_rule:e", {"rule": "below_peers", "team_id": "north", **peers})
    day = at("2026-11-23 00:00") // DAY_MS + 719_163
    target = {
        "team_id": "north",
        "kpi": "calls",
        "period": "day",
        "period_start": day,
        "value": random.choice((50, 9000)),
    }
    log.organise("target:t", target)
    for week in range(1, 6):
        for hour in range(8):
            when_ms = NINE - 7 * week * DAY_MS + hour * 60 * MINUTE_MS
            log.add(NINE - 600 * MINUTE_MS, *[cell("north", rep, when_ms, activities=14) for rep in REPS])
    dies, stops = random.randrange(60, 400), {rep: random.randrange(20, 900) for rep in REPS}
    for minute in range(0, 480, 1):
        now_ms = NINE + minute * MINUTE_MS
        if dies <= minute < dies + 40:
            log.add(now_ms)
            continue
        busy = [rep for rep in REPS if random.random() < 0.3 and not stops[rep] <= minute < stops[rep] + 100]
        cells = [cell("north", rep, now_ms, activities=1, calls=1) for rep in busy]
        prompt: dict[str, int] = {"answered_in_20s": 1} if random.random() < 0.6 else {}
        cells.append(cell("north", "", now_ms, "UTC", offered=1, **prompt))
        if minute % 50 == 0:
            cells.append(("north", random.choice(REPS), None, None, {"leads_waiting": random.choice((2, -1))}))
        log.add(now_ms, *cells, feeds={"dialer": now_ms})
        if random.random() < 0.01:
            on = random.random() < 0.5
            told = {"rule": random.choice(RULES).kind, "enabled": on, "valid_from": now_ms}
            log.organise(f"alert_rule:{minute}", told)
    return log


def live(log: FactsLog) -> Iterator[Alert]:
    """All openings, as they stood at last."""
    board = scoreboard(alerts=ALERTS)
    found: dict[tuple[str, int], Alert] = {}
    for record in log.records:
        fold(board, [record])
        found |= {(alert.id, alert.opened_ms): alert for alert in board.take_alerts()}
    return iter(found.values())


def tried(log: FactsLog, question: Question) -> list[Alert]:
    """What a trial over the log opens."""
    (trial,) = tried_over(question, [log.records], BoardPolicy(), ALERTS)
    return trial.openings(0, 1 << 60)


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10_000))
def test_any_day_is_tried_as_it_was(seed: int) -> None:
    """Of every rule: the same ids, instants, evidence and endings, whatever else opened and whenever rules changed."""
    log = log_of(Random(seed))
    opened = sorted(live(log), key=lambda alert: (alert.opened_ms, alert.id))

    for rule in RULES:
        assert tried(log, Question(rule.kind)) == [alert for alert in opened if alert.kind == rule.kind]


def test_there_is_something_to_compare() -> None:
    """Over a few seeds every rule that these days can break opens."""
    opened = {alert.kind for seed in range(3) for alert in live(log_of(Random(seed)))}
    assert opened >= {"silent_rep", "feed_silent", "service_level", "waiting_leads", "goal_at_risk", "below_usual"}


@pytest.fixture
def quiet() -> FactsLog:
    """Rep 7 of two is silent from 9:10 on."""
    log = FactsLog()
    log.employ("north", "7", "8")
    for minute in range(100):
        now_ms = NINE + minute * MINUTE_MS
        reps = ("7", "8") if minute < 10 else ("8",)
        cells = [cell("north", rep, now_ms, activities=1) for rep in reps]
        log.add(now_ms, *cells, feeds={"dialer": now_ms})
    return log


def test_other_settings_open_earlier_later_or_not_at_all(quiet: FactsLog) -> None:
    """By hand: silent since 9:10, so told at 9:30, 9:40 and 10:10; after 100 minutes not yet."""
    opened = [
        [alert.opened_ms for alert in tried(quiet, Question("silent_rep", {"limit_minutes": minutes}))]
        for minutes in (20, 30, 60, 100)
    ]
    assert opened == [[at("2026-11-23 09:30")], [at("2026-11-23 09:40")], [at("2026-11-23 10:10")], []]


def test_how_far_below_the_team_is_tried() -> None:
    """Rep 7 does a quarter of what the six others do: below 30 % of the median of seven, and of seven others nobody."""
    log = FactsLog()
    log.employ("north", *REPS)
    for minute in range(90):
        now_ms = NINE + minute * MINUTE_MS
        cells = [cell("north", rep, now_ms, activities=1) for rep in REPS if rep != "7" or minute % 4 == 0]
        log.add(now_ms, *cells, feeds={"dialer": now_ms})

    assert tried(log, Question("below_peers")) == []
    (alert,) = tried(log, Question("below_peers", {"limit_percent": 30}))
    assert (alert.id, alert.opened_ms) == ("below_peers:rep:7@north", at("2026-11-23 10:00"))
    assert tried(log, Question("below_peers", {"limit_percent": 30, "least_count": 7})) == []


def test_settings_are_tried_for_one_team_alone(quiet: FactsLog) -> None:
    """Those of south leave north as it was, and alerts of north are not asked for."""
    assert tried(quiet, Question("silent_rep", {"limit_minutes": 20}, team="south")) == []
    (alert,) = tried(quiet, Question("silent_rep", {"limit_minutes": 20}, team="north"))
    assert (alert.id, alert.opened_ms) == ("silent_rep:rep:7@north", at("2026-11-23 09:30"))


def test_only_the_span_that_is_asked_for_counts(quiet: FactsLog) -> None:
    """From an instant on, until before another; and the teams whose managers are told are known."""
    trial = Trial(Question("silent_rep"), 0, 1, BoardPolicy(), ALERTS)
    for record in quiet.records:
        trial.fold(record)
    opened_ms = at("2026-11-23 09:40")
    assert len(trial.openings(opened_ms, opened_ms + 1)) == 1
    assert trial.openings(opened_ms + 1, opened_ms + DAY_MS) == trial.openings(0, opened_ms) == []
    assert trial.teams() == ["team:north"]
    assert trial.now_ms == at("2026-11-23 10:39")
    assert trial.day_of("team:north", opened_ms) == trial.day_of("feed:dialer", opened_ms) == 739_943
