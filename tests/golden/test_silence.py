"""The calls of the sample export through the stages: nobody is told of as silent on a day of calls as usual.

Its agents answer six calls a day by chance, hours apart, so an hour of silence says nothing of them. What is usual the
export itself says: the limit is the longest silence that any agent makes in its first month, in whole hours of work,
and that of the dialer is its own. The two months after it were not looked at for that. An agent is idle for a day in
eight months, and three such days are in the export: they are no silence yet. Two idle days in a row are none of
chance, and are told on the second.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.golden.expected import slug
from tests.quarter.clocks import DAY, HOUR, MINUTE
from tests.quarter.events import Told, iso, told
from tests.quarter.stages import Deployment

ZONE = ZoneInfo("Europe/Berlin")
OPENS, CLOSES = 9 * HOUR, 18 * HOUR
FITTED_DAYS = 31
"""The limit is chosen by what the first days say."""
TICK_MS = 5 * MINUTE
WEEK = {day: [["09:00", "18:00"]] for day in
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")}  # fmt: skip


class Limits(NamedTuple):
    """How many working minutes an agent may be silent, and the dialer beside twice what it usually is."""

    agent_minutes: int
    feed_minutes: int


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


def organisation(agents: set[str], at_ms: int, limits: Limits) -> Iterator[Told]:
    """One team that works from nine to six every day."""
    data = {"time_zone": ZONE.key, "calendar": WEEK, "silence_minutes": limits.agent_minutes}
    feed = {"rule": "feed_silent", "limit_minutes": limits.feed_minutes}
    yield told("alert_rule", "dialer", at_ms, at_ms, "ops", feed)
    yield told("company", "company", at_ms, at_ms, "hr", {"time_zone": ZONE.key, "currency": "EUR"})
    yield told("team", "call-center", at_ms, at_ms, "hr", data)
    for agent in sorted(agents):
        yield told("rep", agent, at_ms, at_ms, "hr", {"active": True})
        yield told("membership", agent, at_ms, at_ms, "hr", {"rep_id": agent, "team_id": "call-center"})


def usual_limits(calls: list[Call]) -> Limits:
    """The longest silences between two calls of the first days, of an agent and of all, rounded up to hours of work."""
    until = _day(calls[0].at_ms) + FITTED_DAYS
    fitted = [call for call in calls if _day(call.at_ms) < until]
    agents = {call.agent for call in fitted if call.agent}
    of_each = (_longest_ms(call for call in fitted if call.agent == agent) for agent in agents)
    return Limits(*(-(-longest_ms // HOUR) * 60 for longest_ms in (max(of_each), _longest_ms(fitted))))


def _longest_ms(calls: Iterable[Call]) -> int:
    return max(_worked_to(after.at_ms) - _worked_to(before.at_ms) for before, after in pairwise(calls))


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


def sown(calls: list[Call]) -> set[tuple[str, int]]:
    """The second of two days in a row, of each agent in another week after the first month."""
    first = _day(calls[0].at_ms) + FITTED_DAYS
    agents = sorted({call.agent for call in calls if call.agent})
    return {(agent, first + 2 + 7 * number) for number, agent in enumerate(agents)}


def played(calls: list[Call], limits: Limits) -> Deployment:
    """All of it, with a tick every five minutes of the day."""
    first = datetime.fromtimestamp(calls[0].at_ms / 1000, ZONE).replace(hour=0, minute=0, second=0)
    deployment = Deployment(1)
    start_ms = round(first.timestamp()) * 1000
    deployment.append(organisation({call.agent for call in calls if call.agent}, start_ms - DAY, limits))
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


def told_of(deployment: Deployment) -> list[tuple[str, int]]:
    """What every alert of silence is about, a name in the case of an agent, and the day on which it opened."""
    assert not deployment.refused
    return sorted(
        (each.id.removeprefix("silent_rep:rep:").removesuffix("@call-center"), _day(each.opened_ms))
        for each in deployment.opened()
        if "silent" in each.id
    )


def test_nobody_who_works_as_usual_is_told_of(sample_data: Callable[[str], Path]) -> None:
    """No silence in three months, though the limits are those of the first, in which an agent was idle for a day."""
    calls = calls_in(sample_data("call_center"))
    assert len(idle_days(calls)) == 3
    limits = usual_limits(calls)
    assert limits == (13 * 60, 4 * 60)

    assert told_of(played(calls, limits)) == []


def test_who_stays_idle_is_told_of_on_that_day(sample_data: Callable[[str], Path]) -> None:
    """Without the calls of two days in a row of each agent: one alert of each, on the second day, and no others."""
    calls = calls_in(sample_data("call_center"))
    expected = sown(calls)
    missing = expected | {(agent, day - 1) for agent, day in expected}
    left = [call for call in calls if (call.agent, _day(call.at_ms)) not in missing]

    found = told_of(played(left, usual_limits(left)))
    assert found == sorted(expected)
    assert set(found) <= idle_days(left)


def test_a_day_that_is_missing_beside_an_idle_one_is_told(sample_data: Callable[[str], Path]) -> None:
    """One day of one agent, after a day that was idle by chance: told on that day."""
    calls = calls_in(sample_data("call_center"))
    agent, idle = max(idle_days(calls), key=lambda each: each[1])
    missing = agent, idle + 1
    left = [call for call in calls if (call.agent, _day(call.at_ms)) != missing]

    assert told_of(played(left, usual_limits(left))) == [missing]
