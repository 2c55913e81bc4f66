"""Ranks in Redis show who is in a team now: who leaves goes at once, and who comes back has his ranks again."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
import pytest_asyncio

from tests.harness.turning import HOUR_MS, MINUTE_MS, Call, Turn, TurningFloor
from tests.servers.redis import RedisServer

Record = tuple[str, dict[str, Any] | None]
LEAVER = 9
"""The number of a rep who has not left before."""
TURN = Turn("day", date(2026, 11, 25))


def membership(rep: str, team: str, **more: int) -> dict[str, Any]:
    """A rep is in a team."""
    return {"rep_id": rep, "team_id": team, **more}


def leaving(rep: str, team: str, now_ms: int) -> dict[str, list[Record]]:
    """The ways in which a rep leaves a team within some minutes from now."""
    subject = f"membership:{rep}"
    return {
        "is inactive": [(f"rep:{rep}", {"active": False})],
        "left an hour ago": [(subject, membership(rep, team, valid_to=now_ms - HOUR_MS))],
        "leaves in a minute": [(subject, membership(rep, team, valid_to=now_ms + MINUTE_MS))],
        "never was a member": [(subject, None)],
        "is in another team": [(subject, membership(rep, "elsewhere"))],
        "moves": [(f"{subject}-2", membership(rep, "elsewhere", valid_from=now_ms))],
        "moves in a minute": [(f"{subject}-2", membership(rep, "elsewhere", valid_from=now_ms + MINUTE_MS))],
    }


WAYS = tuple(leaving("", "", 0))


@pytest_asyncio.fixture
async def floor(redis_server: RedisServer, namespace: str) -> AsyncIterator[TurningFloor]:
    """Twenty reps of four teams, whose boards are in Redis; small batches."""
    floor = TurningFloor(TURN, redis_server.url, namespace, 20, 4, scopes_at_once=3)
    await floor.open(12 * HOUR_MS)
    floor.take_over()
    await floor.until_shown()
    yield floor
    await floor.close()


async def shown_with(floor: TurningFloor, *away: str) -> None:
    """Those who are away are on no board, all others are, with the calls that they made."""
    floor.away = set(away)
    await floor.until_shown()
    await floor.check_calls()


async def call_elsewhere(floor: TurningFloor, now_ms: int) -> None:
    """Time goes on; somebody in another team calls."""
    team, rep = floor.floor[LEAVER + 1]
    await floor.call(now_ms, [Call(team, rep, now_ms - 1000)])


@pytest.mark.parametrize("published", [True, False], ids=["live", "by the next worker"])
@pytest.mark.parametrize("way", WAYS)
async def test_who_leaves_is_on_no_board(floor: TurningFloor, way: str, published: bool) -> None:
    """Though nothing else happens in the team: no figure of it changes."""
    team, rep = floor.floor[LEAVER]
    now_ms = TURN.begins_ms - 11 * HOUR_MS
    await floor.call(now_ms, [Call(team, rep, now_ms - 1000)])
    await shown_with(floor)

    if not published:
        await floor.end()
    for record in leaving(rep, team, now_ms)[way]:
        await floor.organise(*record)
    if not published:
        floor.take_over()
    await floor.until_shown()
    await call_elsewhere(floor, now_ms + 2 * MINUTE_MS)
    await shown_with(floor, rep)


@pytest.mark.parametrize("way", WAYS)
async def test_who_comes_back_has_the_ranks_of_the_day(floor: TurningFloor, way: str) -> None:
    """Also of what is told of the time away, and without a further figure."""
    team, rep = floor.floor[LEAVER]
    now_ms = TURN.begins_ms - 11 * HOUR_MS
    changes = leaving(rep, team, now_ms)[way]
    for record in changes:
        await floor.organise(*record)
    await call_elsewhere(floor, now_ms + 2 * MINUTE_MS)
    await shown_with(floor, rep)
    await floor.call(now_ms + 3 * MINUTE_MS, [Call(team, rep, now_ms + 2 * MINUTE_MS)])
    await shown_with(floor, rep)

    before = {f"rep:{rep}": {"active": True}, f"membership:{rep}": membership(rep, team)}
    for subject, _ in changes:
        await floor.organise(subject, before.get(subject))
    await shown_with(floor)
