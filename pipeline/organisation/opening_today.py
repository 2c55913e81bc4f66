"""A team's special day as it stands beside the team's figures while it lasts: closed, or open for some hours only."""

from datetime import date

import msgspec

from pipeline.organisation.clock_times import DAY_MINUTES
from pipeline.organisation.organisation import Organisation

_encode = msgspec.json.Encoder().encode


def special_day(organisation: Organisation, team: str, day: int) -> str:
    """JSON of the local day and the times between which work is done, closed without either; empty on other days.

    A team that stays open all day, when others close, has a day like all others.
    """
    opening = organisation.special_days(team).on(day)
    if opening is None or (opening.from_minute == 0 and opening.until_minute >= DAY_MINUTES):
        return ""
    begins, ends = opening
    is_open = begins < ends
    told = {
        "day": date.fromordinal(day).isoformat(),
        "open_from": _clock(begins) if is_open and begins else None,
        "open_until": _clock(ends) if is_open and ends < 2 * DAY_MINUTES else None,
    }
    return _encode(told).decode()


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"
