"""Feeds: of which teams one is expected, what it hides, when its silence is one, and what is remembered of it."""

from collections.abc import Container, Iterable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.alerts.alert_policy import AlertPolicy
from pipeline.alerts.feed_book import MOST_FEEDS
from pipeline.boards.scoreboard import Scoreboard
from pipeline.kernel.state_keys import FEED, FEED_TEAM
from schemas import facts
from tests.unit.boards.logs import FactsLog, LogRecord, at, cell, fold, reread, scoreboard
from tests.unit.boards.logs import day as ordinal

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
WEEK = {day: [["09:00", "17:00"]] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
MONDAY = at("2026-11-16 09:00")
WORKING_DAYS = [MONDAY + day * DAY for day in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)]
"""When work begins on ten days, a weekend between them."""
TEAMS = {"north": "7", "south": "8"}


class Day:
    """A log of two teams of one rep each, who work from nine to five, and the board that folds it."""

    def __init__(self, alerts: AlertPolicy | None = None) -> None:
        self.log = FactsLog()
        self.board = scoreboard(alerts=alerts)
        for team, rep in TEAMS.items():
            self.log.organise(f"team:{team}", {"time_zones": [[None, "UTC"]], "calendar": WEEK})
            self.log.organise(f"membership:{rep}", {"rep_id": rep, "team_id": team})
        self.opened: dict[str, int] = {}
        self._folded = 0

    def at(self, now_ms: int, *heard: tuple[str, str], emails: Container[str] = ()) -> None:
        """At a moment each of these sources tells of an activity of a team, some of them of an email."""
        cells = [
            cell(team, TEAMS[team], now_ms, activities=1, emails=1)
            if source in emails
            else cell(team, TEAMS[team], now_ms, activities=1)
            for source, team in heard
        ]
        served: dict[str, dict[str, int]] = {}
        for source, team in heard:
            served.setdefault(source, {})[team] = now_ms
        self.log.source_offset += 1
        entries = [facts.Entry(self.log.source_offset, 0, True, cells)] if cells else []
        feeds = dict.fromkeys(served, now_ms)
        self.log.append(facts.pack(facts.Facts(1, "crm.events", 0, now_ms, feeds, entries, served)))
        self.fold(now_ms)

    def fold(self, now_ms: int) -> None:
        """Fold what is new, and note which alerts are open."""
        fold(self.board, self.log.records[self._folded :])
        self._folded = len(self.log.records)
        for alert in self.board.open_alerts():
            self.opened.setdefault(alert.id, now_ms)


def moments(begin_ms: int, step_minutes: int = 1) -> range:
    """From nine to five."""
    return range(begin_ms, begin_ms + 8 * HOUR, step_minutes * MINUTE)


@settings(deadline=None, max_examples=5)
@given(gap=st.integers(1, 90), dies=st.integers(0, 300))
@example(gap=1, dies=0)
def test_a_feed_is_missed_once_it_pauses_longer_than_it_usually_does(gap: int, dies: int) -> None:
    """It speaks every so many minutes for days, then no more: no alarm before that, and one soon after.

    It is one after ten minutes and twice the pause, which is known to the minute; never as long as it goes on.
    """
    floor = Day()
    last = 0
    for day, begin in enumerate(WORKING_DAYS[:6]):
        for now in moments(begin):
            if (now - begin) // MINUTE % gap == 0 and (day < 5 or now < begin + dies * MINUTE):
                floor.at(now, ("dialer", "north"))
                last = now
            else:
                floor.at(now)
        assert ("feed_silent:feed:dialer" in floor.opened) == (day == 5)
    worked = (floor.opened["feed_silent:feed:dialer"] - last) // MINUTE
    worked -= 0 if last >= WORKING_DAYS[5] else (WORKING_DAYS[5] - WORKING_DAYS[4]) // MINUTE - 480

    assert 10 + 2 * (gap - 2) <= worked <= 10 + 2 * (gap + 1)
    assert worked >= 10


