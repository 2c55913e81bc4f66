"""What each rep does on a day: by the rhythm of the team, the own pace, and whatever goes wrong."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date
from random import Random

from tests.quarter.clocks import HOUR, MINUTE, Span, after, worked
from tests.quarter.company import Rep, Team
from tests.quarter.drops import STOPPED, TRICKLE, Drop
from tests.quarter.events import Told, iso, told

QUARTER = 15 * MINUTE
WEEKDAY = (0.95, 1.05, 1.04, 1.02, 0.9, 1, 1)
NEAR = 20 * MINUTE
GAP = 0.7
"""Nobody who works is silent by chance for more than so much of what the team lets pass."""


class Rhythm:
    """How busy a team is: by the time of the day, the weekday, a season of its own, and good and bad days."""

    def __init__(self, random: Random, team: Team, first: date) -> None:
        self._random = random
        self._team = team
        self._first = first
        self._phase = random.random() * math.tau
        self._days: dict[date, float] = {}

    def expected(self, rep: Rep, day: date, spans: Sequence[Span], at_ms: int, of_day: float) -> float:
        """Activities to be expected of a rep in the quarter of an hour that begins then."""
        style = self._team.style
        eighth = min(7, 8 * worked(list(spans), spans[0][0], at_ms) // max(1, sum(b - a for a, b in spans)))
        an_hour = style.an_hour * style.shape[eighth] * WEEKDAY[day.weekday()] * self._day(day)
        return an_hour * rep.pace * rep.ramp(day) * of_day / 4

    def _day(self, day: date) -> float:
        if day not in self._days:
            week = (day - self._first).days / 7
            season = 1 + 0.1 * math.sin(math.tau * week / 13 + self._phase)
            self._days[day] = season * self._random.gammavariate(250, 1 / 250)
        return self._days[day]


def poisson(random: Random, mean: float) -> int:
    """A count that comes by chance."""
    limit, count, product = math.exp(-mean), 0, random.random()
    while product > limit:
        count, product = count + 1, product * random.random()
    return count


def times(random: Random, rhythm: Rhythm, team: Team, rep: Rep, day: date, drops: Sequence[Drop]) -> list[int]:
    """When a rep is active on a day, in order; what goes wrong with the rep is already out of it."""
    spans = team.spans(day)
    if not spans or not rep.works(day):
        return []
    of_day = random.gammavariate(60, 1 / 60)
    found = [
        at_ms + random.randrange(QUARTER)
        for begin, end in spans
        for at_ms in range(begin, end, QUARTER)
        for _ in range(poisson(random, rhythm.expected(rep, day, spans, at_ms, of_day)))
    ]
    if random.random() < 0.2:
        found.append(spans[-1][1] + random.randrange(HOUR))
    for drop in drops:
        if rep in drop.reps:
            found = _dropped(random, found, spans, drop)
    return _filled(random, sorted(found), spans, team.style.silence_minutes * MINUTE, drops, rep)


def _dropped(random: Random, found: list[int], spans: Sequence[Span], drop: Drop) -> list[int]:
    if drop.left == TRICKLE:
        kept = [at for at in found if not drop.from_ms <= at < drop.until_ms]
        at = after(list(spans), max(drop.from_ms, spans[0][0]), random.randrange(48, 56) * MINUTE)
        while at is not None and at < drop.until_ms:
            kept.append(at)
            at = after(list(spans), at, random.randrange(48, 56) * MINUTE)
        return kept
    return [at for at in found if not drop.from_ms <= at < drop.until_ms or random.random() < drop.left]


def _filled(
    random: Random, found: list[int], spans: Sequence[Span], limit_ms: int, drops: Sequence[Drop], rep: Rep
) -> list[int]:
    """The same with some activities more, so that the only long pauses are those that were seeded."""
    stopped = [(d.from_ms, d.until_ms) for d in drops if rep in d.reps and d.left == STOPPED]
    trickle = any(rep in d.reps and d.left == TRICKLE for d in drops)
    longest = round((0.95 if trickle else GAP) * limit_ms)
    at, end = spans[0][0] - 1, spans[-1][1]
    extra: list[int] = []
    known = list(found)
    edge = longest // 2
    while at < end:
        number = bisect_left(known, at + 1)
        following = known[number] if number < len(known) else end
        allowed = edge if at < spans[0][0] else longest
        if following >= end:
            allowed = edge
        if worked(list(spans), at, min(following, end)) <= allowed:
            at = following
            continue
        between = after(list(spans), at, random.randrange(allowed // 2, allowed)) or end
        if any(a <= between < b for a, b in stopped):
            at = next(b for a, b in stopped if a <= between < b) - 1
            continue
        extra.append(between)
        at = between
    return sorted([*found, *extra])


def activities(random: Random, team: Team, rep: Rep, when: Sequence[int], drops: Sequence[Drop]) -> Iterator[Told]:
    """The events of these activities: calls of the dialer, told once they are over, and what the CRM knows."""
    badly = [d for d in drops if d.rule == "service_level"]
    otherwise = [d for d in drops if d.rule == "sudden_zero"]
    for number, at_ms in enumerate(when):
        late_ms = random.choices((random.randrange(3000), random.randrange(40_000)), (80, 20))[0]
        name = f"{rep.name}-{at_ms}-{random.randrange(1000)}"
        if random.random() >= team.style.calls:
            if random.random() < 0.02 and _among_others(when, number):
                late_ms = random.randrange(5 * HOUR)
            if random.random() < 0.7 and not any(d.from_ms <= at_ms < d.until_ms for d in otherwise):
                data = {"rep_id": rep.name, "sent_at": iso(at_ms), "direction": "outbound", "bulk": False}
                yield told("email", name, at_ms, at_ms + late_ms, "crm", data)
            else:
                data = {"rep_id": rep.name, "occurred_at": iso(at_ms), "kind": "visit"}
                yield told("activity", name, at_ms, at_ms + late_ms, "crm", data)
            continue
        data = {"rep_id": rep.name, "started_at": iso(at_ms)}
        if team.style.name == "queue":
            slow = any(d.from_ms <= at_ms < d.until_ms for d in badly)
            wait_ms = random.choices((random.randrange(2000, 18_000), random.randrange(25_000, 100_000)),
                                     (15, 85) if slow else (92, 8))[0]  # fmt: skip
            talk_ms = random.randrange(30_000, 300_000)
            data |= {"direction": "inbound", "outcome": "answered", "answered_at": iso(at_ms + wait_ms)}
            late_ms += wait_ms + talk_ms
        elif random.random() < 0.35:
            talk_ms = min(420_000, round(random.expovariate(1 / 120_000)) + 15_000)
            data |= {"direction": "outbound", "outcome": "answered", "answered_at": iso(at_ms + 8000)}
            late_ms += talk_ms + 8000
            data["talk_seconds"] = talk_ms // 1000
        else:
            data |= {"direction": "outbound", "outcome": "no_answer"}
            late_ms += 25_000
        yield told("call", name, at_ms, at_ms + late_ms, team.place.dialer, data)


def _among_others(when: Sequence[int], number: int) -> bool:
    """Whether an activity has others near: one that has none is never told late, or somebody would seem silent."""
    return 0 < number < len(when) - 1 and when[number + 1] - when[number - 1] < NEAR


def given_up(random: Random, team: Team, day: date, drops: Sequence[Drop]) -> Iterator[Told]:
    """Calls that nobody answered of a team with a queue: few, and many where that is what goes wrong."""
    badly = [d for d in drops if d.rule == "abandoned_calls"]
    for begin, end in team.spans(day) if team.style.name == "queue" else ():
        for at in range(begin, end, MINUTE):
            bad = any(d.from_ms <= at < d.until_ms for d in badly)
            for _ in range(poisson(random, len(team.reps) * team.style.an_hour / 60 * (1.0 if bad else 0.03))):
                at_ms = at + random.randrange(MINUTE)
                data = {"team_id": team.name, "direction": "inbound", "outcome": "abandoned", "started_at": iso(at_ms)}
                name = f"{team.name}-{at_ms}-{random.randrange(1000)}"
                yield told("call", name, at_ms, at_ms + random.randrange(20_000, 60_000), team.place.dialer, data)
