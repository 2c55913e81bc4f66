"""Over facts that were trimmed, a span that is not refused has the same alerts as over all that there ever were."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from random import Random
from typing import Any, NamedTuple

import pytest

from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.alerts.rules import BY_KIND, RULES
from pipeline.backtesting.facts_logs import Reach
from pipeline.backtesting.span import require_reached
from pipeline.backtesting.trial import Question, Trial
from pipeline.config.settings import SetupError
from pipeline.kinds.call import RING_SECONDS
from pipeline.measures import CALLERS_WAITING, UNASSIGNED
from pipeline.organisation.days import DAY_MS, HOUR_MS, MINUTE_MS
from pipeline.scores.board import BoardPolicy
from schemas import facts
from schemas.alerts import Alert, Kind
from tests.unit.boards.logs import WEEK, FactsLog, LogRecord, at, cell

pytestmark = pytest.mark.slow

FIRST = at("2026-06-01 00:00")
"""A Monday."""
DAYS, SPAN_DAYS = 125, 30
REPS = [str(number) for number in range(1, 8)]
LIMITS: dict[str, dict[str, Any]] = {
    "service_level": {"limit_percent": 80}, "abandoned_calls": {"limit_percent": 30},
    "longest_wait": {"limit_seconds": 60}, "reps_unknown": {"limit_count": 5}, "teams_unknown": {"limit_count": 5},
    "feed_silent": {"limit_minutes": 30},
}  # fmt: skip
SUBJECTS: dict[str, dict[str, Any]] = {
    "team:north": {"time_zones": [[None, "UTC"]], "calendar": WEEK},
    **{f"rep:{rep}": {"active": True} for rep in REPS},
    **{f"membership:{rep}": {"rep_id": rep, "team_id": "north"} for rep in REPS},
    **{f"alert_rule:{rule}": {"rule": rule, **limit} for rule, limit in LIMITS.items()},
}
FINITE = [rule.kind for rule in RULES if rule.looks_back is not None]


class Day(NamedTuple):
    """What befalls a working day: reps who stop at a quarter-hour, feeds that are dead from one to another."""

    stops: dict[str, int]
    slow: dict[str, float]
    dead: dict[str, range]
    emails: bool
    prompt: float


def day_of(random: Random, number: int) -> Day:
    """Most are as usual; once a fortnight a dialer is dead, and of four weeks e-mails are told no more."""
    stops = {rep: random.randrange(4, 24) for rep in REPS if random.random() < 0.05}
    if random.random() < 0.15:
        stops = {rep: 10 + random.randrange(3) for rep in REPS[: random.choice((5, 7))]}
    slow = {rep: random.choice((0.05, 0.2)) for rep in REPS if random.random() < 0.05}
    begin = random.randrange(2, 24)
    dead = {source: range(begin, begin + 6) for source in ("dialer", "mail") if random.random() < 0.05}
    return Day(stops, slow, dead, number % 60 < 40 or random.random() < 0.02, random.choice((0.95, 0.95, 0.5)))


def log_of(seed: int) -> FactsLog:
    """A team of seven for many weeks, a quarter-hour at a time by day; the organisation is sent again twice a day."""
    random, log = Random(seed), FactsLog()
    for number in range(DAYS):
        begin_ms, day = FIRST + number * DAY_MS, day_of(random, number)
        for hour in (0, 20):
            log.organise_all(SUBJECTS)
            log.add(begin_ms + hour * HOUR_MS)
            if hour == 0 and number % 7 < 5 and not 45 <= number < 50:
                for quarter in range(32):
                    _work(log, random, day, begin_ms, quarter)
            elif hour == 0:
                log.add(begin_ms + 10 * HOUR_MS)
    return log


def _work(log: FactsLog, random: Random, day: Day, begin_ms: int, quarter: int) -> None:
    now_ms = begin_ms + 9 * HOUR_MS + quarter * 15 * MINUTE_MS
    cells: list[facts.Cell] = []
    feeds = {source: now_ms for source in ("dialer", "mail") if quarter not in day.dead.get(source, ())}
    for rep in REPS:
        busy = rep not in day.stops or not day.stops[rep] <= quarter < day.stops[rep] + 12
        if "dialer" in feeds and busy and random.random() < day.slow.get(rep, 1.0):
            done = random.randrange(2, 6)
            emails = {"emails": 1} if day.emails else {}
            cells.append(cell("north", rep, now_ms, "UTC", activities=done, calls=done, **emails))
    if "dialer" in feeds:
        answered = sum(random.random() < day.prompt for _ in range(8))
        queue = {"answered_in_20s": answered, "abandoned": (8 - answered) // 2}
        cells.append(cell("north", "", now_ms, "UTC", offered=8, **{name: n for name, n in queue.items() if n}))
    if random.random() < 0.03:
        cells.append(cell("north", "", now_ms, "UTC", **{f"{CALLERS_WAITING}{now_ms // 1000 % RING_SECONDS}": 1}))
    if random.random() < 0.04:
        cells.append(cell(UNASSIGNED, random.choice((UNASSIGNED, "9")), now_ms, activities=9))
    log.add(now_ms, *cells, feeds=feeds)
    if random.random() < 0.02:
        log.add(now_ms + MINUTE_MS, feeds={"script": now_ms})


def told_ms(records: list[LogRecord]) -> list[int]:
    """The time of each record, as brokers have it: that of the last one that carries a clock."""
    found, now_ms = [], FIRST
    for record in records:
        if not record.headers:
            assert record.value is not None
            now_ms = facts.unpack(record.value).now_ms
        found.append(now_ms)
    return found


def trial_of(kind: Kind, records: list[LogRecord]) -> Trial:
    """A trial of a rule as it was."""
    trial = Trial(Question(kind), 0, 1, BoardPolicy(), AlertPolicy())
    for record in records:
        trial.fold(record)
    return trial


def said(alerts: list[Alert]) -> list[dict[str, Any]]:
    """All there is to alerts."""
    return [alert.record() for alert in alerts]


def spans(random: Random) -> Iterator[tuple[int, int]]:
    """Two that end with the facts, or before."""
    end_ms = FIRST + DAYS * DAY_MS
    for _ in range(2):
        from_ms = end_ms - random.randrange(SPAN_DAYS // 2, SPAN_DAYS) * DAY_MS - random.randrange(DAY_MS)
        yield from_ms, from_ms + random.randrange((end_ms - from_ms) // 2, end_ms - from_ms)


@pytest.mark.parametrize("kind", FINITE)
def test_a_span_that_is_accepted_is_answered_as_by_all_facts(kind: Kind) -> None:
    """Trimmed to the last record that is needed; where the log begins later than that it is refused."""
    random = Random(kind)
    records = log_of(random.randrange(1000)).records
    times, whole, rule = told_ms(records), trial_of(kind, records), BY_KIND[kind]
    opened = 0
    for from_ms, to_ms in spans(random):
        needed_ms = whole.needed_ms(from_ms)
        assert needed_ms is not None
        first = bisect_right(times, needed_ms) - 1
        assert first > 0
        trimmed = trial_of(kind, records[first:])

        require_reached(rule, from_ms, trimmed.needed_ms(from_ms), [Reach(False, times[first])])
        assert said(trimmed.openings(from_ms, to_ms)) == said(whole.openings(from_ms, to_ms))
        opened += len(whole.openings(from_ms, to_ms))
        later = next(at_ms for at_ms in times if at_ms > needed_ms)
        with pytest.raises(SetupError, match="depends on facts since"):
            require_reached(rule, from_ms, trimmed.needed_ms(from_ms), [Reach(False, later)])
    assert opened, "there was nothing to compare"


def test_the_clocks_of_the_log_go_on() -> None:
    """What is trimmed by time is trimmed by position."""
    assert all(before <= after for before, after in pairwise(told_ms(log_of(1).records)))
