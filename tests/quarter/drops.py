"""What goes wrong in the quarter: each drop is seeded for one team and day, so that none hides another."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import NamedTuple

from tests.quarter.clocks import DAY, HOUR, MINUTE, Span, after
from tests.quarter.company import HISTORY_WEEKS, Rep, Team

STOPPED, TRICKLE = 0.0, -1.0
"""What is left of a rep's activity: nothing; or one now and then, so that nobody is silent."""


@dataclass(frozen=True)
class Drop:
    """Something that goes wrong, from an instant until another. `left` is the share of activity that is left."""

    rule: str
    team: Team
    day: date
    from_ms: int
    until_ms: int
    reps: tuple[Rep, ...] = ()
    left: float = 1.0
    told_ms: int | None = None
    """When the absence is told that it was, or that the rep has left."""
    leaves: bool = False
    source: str | None = None
    """The feed that is dead."""

    @property
    def days(self) -> tuple[date, ...]:
        """The local days on which it goes wrong: a source that tells something otherwise does so for two."""
        return (self.day, _next(self.day)) if self.rule == "sudden_zero" else (self.day,)


class Seeding(NamedTuple):
    """How many drops of a kind there are in a quarter, from which week on, and how one is made."""

    rule: str
    times: int
    first_week: int
    make: Callable[[Random, Team, date], Drop | None]


def drops(random: Random, teams: Sequence[Team], days: Sequence[date], share: float = 1.0) -> list[Drop]:
    """All drops: dead feeds first, for which all of their teams need the day, then each for a team and a day."""
    taken: set[tuple[str, date]] = set()
    found: list[Drop] = []
    for dead in _feeds(random, teams, days):
        found.append(dead)
        taken |= {(team.name, day) for team in _served(teams, dead.source or "") for day in _around(dead.day)}
    for seeding in SEEDINGS:
        if 7 * seeding.first_week >= len(days):
            continue
        wanted, tries = max(1, round(seeding.times * share)), 0
        while wanted and tries < 5000:
            tries += 1
            team, day = random.choice(teams), random.choice(days[7 * seeding.first_week :])
            if any((team.name, each) in taken for each in _around(day)[1:]) or len(team.spans(day)) < 2:
                continue
            if drop := seeding.make(random, team, day):
                if drop.leaves:
                    (rep,) = drop.reps
                    if any(rep in each.reps and each.day >= day and each.reps != tuple(team.reps) for each in found):
                        continue
                    rep.left = day
                found.append(drop)
                taken |= {(team.name, each) for each in drop.days}
                wanted -= 1
    return sorted(found, key=lambda drop: drop.from_ms)


