"""A strand of cost: told late, corrected, converted, taken back."""

from collections.abc import Iterator
from random import Random
from typing import Any

from tests.streams.changes import TEAMS
from tests.streams.strand import GAPS, Told, date_of, given, maybe, moment
from tests.unit.ledger.world import DAY, event


def cost(random: Random, name: str) -> Iterator[Told]:
    """Cost of a team or of all, some of it long before; of another amount or category later, or deleted."""
    at_ms = moment(random)
    first_ms = at_ms - random.choice((0, 10, 40, 95)) * DAY
    last_ms = first_ms + random.choice((0, 6, 30)) * DAY
    told = given(
        team_id=maybe(random, TEAMS, 0.7),
        currency=maybe(random, ("USD", "GBP"), 0.2),
        category=maybe(random, ("ads", "salaries", "tools"), 0.8),
    )
    period: dict[str, Any] = {"period_start": date_of(first_ms), "period_end": date_of(last_ms)}
    yield Told(at_ms, event("cost", name, at_ms, amount_minor=random.randrange(10**6), **period, **told))
    at_ms += random.choice(GAPS)
    roll = random.random()
    if roll < 0.5:
        changed = given(amount_minor=maybe(random, (7, 1_000_01)), category=maybe(random, ("ads", "events")))
        yield Told(at_ms, event("cost", name, at_ms, **changed))
    elif roll < 0.7:
        yield Told(at_ms, event("cost", name, at_ms, verb="deleted"))
