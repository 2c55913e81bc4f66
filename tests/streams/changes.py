"""Strands of the organisation: reps who move, also long before it is told, and teams whose days begin elsewhere."""

from collections.abc import Iterator
from random import Random

from tests.streams.strand import REPS, START, Told, moment
from tests.unit.ledger.world import DAY, event

TEAMS = ("north", "south")


def moves(random: Random, name: str) -> Iterator[Told]:
    """A membership from the day that it is told, or from up to 200 days before, which may end and be taken back."""
    at_ms = moment(random)
    since_ms = at_ms - random.choice((0, DAY, 30 * DAY, 60 * DAY, 200 * DAY))
    rep, team = random.choice(REPS), random.choice(TEAMS)
    yield Told(at_ms, event("membership", name, at_ms, rep_id=rep, team_id=team, valid_from=since_ms))
    if random.random() < 0.3:
        end_ms = at_ms + random.choice((DAY, 40 * DAY))
        yield Told(end_ms, event("membership", name, end_ms, valid_to=max(since_ms + DAY, START)))


def zones(random: Random, name: str) -> Iterator[Told]:
    """A team that moves to another time zone, in one stream of four."""
    if random.random() < 0.25:
        at_ms = moment(random)
        zone = random.choice(("Europe/London", "Asia/Kolkata"))
        yield Told(at_ms, event("team", random.choice(TEAMS), at_ms, time_zone=zone))
