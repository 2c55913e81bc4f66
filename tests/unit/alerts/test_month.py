"""A month on a floor with all that usually happens: no false alert, and none of the outages missed."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from tests.findings.floor import Floor, berlin, call, ms
from tests.unit.boards.logs import WEEK
from tests.unit.ledger.world import DAY, HOUR, MINUTE, event

pytestmark = pytest.mark.slow

STEP = 5 * MINUTE
FIRST, LAST = date(2026, 3, 16), date(2026, 4, 17)
"""Easter is on 5 April; Good Friday and Easter Monday are free in Bavaria, where north is, neither in New York."""
ZONES = {"north": "Europe/Berlin", "south": "America/New_York"}
DIALERS = {"north": "dialer-eu", "south": "dialer-us"}
REPS = {"n-1": "north", "n-2": "north", "n-3": "north", "s-1": "south", "s-2": "south"}
FREE = {"north": (date(2026, 4, 3), date(2026, 4, 6)), "south": (date(2026, 4, 3),)}
"""The holidays of `DE-BY`; south takes Good Friday off as one of its own calendar does (`US-DE`, Delaware)."""
LEAVES = {"n-2": (date(2026, 3, 23), date(2026, 3, 27)), "s-2": (date(2026, 4, 8), date(2026, 4, 9))}
"""The first and last day of leave: their membership ends before, another one begins after."""
OUTAGES = {
    "dialer-eu": [("2026-04-02T16:00", "2026-04-07T13:00")],
    "dialer-us": [("2026-04-14T19:00", "2026-04-14T20:30")],
}
"""From when until when each is dead, by Berlin's clocks; the first goes before Easter and is mended on Tuesday noon."""
DEPARTED, DEPARTS = "n-3", "2026-03-31T12:00"
IDLE, IDLES = "s-1", date(2026, 4, 16)
"""Who does nothing on one working day: the only rep to be told of."""


def organisation() -> list[dict[str, Any]]:
    """Two teams with holidays of their own, and memberships that have gaps where somebody is on leave."""
    holidays = {"north": "DE-BY", "south": "US-DE"}
    found = [
        event("team", team, 1000, time_zone=zone, calendar={**WEEK, "holidays": holidays[team]})
        for team, zone in ZONES.items()
    ]
    for rep, team in REPS.items():
        found.append(event("rep", rep, 1000, active=True))
        spans: list[dict[str, Any]] = [{}]
        if rep in LEAVES:
            first, last = (ms(f"{day}T00:00", ZONES[team]) for day in LEAVES[rep])
            spans = [{"valid_to": first}, {"valid_from": last + DAY}]
        for number, span in enumerate(spans):
            found.append(event("membership", f"{rep}-{number}", 1000, rep_id=rep, team_id=team, **span))
    return found


def works(rep: str, day: date) -> bool:
    """Whether a rep comes to work on a day."""
    team = REPS[rep]
    away = rep in LEAVES and LEAVES[rep][0] <= day <= LEAVES[rep][1]
    return day.weekday() < 5 and day not in FREE[team] and not away and not (rep == IDLE and day == IDLES)


def dead(source: str, now: int) -> bool:
    """Whether a dialer tells nothing."""
    return any(berlin(start) <= now < berlin(end) for start, end in OUTAGES[source])


def told() -> Callable[[int], Iterator[dict[str, Any]]]:
    """What arrives at a moment: each rep who works calls every ten minutes, a little apart, with a pause for lunch."""
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    begins = {team: [(day, ms(f"{day}T09:00", zone)) for day in days] for team, zone in ZONES.items()}

    def happens(now: int) -> Iterator[dict[str, Any]]:
        for number, (rep, team) in enumerate(REPS.items()):
            for day, begin in begins[team]:
                if not begin <= now < begin + 8 * HOUR or not works(rep, day) or dead(DIALERS[team], now):
                    continue
                slot = (now - begin) // STEP
                lunch = 3 * HOUR <= now - begin < 3 * HOUR + 30 * MINUTE
                gone = rep == DEPARTED and now >= berlin(DEPARTS)
                if slot % 2 == number % 2 and not lunch and not gone:
                    yield call(f"{rep}-{now}", now, rep=rep, source=DIALERS[team])
        if now == berlin("2026-03-24T10:00"):
            yield event("activity", "x", now, source="fix-script", kind="note", rep_id="n-1", occurred_at=now)
        if now == berlin(DEPARTS):
            yield event("rep", DEPARTED, now, verb="deleted")

    return happens


def test_a_month_has_no_false_alert_and_misses_no_outage() -> None:
    """Both dialers rest each night and each weekend of their region, and at lunch; a rep leaves, others are on leave.

    A dialer is missed on its working days only, after ten minutes and twice its usual pause, which is that of lunch.
    Until that is over its reps are not called silent either. That of north died with an hour of Thursday left, so it is
    missed soon after nine on Tuesday.
    """
    floor = Floor(organisation(), now_ms=berlin(f"{FIRST}T00:00"))
    happens = told()
    opened: list[tuple[str, int]] = []
    before: set[str] = set()
    for now in range(berlin(f"{FIRST}T08:55"), berlin(f"{LAST}T23:30"), STEP):
        if now % DAY >= 6 * HOUR:
            floor.at(now, *happens(now))
            after = floor.alerts()
            opened += [(alert, now) for alert in sorted(after - before)]
            before = after

    alerts = [alert for alert, _ in opened]
    assert alerts == ["feed_silent:feed:dialer-eu", "feed_silent:feed:dialer-us", "silent_rep:rep:s-1@south"]
    at = dict(opened)
    assert berlin("2026-04-07T09:00") <= at["feed_silent:feed:dialer-eu"] <= berlin("2026-04-07T09:30")
    assert berlin("2026-04-14T19:10") <= at["feed_silent:feed:dialer-us"] <= berlin("2026-04-14T20:30")
    assert ms("2026-04-16T09:00", ZONES["south"]) < at["silent_rep:rep:s-1@south"]
    assert at["silent_rep:rep:s-1@south"] <= ms("2026-04-16T10:05", ZONES["south"])
    assert before == set()
