"""The rhythm of a working day: how busy a team is at an instant, by the clock on its own wall."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from pipeline.simulator.floor_plan import Team

BY_HOUR = (0, 0, 0, 0, 0, 0, 0, 10, 35, 80, 100, 95, 55, 60, 90, 95, 80, 40, 15, 5, 0, 0, 0, 0)
"""Percent of full activity in each local hour of a weekday: a morning peak, lunch, an afternoon peak."""
NEVER_LESS_THAN = 3
"""Percent: somebody always works late, or at the weekend."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def busyness(team: Team, instant_ms: int) -> int:
    """How busy each rep of a team is, in percent of full activity."""
    return _in_quarter(team.zone, team.inbound, instant_ms // 900_000)


@lru_cache(maxsize=4096)
def _in_quarter(zone: str, inbound: bool, quarter: int) -> int:
    local = (_EPOCH + timedelta(minutes=15 * quarter)).astimezone(ZoneInfo(zone))
    if inbound:
        return max(40, BY_HOUR[local.hour])
    return NEVER_LESS_THAN if local.weekday() > 4 else max(NEVER_LESS_THAN, BY_HOUR[local.hour])