@settings(deadline=None, max_examples=5)
@given(
    known=st.integers(0, 5),
    heard=st.lists(st.tuples(st.integers(0, 8), st.sampled_from(sorted(TEAMS))), max_size=8, unique=True),
)
@example(known=2, heard=[(0, "south"), (1, "south"), (5, "south")])
def test_a_feed_is_expected_of_those_it_served_on_so_many_days(known: int, heard: list[tuple[int, str]]) -> None:
    """Another dialer serves both teams all the time; this one all of some days, and then no more.

    It is missed only after a team heard it on enough of the days that count; on the last day, on which it says nothing,
    where it did.
    """
    floor = Day(AlertPolicy(feed_known_days=known))
    for day, begin in enumerate(WORKING_DAYS):
        for now in moments(begin, 5):
            served = [("dialer", team) for team in TEAMS]
            floor.at(now, *served, *(("other", team) for on, team in heard if on == day))
        if day == 8:
            before = set(floor.opened)
    days_of = {team: sorted({on for on, of in heard if of == team}) for team in TEAMS}
    counting = {
        team: [
            [on for on in days[:number] if on > days[number - 1] - 2 * max(known, 1)]
            for number in range(1, len(days) + 1)
        ]
        for team, days in days_of.items()
    }
    expected = any(len(days) >= known for each in counting.values() for days in each)

    assert not any(alert.startswith("silent") for alert in floor.opened if not expected)
    if not expected:
        assert floor.opened == {}
    elif any(each[-1][-1] == 8 and _dense(each[-1]) and len(each[-1]) >= known for each in counting.values() if each):
        assert "feed_silent:feed:other" in {*floor.opened, *before}


def _dense(days: list[int]) -> bool:
    """Whether there was no day between them: then it paused on none."""
    return days == list(range(days[0], days[-1] + 1))


def test_a_feed_hides_only_those_it_serves() -> None:
    """That of south dies. A rep who joined each team in the morning does nothing: only that of north is told of."""
    floor = Day()
    begin = WORKING_DAYS[4]
    for team in TEAMS:
        floor.log.organise(f"membership:{team}", {"rep_id": f"new-{team}", "team_id": team, "valid_from": begin})
    for day in WORKING_DAYS[:4]:
        for now in moments(day, 3):
            floor.at(now, ("dialer-n", "north"), ("dialer-s", "south"))
    for now in moments(begin):
        floor.at(now, *([("dialer-n", "north")] if now < begin + 2 * HOUR else []))

    assert floor.opened == {
        "feed_silent:feed:dialer-s": begin + (7 + 2 * 2) * MINUTE,
        "silent_rep:rep:new-north@north": begin + HOUR,
        "feed_silent:feed:dialer-n": begin + (119 + 10 + 2 * 2) * MINUTE,
    }


