"""What a stream is woven of: strands, each a random story about one object or a few."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple, TypeVar

from tests.unit.ledger.world import DAY, HOUR, NOON_MS

START = NOON_MS
DAYS = 300
END = START + DAYS * DAY
REPS = ("rep-01", "rep-02", "rep-03")
IDS = (*REPS, "crm-7", "desk@7", "desk@8")
"""Those of reps and of systems."""
NAMED = (*REPS, *IDS)
"""Whom events name: mostly reps by their own ids."""
LEADS = tuple(f"l{number}" for number in range(5))
DEALS = tuple(f"d{number}" for number in range(5))
ACCOUNTS = ("a0", "a1")
STAGES = ("new", "qualified", "offer", "won", "lost")
PROCESSES = ("default", "second")
GAPS = (HOUR, 2 * DAY, 20 * DAY, 34 * DAY, 36 * DAY, 50 * DAY, 90 * DAY, 150 * DAY)
"""How long after something was told the next thing is: within what is remembered, close to its end, and long after."""
T = TypeVar("T")


class Told(NamedTuple):
    """An event, and when it is appended."""

    at_ms: int
    event: dict[str, Any]


Strand = Callable[[Random, str], Iterator[Told]]
"""Tells a story; what it tells of has names that begin with the one given. Nothing of it need be in order."""


def moment(random: Random, first_day: int = 0, last_day: int = DAYS) -> int:
    """Some quarter of an hour between two days."""
    return START + first_day * DAY + random.randrange((last_day - first_day) * 96) * (HOUR // 4)


def maybe(random: Random, values: Sequence[T], chance: float = 0.5) -> T | None:
    """One of the values, or nothing."""
    return random.choice(values) if random.random() < chance else None


def date_of(at_ms: int) -> str:
    """The day in UTC."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()


def given(**fields: Any) -> dict[str, Any]:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}
