"""Who is far below the usual, or below the team: the audit's own reading, as far as it is certain of it.

Hours are found minute by minute, days by the calendar, and the likelihood of a count term by term.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from pipeline.audit.alert_settings import ToldRules
from pipeline.audit.database import Database
from pipeline.audit.working_minutes import MINUTE_MS, Calendar, works, works_on
from schemas.zones import zone_info

QUARTER_MS = 15 * MINUTE_MS
HOUR_MINUTES = 60
WEEKS = 8
TIMES = 10
"""An alert of who is below the usual is over above so many times the share of hours that opens it."""
CLOSE = 1e-6
"""Nearer to a bound than this nothing is certain."""


class Team(NamedTuple):
    """A team at work, by its home: the time of its log, and that of two minutes before, in which rules were asked."""

    home: str
    now_ms: int
    asked_ms: int
    zone: str
    hours: Calendar


class Bounds(NamedTuple):
    """How the rules are tuned for a team: basis points of hours, per cent of the median, and how many others."""

    basis_points: int = 10
    percent: int = 10
    others: int = 5

    @classmethod
    def of(cls, rules: ToldRules, home: str) -> "Bounds":
        """As the organisation says for a team, or else by default."""
        told = {
            "basis_points": rules.setting(home, "below_usual", "limit_basis_points"),
            "percent": rules.setting(home, "below_peers", "limit_percent"),
            "others": rules.setting(home, "below_peers", "least_count"),
        }
        return cls(**{name: value for name, value in told.items() if value is not None})


class Evidence(NamedTuple):
    """What rules certainly say of a scope: that an alert opens, if all was heard since then, or that it is over."""

    opens: bool
    over: bool
    since_ms: int


def midnight_ms(zone: str, at_ms: int) -> int:
    """The first instant of the local day of another."""
    at = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone_info(zone))
    return _instant(zone, at.date(), 0)


def below_usual(database: Database, team: Team, here: int, absent: int, bounds: Bounds) -> dict[str, Evidence]:
    """By scope, of a team and its reps: what the last two working hours say, where both are the whole of today's.

    Of the team itself with so many at work and absent: what holds of all its usual, and of the share of those at work.
    """
    end_ms = team.asked_ms - team.asked_ms % QUARTER_MS
    if end_ms != team.now_ms - team.now_ms % QUARTER_MS:
        return {}
    hours = [_hour(team, each) for each in (end_ms - QUARTER_MS, end_ms)]
    counted = [_counted(database, team, hour) if hour else {} for hour in hours]
    opens_at = bounds.basis_points / 10_000
    found = {}
    for scope in counted[1]:
        share = (here, here + absent) if scope == team.home and here else (1, 1)
        befores = _either(counted[0].get(scope), share)
        lasts = _either(counted[1][scope], share)
        opens = bool(befores) and all(_is(each, opens_at * (1 - CLOSE)) for each in (*befores, *lasts))
        over = len(lasts[0][1]) >= 4 and not any(_is(each, TIMES * opens_at * (1 + CLOSE)) for each in lasts)
        since_ms = hours[0][0] if hours[0] else team.now_ms
        found[scope] = Evidence(opens, over, since_ms)
    return found


Counted = tuple[int, list[int]]
"""The activities in an hour, and in the same hours of the days before on which there were any."""


def _either(counted: Counted | None, share: tuple[int, int]) -> list[Counted]:
    """As it was, and with so much of what is usual: who became absent within these minutes is in doubt."""
    if counted is None:
        return []
    seen, usual = counted
    return [counted, (seen, [count * share[0] // share[1] for count in usual])]


def _counted(database: Database, team: Team, hour: tuple[int, int]) -> dict[str, Counted]:
    spans = [(0, *hour, *hour), *_spans(team, hour)]
    rows = [
        {"number": number, "from_ms": a, "to_ms": b, "day_ms": c, "over_ms": d} for number, a, b, c, d in spans
    ]  # fmt: skip
    database.execute("DELETE FROM asked_span")
    database.fill("asked_span", rows)
    query = """
        SELECT a.scope, s.number,
            sum(CASE WHEN minute * 60000 >= s.from_ms AND minute * 60000 < s.to_ms THEN amount ELSE 0 END),
            sum(CASE WHEN minute * 60000 >= s.day_ms AND minute * 60000 < s.over_ms THEN amount ELSE 0 END)
        FROM active_minute a, asked_span s
        WHERE a.home = ?
            AND minute * 60000 >= least(s.from_ms, s.day_ms) AND minute * 60000 < greatest(s.to_ms, s.over_ms)
        GROUP BY ALL
    """
    found: dict[str, Counted] = {}
    for scope, number, inside, of_day in sorted(database.rows(query, [team.home])):
        seen, usual = found.get(scope, (0, []))
        if number == 0:
            seen = int(inside)
        elif of_day > 0:
            usual = [*usual, int(inside)]
        found[scope] = (seen, usual)
    return found


def _hour(team: Team, end_ms: int) -> tuple[int, int] | None:
    """The last sixty minutes of today's working time before an instant, from the first of them."""
    first_ms, left, at_ms = midnight_ms(team.zone, team.asked_ms), HOUR_MINUTES, end_ms
    while left and at_ms > first_ms:
        at_ms -= MINUTE_MS
        left -= works(team.hours, team.zone, at_ms)
    return None if left else (at_ms - at_ms % QUARTER_MS, end_ms)


