"""What happened before the simulation starts: deals of the last months, calls and talks of the last weeks."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from pipeline.organisation.days import DAY_MS
from pipeline.simulator.calls import outbound_call
from pipeline.simulator.deals import advance, open_deal
from pipeline.simulator.floor_plan import Team
from pipeline.simulator.observed import write_observed
from pipeline.simulator.outreach import email
from pipeline.simulator.world import Rep, World

RECENT_DAYS = range(1, 86)
EARLIER_DAYS = range(86, 221)
"""From so many days ago on it can be told what is usual of a stage."""
STALLED_DAYS = 28
"""For so long prospects have stalled."""
CALL_DAYS = 10


def write_history(world: World, start_ms: int, deals_per_rep: int, calls_per_day: int) -> None:
    """Have everything of the past sent at once, in no particular order, before the first live event."""
    for rep in world.reps:
        if not rep.team.inbound:
            for days in (RECENT_DAYS, EARLIER_DAYS):
                for _ in range(deals_per_rep):
                    _deal(world, rep, start_ms, days)
        for days_ago in range(1, CALL_DAYS + 1):
            _activities(world, rep, start_ms, days_ago, calls_per_day)
    write_observed(world, start_ms)


def _deal(world: World, rep: Rep, start_ms: int, days: range) -> None:
    """A deal and how far it has come; about half of them are closed by now."""
    now_ms = working_instant(world.random, rep.team, start_ms, world.random.choice(days))
    deal = open_deal(world, rep, now_ms)
    while deal in world.deals:
        now_ms += world.random.randint(DAY_MS, 18 * DAY_MS)
        if now_ms >= start_ms:
            return
        advance(world, deal, now_ms)


def _activities(world: World, rep: Rep, start_ms: int, days_ago: int, calls_per_day: int) -> None:
    for _ in range(calls_per_day):
        at_ms = working_instant(world.random, rep.team, start_ms, days_ago)
        (outbound_call if world.random.random() < 0.7 else email)(world, rep, at_ms)


def working_instant(random: Random, team: Team, start_ms: int, days_ago: int) -> int:
    """An instant in office hours of a team's weekday, about so many days ago and always before `start_ms`."""
    start = datetime.fromtimestamp(start_ms / 1000, UTC).astimezone(ZoneInfo(team.zone))
    day = start - timedelta(days=days_ago)
    day -= timedelta(days=max(0, day.weekday() - 4))
    at = day.replace(hour=random.randint(9, 16), minute=random.randint(0, 59), second=random.randint(0, 59))
    return min(int(at.timestamp() * 1000), start_ms - 3_600_000)
