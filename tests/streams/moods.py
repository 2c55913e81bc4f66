"""Strands of what people say: talks and ratings of reps and teams, and pulse surveys of teams."""

from collections.abc import Iterator
from random import Random
from typing import Any

from tests.streams.changes import TEAMS
from tests.streams.strand import END, GAPS, NAMED, Told, given, maybe, moment
from tests.unit.ledger.world import DAY, HOUR, MINUTE, event

SEEN = ("one_to_one", "coaching_session", "call_quality", "customer_satisfaction")
REMEMBERED = END - 390 * DAY
"""What was seen later is remembered to the end: what is forgotten stays on its day when a zone or a rep moves."""
Content = dict[str, Any]


def observation(random: Random, name: str) -> Iterator[Told]:
    """What somebody saw of a rep or a team, told at once or long after; otherwise later, in part, or taken back."""
    at_ms = moment(random)
    yield Told(at_ms, event("observation", name, at_ms, **_observed(random, at_ms - random.choice((0, *GAPS)))))
    yield from _later(random, "observation", name, at_ms, _observed(random, at_ms - random.choice((HOUR, 40 * DAY))))


def survey(random: Random, name: str) -> Iterator[Told]:
    """How a team answered, told before its end or after it, whole or as answers come in; with five answers or fewer."""
    at_ms = moment(random)
    ends_ms = at_ms + random.choice((-90 * DAY, -DAY, -MINUTE, 0, 7 * DAY, 40 * DAY))
    answered = _answered(random)
    if random.random() < 0.3:
        yield Told(at_ms, event("survey", name, at_ms, team_id=random.choice(TEAMS), ends_at=ends_ms, invited=6))
        for field in sorted(answered):
            at_ms += random.choice((HOUR, DAY))
            yield Told(at_ms, event("survey", name, at_ms, **{field: answered[field]}))
    else:
        team = random.choice((*TEAMS, *TEAMS, "nobody-knows", None))
        yield Told(at_ms, event("survey", name, at_ms, team_id=team, ends_at=ends_ms, **answered))
    other: Content = {"team_id": random.choice((*TEAMS, None)), "ends_at": ends_ms + random.choice((-DAY, DAY))}
    yield from _later(random, "survey", name, at_ms, {**other, **_answered(random)})


def _observed(random: Random, at_ms: int) -> Content:
    """Of a rep, a team, both or nobody; a rating may lack its value or scale, or lie beyond it."""
    rep = maybe(random, (*NAMED, "nobody-knows"), 0.8)
    team = maybe(random, (*TEAMS, "nobody-knows"), 0.2 if rep else 0.8)
    rated = given(value=maybe(random, (0, 1, 4, 5, 87), 0.9), scale=maybe(random, (3, 5, 100, 100), 0.9))
    about: Content = {"name": random.choice(SEEN), "observed_at": max(at_ms, REMEMBERED)}
    return {**about, **given(rep_id=rep, team_id=team, count=maybe(random, (0, 1, 3, 40), 0.4)), **rated}


def _answered(random: Random) -> Content:
    """Of a team four and five people are as likely as none, or more answers than people asked."""
    most = random.choice((1, 2, 3, 8))
    counts = {name: maybe(random, range(most + 1), 0.9) for name in ("promoters", "passives", "detractors")}
    return given(invited=maybe(random, (0, 4, 5, 20), 0.8), **counts)


def _later(random: Random, kind: str, name: str, at_ms: int, whole: Content) -> Iterator[Told]:
    """What is told anew, in part, or as nothing; its end, and its return."""
    while random.random() < 0.6 and (at_ms := at_ms + random.choice(GAPS)) < END:
        time_ms = at_ms - random.choice((0, 0, HOUR, 10 * DAY))
        some = random.sample(sorted(whole), min(len(whole), random.randrange(1, 4)))
        said: Content = random.choice((whole, {field: whole[field] for field in some}, dict.fromkeys(some)))
        if random.random() < 0.3:
            yield Told(at_ms, event(kind, name, time_ms, verb=random.choice(("deleted", "deleted", "restored"))))
        else:
            yield Told(at_ms, event(kind, name, time_ms, **said))
