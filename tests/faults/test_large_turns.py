"""Turns of the windows of a large floor, in every way there is."""

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from tests.harness.turning import LOSSES, WAYS, Loss, Turn, TurningFloor, Way
from tests.integration.test_window_turns import TURNS, name_of
from tests.servers.redis import RedisServer

pytestmark = [pytest.mark.faults]
Open = Callable[..., TurningFloor]


@pytest_asyncio.fixture
async def open_floor(redis_server: RedisServer, namespace: str) -> AsyncIterator[Open]:
    """Makes a floor; its workers end with the test."""
    made: list[TurningFloor] = []

    def opened(turn: Turn, reps: int, partitions: int, scopes_at_once: int, rounds: int) -> TurningFloor:
        made.append(
            TurningFloor(
                turn, redis_server.url, namespace, reps, max(8, reps // 20), partitions,
                scopes_at_once=scopes_at_once, rounds=rounds,
            )
        )  # fmt: skip
        return made[-1]

    yield opened
    for floor in made:
        await floor.close()


def cases() -> list[tuple[Turn, Way, Loss]]:
    """Every turn in every way; what Redis loses goes round, so that every way meets every loss."""
    return [
        (turn, way, LOSSES[(number + shift) % len(LOSSES)])
        for number, turn in enumerate(TURNS)
        for shift, way in enumerate(WAYS)
    ]


@pytest.mark.parametrize(("turn", "way", "loss"), cases(), ids=name_of)
async def test_every_turn_in_every_way(open_floor: Open, turn: Turn, way: Way, loss: Loss) -> None:
    """Fifty reps in small batches: Redis shows afterwards what a sink shows that is filled at once."""
    floor = open_floor(turn, 50, 4, 7, 1)
    await floor.open()
    floor.take_over()
    await floor.until_shown()
    await floor.turn_over(way, loss)
    await floor.check()


@pytest.mark.parametrize(
    ("reps", "partitions", "way"),
    [
        (1300, 1, "stopped"), (1300, 1, "crashed"), (1300, 4, "live"), (1300, 4, "killed"),
        (5000, 1, "killed"), (5000, 4, "live"),
    ],
)  # fmt: skip
async def test_thousands_of_reps_turn(open_floor: Open, reps: int, partitions: int, way: Way) -> None:
    """With the batches of a worker, at the end of a year: no publisher ends, and the calls are as many as were made."""
    floor = open_floor(TURNS[4], reps, partitions, 20, 20)
    await floor.open()
    floor.take_over()
    await floor.until_shown()
    await floor.turn_over(way, "whole")
    await floor.check_calls()