@pytest.mark.parametrize(("dies", "told"), [(False, None), (True, 4 * (10 + 2 * 1))])
def test_a_holiday_of_most_whom_a_feed_serves_is_no_silence(dies: bool, told: int | None) -> None:
    """South has three reps, north one: together they speak each other minute, north alone once in half an hour.

    On a day on which south is closed nothing opens; if the feed dies then, it is told after four times as long.
    """
    floor = Day()
    for rep in ("9", "10"):
        floor.log.organise(f"membership:{rep}", {"rep_id": rep, "team_id": "south"})
    floor.log.organise("special_day:south-closed", {"team_id": "south", "day": ordinal("2026-11-20")})
    for begin in WORKING_DAYS[:4]:
        for now in moments(begin):
            minute = (now - begin) // MINUTE
            floor.at(now, *([("crm", "south")] if minute % 2 else []), *([("crm", "north")] if not minute % 30 else []))
    begin = WORKING_DAYS[4]
    for now in moments(begin):
        minute = (now - begin) // MINUTE
        floor.at(now, *([("crm", "north")] if not minute % 30 and (minute == 0 or not dies) else []))

    opened = {id_: (at_ms - begin) // MINUTE for id_, at_ms in floor.opened.items() if id_.startswith("feed_silent")}
    assert opened == ({} if told is None else {"feed_silent:feed:crm": told})


def test_foreign_sources_hide_nothing_and_are_not_all_remembered() -> None:
    """Hundreds of sources that spoke once: the alert of the rep comes as without them, and the state stays small."""
    floors = [Day(), Day()]
    for noisy, floor in enumerate(floors):
        number = 0
        for day, begin in enumerate(WORKING_DAYS[:5]):
            for now in moments(begin, 5):
                served = [("dialer", "north"), *([("dialer", "south")] if day < 4 else [])]
                foreign = [(f"script-{number + n}", "north") for n in range(3 * noisy)]
                number += 3
                floor.at(now, *served, *foreign)
    quiet, noisy_floor = floors

    assert quiet.opened == noisy_floor.opened != {}
    assert len(noisy_floor.board.feeds()) <= MOST_FEEDS
    assert sum(1 for _ in noisy_floor.board.store.items(FEED)) <= MOST_FEEDS
    assert sum(1 for _ in noisy_floor.board.store.items(FEED_TEAM)) <= MOST_FEEDS + 1


HEARD = st.sets(st.tuples(st.sampled_from(["dialer", "crm", "script"]), st.sampled_from(sorted(TEAMS))), max_size=3)


@settings(deadline=None, max_examples=30)
@given(told=st.lists(st.tuples(st.integers(1, 400), HEARD), min_size=1, max_size=40), data=st.data())
def test_what_is_known_of_feeds_follows_from_the_log(told: list[tuple[int, Any]], data: st.DataObject) -> None:
    """Whoever takes over, after whichever record: the same alerts, the same state."""
    alerts = AlertPolicy(feed_known_days=1, feed_retired_days=1)
    floor = Day(alerts)
    now = MONDAY
    for minutes, heard in told:
        now += minutes * MINUTE
        floor.at(now, *sorted(heard))
    other: Scoreboard = scoreboard(alerts=alerts)
    at_record = data.draw(st.integers(0, len(floor.log.records) - 1))
    for number, record in enumerate(floor.log.records):
        fold(other, [record])
        if number == at_record:
            other = scoreboard(reread(other.store), alerts=alerts)

    assert dict(other.store.items()) == dict(floor.board.store.items())
    assert other.store.scalars == floor.board.store.scalars
    assert [alert.id for alert in other.open_alerts()] == [alert.id for alert in floor.board.open_alerts()]


def _tell(log: FactsLog, partition: int, now_ms: int, cells: Iterable[facts.Cell] = ()) -> LogRecord:
    log.source_offset += 1
    entries = [facts.Entry(log.source_offset, 0, True, list(cells))]
    given_facts = facts.Facts(
        1, "crm.events", partition, now_ms, {"dialer": now_ms}, entries, {"dialer": {"north": now_ms}}
    )
    return log.append(facts.pack(given_facts))


@settings(deadline=None, max_examples=30)
@given(stands=st.integers(0, 5), catches_up=st.booleans())
def test_a_partition_of_ours_that_stands_still_is_nobodys_silence(stands: int, catches_up: bool) -> None:
    """Three source partitions; one stops telling: nothing opens. It goes on with what it had: still nothing did."""
    floor = Day(AlertPolicy(feed_known_days=0))
    for minute in range(5):
        for partition in range(3):
            activities = [cell("north", "7", MONDAY + minute * MINUTE, activities=1)]
            _tell(floor.log, partition, MONDAY + minute * MINUTE, activities)
    for minute in range(5, 240):
        for partition in {0, 1, 2} - {stands % 3}:
            log_time = MONDAY + minute * MINUTE
            floor.log.append(facts.pack(facts.Facts(1, "crm.events", partition, log_time, {}, [])))
        floor.fold(MONDAY + minute * MINUTE)
    assert floor.opened == {}

    if catches_up:
        for minute in range(5, 240):
            now_ms = MONDAY + minute * MINUTE
            _tell(floor.log, stands % 3, now_ms, [cell("north", "7", now_ms, activities=1)])
            floor.fold(now_ms)
        assert floor.opened == {}
    else:
        for partition in range(3):
            now_ms = MONDAY + 240 * MINUTE
            floor.log.append(facts.pack(facts.Facts(1, "crm.events", partition, now_ms, {}, [])))
        floor.fold(MONDAY + 240 * MINUTE)
        assert set(floor.opened) == {"feed_silent:feed:dialer"}
