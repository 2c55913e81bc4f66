"""The calls of the sample export through the stages: nobody is told of as silent who took calls on every day.

Its agents answer six calls a day by chance, hours apart, so an hour of silence says nothing of them: a limit is one
day of work and two hours here. What is expected follows from the file alone.
"""

import csv
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from tests.golden.expected import slug
from tests.quarter.clocks import DAY, HOUR, MINUTE
from tests.quarter.events import Told, iso, told
from tests.quarter.stages import Deployment

ZONE = ZoneInfo("Europe/Berlin")
OPENS, CLOSES = 9 * HOUR, 18 * HOUR
LIMIT_MINUTES = 11 * 60
TICK_MS = 5 * MINUTE
WEEK = {day: [["09:00", "18:00"]] for day in
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")}  # fmt: skip
pytestmark = pytest.mark.timeout(600)


class Call(NamedTuple):
    """One row: when the call came in, how long it waited and lasted; no agent where it was abandoned."""

    name: str
    agent: str | None
    at_ms: int
    wait_ms: int
    talk_ms: int


def calls_in(folder: Path) -> list[Call]:
    """All calls, in their order."""
    with (folder / "call_center.csv").open(newline="", encoding="utf-8") as file:
        return sorted((_call(row) for row in csv.DictReader(file)), key=lambda call: call.at_ms)


def _call(row: dict[str, str]) -> Call:
    local = datetime.strptime(f"{row['date']} {row['time']}", "%d/%m/%Y %H:%M:%S").replace(tzinfo=ZONE)
    at_ms = round(local.timestamp()) * 1000
    if row["answered (Y/N)"] != "Y":
        return Call(row["call_id"], None, at_ms, MINUTE, 0)
    hours, minutes, seconds = map(int, row["AvgTalkDuration"].split(":"))
    talk_ms = (3600 * hours + 60 * minutes + seconds) * 1000
    return Call(row["call_id"], slug(row["agent"]), at_ms, 1000 * int(row["speed_of_answer_in_seconds"]), talk_ms)


def events(calls: list[Call]) -> Iterator[Told]:
    """What the dialer tells of them, once each is over."""
    for call in calls:
        data = {"team_id": "call-center", "direction": "inbound", "started_at": iso(call.at_ms)}
        if call.agent:
            data |= {"rep_id": call.agent, "outcome": "answered", "answered_at": iso(call.at_ms + call.wait_ms)}
        else:
            data |= {"outcome": "abandoned"}
        yield told("call", call.name, call.at_ms, call.at_ms + call.wait_ms + call.talk_ms, "dialer", data)


def organisation(agents: set[str], at_ms: int) -> Iterator[Told]:
    """One team that works from nine to six every day."""
    data = {"time_zone": ZONE.key, "calendar": WEEK, "silence_minutes": LIMIT_MINUTES}
    yield told("company", "company", at_ms, at_ms, "hr", {"time_zone": ZONE.key, "currency": "EUR"})
    yield told("team", "call-center", at_ms, at_ms, "hr", data)
    for agent in sorted(agents):
        yield told("rep", agent, at_ms, at_ms, "hr", {"active": True})
        yield told("membership", agent, at_ms, at_ms, "hr", {"rep_id": agent, "team_id": "call-center"})


def silences(calls: list[Call]) -> list[tuple[str, int, int]]:
    """Each agent's pauses of more work than the limit: between which instants.

    Of a call that was before yesterday the day is known and no longer the minute: it counts as one of that day's end.
    """
    found, last = [], dict[str, int]()
    for call in calls:
        if call.agent:
            since_ms = last.get(call.agent, call.at_ms)
            if _day(since_ms) < _day(call.at_ms) - 1:
                since_ms = _closes_ms(since_ms)
            if _worked_to(call.at_ms) - _worked_to(since_ms) > LIMIT_MINUTES * MINUTE:
                found.append((call.agent, since_ms, call.at_ms))
            last[call.agent] = call.at_ms
    return found


def _closes_ms(at_ms: int) -> int:
    local = datetime.fromtimestamp(at_ms / 1000, ZONE).replace(hour=18, minute=0, second=0)
    return round(local.timestamp()) * 1000


def _worked_to(at_ms: int) -> int:
    """Work of all days until then."""
    local = datetime.fromtimestamp(at_ms / 1000, ZONE)
    of_day = HOUR * local.hour + MINUTE * local.minute + 1000 * local.second
    return local.toordinal() * (CLOSES - OPENS) + min(max(of_day, OPENS), CLOSES) - OPENS


def idle_days(calls: list[Call]) -> set[tuple[str, int]]:
    """The agents and days on which an agent took no call at all."""
    taken = {(call.agent, _day(call.at_ms)) for call in calls if call.agent}
    agents, days = {agent for agent, _ in taken}, {day for _, day in taken}
    return {(agent, day) for agent in agents for day in range(min(days), max(days) + 1)} - taken


def _day(at_ms: int) -> int:
    return datetime.fromtimestamp(at_ms / 1000, ZONE).toordinal()


def played(calls: list[Call]) -> Deployment:
    """All of it, with a tick every five minutes of the day."""
    first = datetime.fromtimestamp(calls[0].at_ms / 1000, ZONE).replace(hour=0, minute=0, second=0)
    deployment = Deployment(1)
    start_ms = round(first.timestamp()) * 1000
    deployment.append(organisation({call.agent for call in calls if call.agent}, start_ms - DAY))
    waiting = sorted(events(calls), key=lambda each: each.at_ms)
    taken = 0
    for number in range(_day(calls[-1].at_ms) - first.toordinal() + 1):
        opens_ms = round((first + timedelta(days=number, hours=9)).timestamp()) * 1000
        for now_ms in range(opens_ms - TICK_MS, opens_ms + 10 * HOUR, TICK_MS):
            upto = taken
            while upto < len(waiting) and waiting[upto].at_ms <= now_ms:
                upto += 1
            deployment.append(waiting[taken:upto])
            taken = upto
            deployment.tick(now_ms)
            deployment.run(now_ms)
    assert taken == len(waiting)
    return deployment


def test_nobody_who_works_as_usual_is_told_of(sample_data: Callable[[str], Path]) -> None:
    """Told are the silences of more than eleven hours of work alone, and each of them holds a day without any call."""
    calls = calls_in(sample_data("call_center"))
    expected, idle = silences(calls), idle_days(calls)
    assert len(expected) == 2
    for agent, since_ms, until_ms in expected:
        assert any((agent, day) in idle for day in range(_day(since_ms), _day(until_ms)))

    deployment = played(calls)
    assert not deployment.refused
    told_of = [each for each in deployment.opened() if each.id.startswith("silent_")]
    assert sorted(each.id for each in told_of) == sorted(
        f"silent_rep:rep:{agent}@call-center" for agent, *_ in expected
    )
    for each in told_of:
        assert any(since_ms < each.opened_ms < until_ms for _, since_ms, until_ms in expected), each
