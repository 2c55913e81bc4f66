"""Ramp: how much of a new rep counts from which day on, and whether that is less than a whole one. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter

from pipeline.organisation.attendance import employed_days
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.proration import WHOLE, RulesOfTeam, months_after

FIRST_DAY = 1


def ramp_shares(told: RulesOfTeam, hired_on: int | None) -> Sequence[tuple[int, int]]:
    """From which day on how much of a rep counts, in basis points: on each day by the rules of that day."""
    if hired_on is None:
        return ((FIRST_DAY, WHOLE),)
    days = {FIRST_DAY, *told.days}
    longest = max((len(told.on(day).ramp) for day in days), default=0)
    months = [months_after(hired_on, month) for month in range(longest + 1)]
    found = []
    for day in sorted(days.union(months)):
        month, ramp = bisect_right(months, day) - 1, told.on(day).ramp
        found.append((day, ramp[month] if 0 <= month < len(ramp) else WHOLE))
    return found


def is_ramping(organisation: Organisation, rep: str, day: int, told: RulesOfTeam) -> bool:
    """Whether a rep is in ramp on a local day, by the rules of a team: less than a whole rep counts.

    Of whom nobody says when hired, nobody knows. A month of the ramp with all of a target is none.
    """
    hired_on, _ = employed_days(organisation.get(f"rep:{rep}") or {})
    if hired_on is None or not told.on(day).ramp:
        return False  # As of nearly everybody: without a ramp no months are counted.
    shares = ramp_shares(told, hired_on)
    return shares[bisect_right(shares, day, key=itemgetter(0)) - 1][1] < WHOLE


def ramp_bounds(organisation: Organisation, rep: str, told: RulesOfTeam) -> list[int]:
    """The local days from which on a rep is in ramp, or is no more, by the rules of a team."""
    hired_on, _ = employed_days(organisation.get(f"rep:{rep}") or {})
    if hired_on is None or not told.days:
        return []
    (_, before), *later = ((day, share < WHOLE) for day, share in ramp_shares(told, hired_on))
    found = []
    for day, ramping in later:
        if ramping != before:
            found.append(day)
        before = ramping
    return found