def _spans(team: Team, hour: tuple[int, int]) -> Iterator[tuple[int, int, int, int, int]]:
    """The same times of the days before on which the team works, where the clocks let them last as long."""
    begin, end = (datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone_info(team.zone)) for at_ms in hour)
    today = begin.date()
    clocks = (begin.hour * 60 + begin.minute, (end.date() - today).days * 1440 + end.hour * 60 + end.minute)
    if not works_on(team.hours, today):
        return
    for week in range(1, WEEKS + 1):
        day = today - timedelta(weeks=week)
        from_ms, to_ms = (_instant(team.zone, day, clock) for clock in clocks)
        if works_on(team.hours, day) and to_ms - from_ms == hour[1] - hour[0]:
            yield (
                week, from_ms, to_ms, _instant(team.zone, day, 0), _instant(team.zone, day + timedelta(days=1), 0)
            )  # fmt: skip


def _instant(zone: str, day: date, clock: int) -> int:
    """The first instant of a local day at which the clocks show that minute of it, or a later one."""
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=clock)  # noqa: DTZ001 (as clocks show it)
    at = wall.replace(tzinfo=zone_info(zone)).astimezone(UTC)
    minute = timedelta(minutes=1)
    while (at - minute).astimezone(zone_info(zone)).replace(tzinfo=None) >= wall:
        at -= minute
    return round(at.timestamp()) * 1000


def _is(counted: Counted, share: float) -> bool:
    """Whether a count lies in the lower tail of that share, by the median and the median distance of at least four."""
    seen, usual = counted
    if len(usual) < 4:
        return False
    middle = _median([float(count) for count in usual])
    variance = max((1.4826 * _median([abs(count - middle) for count in usual])) ** 2, middle)
    if seen >= middle:
        return False
    if middle > 1000:
        return math.erfc((middle - seen) / math.sqrt(2 * variance)) / 2 <= share
    return math.fsum(math.exp(_log_chance(count, middle, variance)) for count in range(seen + 1)) <= share


def _log_chance(count: int, mean: float, variance: float) -> float:
    if variance - mean < 1e-9 * mean:
        return count * math.log(mean) - mean - math.lgamma(count + 1)
    size = mean * mean / (variance - mean)
    chance = mean / variance
    ways = math.lgamma(count + size) - math.lgamma(size) - math.lgamma(count + 1)
    return ways + size * math.log(chance) + count * math.log1p(-chance)


def _median(values: list[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def below_peers(
    database: Database, team: Team, joined: Mapping[str, int | None], ramping: Collection[str], bounds: Bounds
) -> dict[str, Evidence]:
    """By scope of a rep who was there all day: whether it is far below the others, up to now and two minutes ago.

    Nobody is compared with who is in ramp, and what was open of them is over.
    """
    day_ms = midnight_ms(team.zone, team.now_ms)
    query = """
        SELECT scope, sum(amount), sum(CASE WHEN minute < ? THEN amount ELSE 0 END) FROM active_minute
        WHERE home = ? AND minute >= ? AND minute * 60000 < ? GROUP BY scope
    """
    over_ms = _instant(team.zone, datetime.fromtimestamp(team.now_ms / 1000, zone_info(team.zone)).date(), 1440)
    asked = [team.asked_ms // MINUTE_MS, team.home, day_ms // MINUTE_MS, over_ms]
    done = {scope: (int(now), int(then)) for scope, now, then in database.rows(query, asked)}
    there = {
        scope: done.get(scope, (0, 0))
        for scope, joined_ms in joined.items()
        if (joined_ms or 0) <= day_ms and scope not in ramping
    }
    left, since_ms = HOUR_MINUTES + 2, team.asked_ms - team.asked_ms % MINUTE_MS
    while left and since_ms > day_ms:
        since_ms -= MINUTE_MS
        left -= works(team.hours, team.zone, since_ms)
    found = {scope: Evidence(opens=False, over=True, since_ms=since_ms) for scope in joined if scope in ramping}
    for scope, counts in there.items():
        medians = [_median([float(each[moment]) for each in there.values()]) for moment in (0, 1)]
        limits = [Fraction(bounds.percent, 100) * Fraction(middle) for middle in medians]
        enough = len(there) > bounds.others and len(joined) <= 200
        much = min(medians) >= 10 and min(limits) >= 1
        far = much and all(count < limit for count, limit in zip(counts, limits, strict=True))
        over = not enough or all(count >= 2 * limit for count, limit in zip(counts, limits, strict=True))
        found[scope] = Evidence(enough and far and not left, over, since_ms)
    return found
