"""Deals of some teams since long before the quarter, which from some day on stay in a stage; and when that is seen."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate
from random import Random
from statistics import median

from tests.quarter.clocks import DAY, HOUR, after
from tests.quarter.company import Team
from tests.quarter.deals import awake
from tests.quarter.drops import Drop
from tests.quarter.events import Told, iso, told
from tests.quarter.exits import Exit
from tests.quarter.work import poisson

STYLE = "field"
"""Whose teams have these deals."""
PAST_DAYS = 210
"""So long before the quarter they begin: what happened until then is imported at the start."""
IMPORT, EACH_MS = "crm-import", 20
A_DAY = 5.0
GOES_ON = {"new": ("offer", 0.6), "offer": ("won", 0.5)}
"""By stage, where its deals go on to, and what part of them does; others are lost."""
WORKED_HOURS, STALLED_HOURS = range(4, 20), range(30, 50)
"""So long a deal is in a stage, and where it stays; of the longest nobody says yet that it is stalled."""
FIRST_WEEK, WEEKS_LEFT, TEAMS = 3, 3, 2
"""From which week on something goes wrong, how long before the end at the latest, and in how many teams."""
SPAN_DAYS, USUAL_DAYS, LEAST_EXITS, LEAST_SPANS = 28, 180, 20, 90
FAR, NEAR = 5, 3
"""So many deviations away it is told; less than so many, it is over."""
LEAST_RATIO, LEAST_MS = Fraction(1, 100), Fraction(HOUR)
"""No deviation is less than a point, or an hour."""


def told_on(stages: Sequence[Sequence[Exit]], days: Iterable[date]) -> Iterator[date]:
    """Those of these days, all on which the team works, on which it is told that deals stay; be it by chance.

    Nothing is told again while it is not over.
    """
    told_of = False
    for day in days:
        away = max(deviations(exits, day) for exits in stages)
        if not told_of and away >= FAR:
            yield day
        told_of = away >= (NEAR if told_of else FAR)


def stalls(random: Random, teams: Sequence[Team], days: Sequence[date], share: float) -> Iterator[Drop]:
    """From the morning of some day on, for good."""
    concerned = [team for team in teams if team.style.name == STYLE]
    begins = days[7 * FIRST_WEEK : -7 * WEEKS_LEFT]
    for team in random.sample(concerned, min(len(concerned), round(TEAMS * share))) if begins else ():
        day = random.choice([day for day in begins if team.spans(day)])
        begin = team.spans(day)[0][0]
        yield Drop("prospects_stall", team, day, begin, begin + 400 * DAY)


def staying(
    random: Random, team: Team, days: Sequence[date], drop: Drop | None, dead: Sequence[Drop], start_ms: int
) -> list[Told]:
    """All deals of a team. Those that come into one of the stages after a drop has begun stay there.

    What happened before the start is imported then; what a dead feed would tell is told after it has come back.
    """
    found: list[Told] = []
    owners = [rep.name for rep in team.reps if rep.hired is None and rep.left is None]
    slow = random.choice(list(GOES_ON))
    past = [days[0] - timedelta(days=number) for number in range(PAST_DAYS, 0, -1)]
    spans = [span for day in (*past, *days) for span in team.spans(day)]
    for day in (*past, *days) if owners else ():
        for number in range(poisson(random, A_DAY) if team.spans(day) else 0):
            name, stage = f"{team.name}-stays-{day}-{number}", "new"
            at_ms = after(spans, team.spans(day)[0][0], random.randrange(7 * HOUR))
            data = {"owner_id": random.choice(owners), "stage_id": stage}
            while at_ms is not None:
                entered_ms = awake(at_ms, dead)
                if stage == "new":
                    data["created_at"] = iso(entered_ms)
                _tell(found, name, entered_ms, data, start_ms)
                if stage not in GOES_ON:
                    break
                stays = drop is not None and stage == slow and entered_ms >= drop.from_ms
                hours = random.choice(STALLED_HOURS if stays else WORKED_HOURS)
                at_ms = after(spans, entered_ms, hours * HOUR + random.randrange(HOUR))
                following, chance = GOES_ON[stage]
                stage = following if random.random() < chance else "lost"
                data = {"stage_id": stage}
    return found


def _tell(events: list[Told], name: str, at_ms: int, data: dict[str, str], start_ms: int) -> None:
    imported = at_ms < start_ms
    told_ms = start_ms + EACH_MS * len(events) if imported else at_ms
    events.append(told("deal", name, at_ms, told_ms, IMPORT if imported else "crm", data))


def deviations(exits: Sequence[Exit], today: date) -> Fraction:
    """By how many median deviations fewer of the last 28 days' deals went on than usual, or stayed longer; 0 or more.

    By fractions. What is usual is the median of the spans that ended on the 180 days before; those of fewer than twenty
    deals count for nothing, and nothing is usual where fewer than ninety are left.
    """
    first = today - timedelta(days=USUAL_DAYS + SPAN_DAYS - 1)
    counts, onward, spent = ([0] * (USUAL_DAYS + SPAN_DAYS - 1) for _ in range(3))
    for each in exits:
        if first <= each.day < today:
            number = (each.day - first).days
            counts[number] += 1
            onward[number] += each.onward
            spent[number] += each.spent_ms
    spans = list(zip(*(_sums(each) for each in (counts, onward, spent)), strict=True))
    known = [span for span in spans if span[0] >= LEAST_EXITS]
    if len(known) < LEAST_SPANS or known[-1] is not spans[-1]:
        return Fraction(0)
    ratios = [Fraction(some, count) for count, some, _ in known]
    times = [Fraction(some, count) for count, _, some in known]
    return max(Fraction(0), -_away(ratios, LEAST_RATIO), _away(times, LEAST_MS))


def _sums(counts: Sequence[int]) -> list[int]:
    """Of each whole span, the earliest first."""
    until = list(accumulate(counts, initial=0))
    return [until[end] - until[end - SPAN_DAYS] for end in range(SPAN_DAYS, len(until))]


def _away(series: Sequence[Fraction], least: Fraction) -> Fraction:
    middle = median(series)
    return (series[-1] - middle) / max(least, median(abs(each - middle) for each in series))
