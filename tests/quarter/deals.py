"""Deals of some teams all quarter long, of which from some day on fewer are won; and by when that has to be seen."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import comb
from random import Random

from tests.quarter.clocks import HOUR, MINUTE, after
from tests.quarter.company import Team
from tests.quarter.drops import Drop
from tests.quarter.events import Told, iso, told
from tests.quarter.exits import Exit
from tests.quarter.work import poisson

A_DAY = 5.0
OFFERED, WON, WON_BADLY = 0.6, 0.5, 0.06
"""Of deals, those that come to an offer; of offers, those that are won, and how few where that is what goes wrong."""
RECENT_DAYS, LEAST_RECENT, LEAST_BEFORE = 28, 20, 60
CHANCE = Fraction(1, 1000)
STYLE = "inside"
"""Whose teams have deals."""


def deals(random: Random, team: Team, days: Sequence[date], drops: Iterable[Drop], dead: Sequence[Drop]) -> list[Told]:
    """All deals of a team; what a dead feed would tell is told after it has come back."""
    begins = [drop.from_ms for drop in drops if drop.rule == "win_rate_dropped" and drop.team is team]
    badly_ms = min(begins, default=None)
    found: list[Told] = []
    owners = [rep.name for rep in team.reps if rep.hired is None and rep.left is None]
    spans = [span for day in days for span in team.spans(day)]
    for day in days if owners else ():
        for number in range(poisson(random, A_DAY) if team.spans(day) else 0):
            begin = after(spans, team.spans(day)[0][0], random.randrange(7 * HOUR))
            until = [after(spans, begin or 0, random.randrange(4, 20) * HOUR)]
            until.append(after(spans, until[0] or 0, random.randrange(4, 20) * HOUR))
            if begin is None or until[1] is None or until[0] is None:
                continue
            name, moved_ms, closed_ms = f"{team.name}-{day}-{number}", until[0], until[1]
            offered = random.random() < OFFERED
            won = offered and random.random() < (WON if badly_ms is None or closed_ms < badly_ms else WON_BADLY)
            data = {"owner_id": random.choice(owners), "created_at": iso(begin), "stage_id": "new"}
            course = [(begin, data), (moved_ms, {"stage_id": "offer" if offered else "lost"})]
            if offered:
                course.append((closed_ms, {"stage_id": "won" if won else "lost"}))
            found += _told(name, course, dead)
    return found


def seen_on(shares: Sequence[Sequence[Exit]], days: Iterable[date]) -> date | None:
    """The first of these days on which of any of these deals fewer go on than before, by more than chance."""
    return next((day for day in days if any(_is_lower(share, day) for share in shares)), None)


def _told(name: str, course: Iterable[tuple[int, dict[str, str]]], dead: Sequence[Drop]) -> Iterator[Told]:
    for at_ms, data in course:
        moment = awake(at_ms, dead)
        yield told("deal", name, moment, moment, "crm", data)


def awake(at_ms: int, dead: Sequence[Drop]) -> int:
    """The instant, or shortly after the feed that was dead then is back."""
    back = (drop.until_ms + MINUTE for drop in dead if drop.source == "crm" and drop.from_ms <= at_ms < drop.until_ms)
    return max(back, default=at_ms)


def _is_lower(exits: Sequence[Exit], today: date) -> bool:
    """Whether so few of the last 28 days' would be drawn from all with a chance of one in a thousand: by fractions."""
    cut = today - timedelta(days=RECENT_DAYS)
    recent = [each.onward for each in exits if cut <= each.day < today]
    before = [each.onward for each in exits if each.day < cut]
    if len(recent) < LEAST_RECENT or len(before) < LEAST_BEFORE:
        return False
    if sum(recent) * len(before) >= sum(before) * len(recent):
        return False
    whole, some = len(recent) + len(before), sum(recent) + sum(before)
    ways = sum(comb(some, k) * comb(whole - some, len(recent) - k) for k in range(sum(recent) + 1))
    return Fraction(ways, comb(whole, len(recent))) <= CHANCE