def _next(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def sources(team: Team) -> tuple[str, ...]:
    """The feeds that a team is heard through every day."""
    return "crm", team.place.dialer


def _around(day: date) -> list[date]:
    return [date.fromordinal(day.toordinal() + offset) for offset in (-1, 0, 1)]


def _served(teams: Sequence[Team], source: str) -> list[Team]:
    return [team for team in teams if source in sources(team)]


def _feeds(random: Random, teams: Sequence[Team], days: Sequence[date]) -> Iterator[Drop]:
    """Each dialer is dead for some hours of a working day of its region, and the other system once."""
    for source, place in {"dialer-west": "ny", "dialer-east": "ldn", "crm": "ber"}.items():
        team = next(team for team in teams if team.name.startswith(place))
        day = random.choice([day for day in days[14:] or days[7:] if len(team.spans(day)) > 1])
        begin = team.spans(day)[0][0] + random.randrange(70, 100) * MINUTE
        yield Drop("feed_silent", team, day, begin, begin + random.randrange(90, 150) * MINUTE, source=source)


def _within(random: Random, spans: Sequence[Span], before: int, left: int) -> int | None:
    """Some minute of the day's work with so many worked minutes before it and left after it."""
    total = sum(end - begin for begin, end in spans) // MINUTE
    if total <= before + left:
        return None
    return after(list(spans), spans[0][0], random.randrange(before, total - left) * MINUTE)


def _there(team: Team, day: date) -> list[Rep]:
    """Who is at work on a day, and neither new nor away the day before."""
    yesterday = date.fromordinal(day.toordinal() - 1)
    return [rep for rep in team.reps if rep.works(day) and rep.ramp(day) == 1.0 and rep.works(yesterday)]


def _silent(random: Random, team: Team, day: date, reps: Sequence[Rep], rule: str) -> Drop | None:
    begin = _within(random, team.spans(day), 60, team.style.silence_minutes + 30)
    if begin is None or not reps:
        return None
    until = after(team.spans(day), begin, (team.style.silence_minutes + random.randrange(20, 60)) * MINUTE)
    end = team.spans(day)[-1][1]
    return Drop(rule, team, day, begin, until or end, tuple(reps), STOPPED)


def _silent_rep(random: Random, team: Team, day: date) -> Drop | None:
    return _silent(random, team, day, random.sample(there, 1) if (there := _there(team, day)) else (), "silent_rep")


def _sick(random: Random, team: Team, day: date) -> Drop | None:
    """A rep who does not come, of whom it is told at noon only: silent by then, and absent from then on."""
    if not (there := _there(team, day)) or team.style.name == "field":
        return None
    begin, end = team.spans(day)[0][0] - HOUR, team.spans(day)[-1][1]
    told_ms = team.spans(day)[0][1] - random.randrange(20) * MINUTE
    return Drop("silent_rep", team, day, begin, end + HOUR, (random.choice(there),), STOPPED, told_ms)


def _gone(random: Random, team: Team, day: date) -> Drop | None:
    """A rep who leaves at once; it is told three hours later."""
    there = [rep for rep in _there(team, day) if rep.left is None and rep.hired is None]
    begin = _within(random, team.spans(day), 60, team.style.silence_minutes + 130)
    if begin is None or not there:
        return None
    rep = random.choice(there)
    told_ms = after(team.spans(day), begin, (team.style.silence_minutes + 120) * MINUTE)
    return Drop("silent_rep", team, day, begin, begin + 400 * DAY, (rep,), STOPPED, told_ms, leaves=True)


def _silent_reps(random: Random, team: Team, day: date) -> Drop | None:
    working = [rep for rep in team.reps if rep.works(day)]
    there = _there(team, day)
    count = max(5, (len(working) + 1) // 2) + 1
    if len(there) < count or len(working) < count + 2 or team.style.name == "field":
        return None
    return _silent(random, team, day, random.sample(there, count), "silent_reps")


def _silent_team(random: Random, team: Team, day: date) -> Drop | None:
    return _silent(random, team, day, team.reps, "silent_team")


def _slow_rep(random: Random, team: Team, day: date) -> Drop | None:
    """A busy rep who does next to nothing for the rest of a day."""
    there = [rep for rep in _there(team, day) if team.style.an_hour * rep.pace >= 15]
    begin = _within(random, team.spans(day), 60, 180)
    if begin is None or not there:
        return None
    return Drop(
        "below_usual", team, day, begin, team.spans(day)[-1][1], (random.choice(there),), TRICKLE
    )  # fmt: skip


def _slow_team(random: Random, team: Team, day: date) -> Drop | None:
    """A team that does a third for the rest of a day."""
    begin = _within(random, team.spans(day), 60, 180)
    if begin is None or team.style.name not in ("sdr", "queue"):
        return None
    return Drop("below_usual", team, day, begin, team.spans(day)[-1][1], tuple(team.reps), 0.3)


def _slow_start(random: Random, team: Team, day: date) -> Drop | None:
    """A rep of a busy team who does next to nothing from the morning on."""
    there = _there(team, day)
    if team.style.name != "sdr" or len(there) < 7:
        return None
    begin, end = team.spans(day)[0][0], team.spans(day)[-1][1]
    return Drop("below_peers", team, day, begin - HOUR, end, (random.choice(there),), TRICKLE)


def _queue(rule: str) -> Callable[[Random, Team, date], Drop | None]:
    def make(random: Random, team: Team, day: date) -> Drop | None:
        begin, end = random.choice(team.spans(day))
        at_ms = begin + 45 * MINUTE + random.randrange(30) * MINUTE
        if team.style.name != "queue" or at_ms + 75 * MINUTE > end:
            return None
        return Drop(rule, team, day, at_ms, at_ms + 60 * MINUTE)

    return make


def _standing(rule: str) -> Callable[[Random, Team, date], Drop | None]:
    def make(random: Random, team: Team, day: date) -> Drop | None:
        begin = _within(random, team.spans(day), 30, 150)
        return None if begin is None else Drop(rule, team, day, begin, begin + 100 * MINUTE)

    return make


def _caller(random: Random, team: Team, day: date) -> Drop | None:
    begin = _within(random, team.spans(day), 60, 90)
    if begin is None or team.style.name != "queue":
        return None
    return Drop("longest_wait", team, day, begin, begin + 20 * MINUTE)


def _told_otherwise(random: Random, team: Team, day: date) -> Drop | None:
    """From some minute on emails are told as something else, until that has been so for a day and a while."""
    begin = _within(random, team.spans(day), 180, 60)
    following = team.spans(_next(day))
    if begin is None or not any(a <= begin + DAY and begin + DAY + 10 * MINUTE < b for a, b in following):
        return None
    return Drop("sudden_zero", team, day, begin, begin + DAY + 45 * MINUTE)


def _days_before(rule: str) -> Callable[[Random, Team, date], Drop | None]:
    """What has waited for days by then is seen as work begins, and is over two hours later."""

    def make(_: Random, team: Team, day: date) -> Drop | None:
        if all(rep.hired or rep.left for rep in team.reps):
            return None
        begin = team.spans(day)[0][0]
        return Drop(rule, team, day, begin, begin + 2 * HOUR)

    return make


def _fewer_won(_: Random, team: Team, day: date) -> Drop | None:
    """From the morning on, for good."""
    begin = team.spans(day)[0][0]
    return Drop("win_rate_dropped", team, day, begin, begin + 400 * DAY) if team.style.name == "inside" else None


def _goal(_: Random, team: Team, day: date) -> Drop | None:
    spans = team.spans(day)
    return Drop("goal_at_risk", team, day, spans[0][0], spans[-1][1])


SEEDINGS: tuple[Seeding, ...] = (
    Seeding("below_usual", 20, HISTORY_WEEKS, _slow_rep),
    Seeding("below_usual", 6, HISTORY_WEEKS, _slow_team),
    Seeding("below_peers", 10, 2, _slow_start),
    Seeding("silent_reps", 4, 2, _silent_reps),
    Seeding("silent_team", 3, 2, _silent_team),
    Seeding("silent_rep", 12, 2, _silent_rep),
    Seeding("silent_rep", 2, 2, _sick),
    Seeding("silent_rep", 2, 2, _gone),
    Seeding("service_level", 4, 2, _queue("service_level")),
    Seeding("abandoned_calls", 4, 2, _queue("abandoned_calls")),
    Seeding("waiting_leads", 3, 2, _standing("waiting_leads")),
    Seeding("stages_unknown", 2, 2, _standing("stages_unknown")),
    Seeding("longest_wait", 3, 2, _caller),
    Seeding("leads_overdue", 3, 2, _days_before("leads_overdue")),
    Seeding("deals_stalled", 3, 3, _days_before("deals_stalled")),
    Seeding("reps_unknown", 2, 2, _standing("reps_unknown")),
    Seeding("teams_unknown", 2, 2, _standing("teams_unknown")),
    Seeding("sudden_zero", 3, 4, _told_otherwise),
    Seeding("win_rate_dropped", 3, 7, _fewer_won),
    Seeding("goal_at_risk", 3, 2, _goal),
)
