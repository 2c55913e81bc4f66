"""Whatever turns, and whoever publishes then: what Redis shows afterwards is what a sink shows that is filled at once.

Batches are small, so that thirty reps are written in as many of them as some hundreds are with those of a worker.
"""

from collections.abc import AsyncIterator, Callable
from datetime import date
from itertools import cycle
from typing import Any

import pytest
import pytest_asyncio

from tests.harness.turning import HOUR_MS, LOSSES, WAYS, Loss, Turn, TurningFloor, Way
from tests.servers.redis import RedisServer

TURNS = (
    Turn("day", date(2026, 11, 25)),
    Turn("week", date(2026, 11, 23)),
    Turn("month", date(2026, 11, 1)),
    Turn("quarter", date(2026, 10, 1)),
    Turn("calendar year", date(2027, 1, 1)),
    Turn("fiscal year", date(2027, 4, 1), fiscal_start=4),
    Turn("the day before a short one", date(2026, 3, 29)),
    Turn("a short day", date(2026, 3, 30)),
    Turn("a long day", date(2026, 10, 26)),
    Turn("a day that begins at one", date(2026, 9, 6), "America/Santiago"),
    Turn("an evening hour that comes twice", date(2026, 4, 5), "America/Santiago"),
    Turn("a first hour that comes twice", date(2026, 11, 1), "America/Havana"),
    Turn("half an hour of the clock", date(2026, 10, 4), "Australia/Lord_Howe"),
    Turn("week of Sundays", date(2026, 11, 22), week_starts=((None, "sunday"),)),
    Turn("week cut short", date(2026, 11, 26), week_starts=((None, "saturday"), (date(2026, 11, 26), "monday"))),
)
SIZES = ((7, 1), (7, 4), (3, 2), (20, 20), (1, 5))
"""Scopes in a round, and rounds in a batch."""

Cases = list[tuple[Turn, Way, Loss, tuple[int, int], int]]


def cases() -> Cases:
    """Every turn, live and not; ways, what Redis loses, the size of batches and the partitions go round with them."""
    ways, losses, sizes, partitions = cycle(WAYS), cycle((*LOSSES, "whole")), cycle(SIZES), cycle((1, 4, 1))
    return [(turn, next(ways), next(losses), next(sizes), next(partitions)) for turn in TURNS for _ in range(2)]


def name_of(value: Any) -> str | None:
    """How a case is told from the others."""
    return value.name if isinstance(value, Turn) else "x".join(map(str, value)) if isinstance(value, tuple) else None


@pytest_asyncio.fixture
async def open_floor(redis_server: RedisServer, namespace: str) -> AsyncIterator[Callable[..., TurningFloor]]:
    """Makes a floor; its workers end with the test."""
    made: list[TurningFloor] = []

    def opened(turn: Turn, **options: Any) -> TurningFloor:
        made.append(TurningFloor(turn, redis_server.url, namespace, **options))
        return made[-1]

    yield opened
    for floor in made:
        await floor.close()


@pytest.mark.parametrize(("turn", "way", "loss", "size", "partitions"), cases(), ids=name_of)
async def test_windows_turn(
    open_floor: Callable[..., TurningFloor], turn: Turn, way: Way, loss: Loss, size: tuple[int, int], partitions: int
) -> None:
    """Live, killed amid the turn, stopped before it and started after, or ended when it was folded but not shown."""
    scopes_at_once, rounds = size
    floor = open_floor(turn, reps=30, partitions=partitions, scopes_at_once=scopes_at_once, rounds=rounds)
    await floor.open()
    floor.take_over()
    await floor.until_shown()

    await floor.turn_over(way, loss)
    await floor.check()

    await floor.work_on()
    await floor.until_shown()
    await floor.check_calls()


@pytest.mark.slow
async def test_a_night_of_a_thousand_reps(open_floor: Callable[..., TurningFloor]) -> None:
    """With the batches of a worker: calls from the evening until the morning, and all windows turn at midnight."""
    floor = open_floor(TURNS[4], reps=1000, teams=50, scopes_at_once=20, rounds=20)
    await floor.open(3 * HOUR_MS)
    floor.take_over()
    await floor.until_shown()

    await floor.work_the_night()
    await floor.until_shown()
    await floor.check_calls()
