"""What a Redis says of itself: refused where it cannot keep figures, doubted where it will lose some."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.redis_standing import FULL_RATIO, doubts, standing_of, unusable

SOUND: dict[str, Any] = {
    "redis_version": "7.0.15", "redis_mode": "standalone", "role": "master", "maxmemory_policy": "noeviction",
    "used_memory": 1 << 20, "maxmemory": 0,
}  # fmt: skip


def said(**other: Any) -> str:
    """All lines about a Redis that is sound but for this."""
    standing = standing_of({**SOUND, **other})
    return "\n".join([unusable(standing) or "", *map(str, doubts(standing))]).strip()


@pytest.mark.parametrize(
    "other", [{}, {"redis_version": "6.2.14"}, {"redis_version": "7.2.4", "server_name": "valkey"}, {"role": "slave"}]
)
def test_nothing_is_said_of_a_sound_one(other: dict[str, str]) -> None:
    """Redis from 6.2 on, and Valkey, which names the Redis it stands in for; a replica may become the primary."""
    assert said(**other) == ""


@pytest.mark.parametrize(
    ("other", "line"),
    [
        ({"redis_mode": "cluster"}, "cluster mode"),
        ({"redis_mode": None, "server_mode": "cluster", "redis_version": "7.2.4"}, "cluster mode"),
        ({"redis_mode": "sentinel"}, "this is a Sentinel"),
        ({"redis_version": "5.0.7"}, "this Redis is 5.0.7; allowed: Redis 6.2 or later, or Valkey"),
        ({"redis_version": "6.0.16"}, "this Redis is 6.0.16"),
        ({"maxmemory_policy": "allkeys-lru"}, "maxmemory-policy is allkeys-lru"),
        ({"maxmemory_policy": "volatile-ttl"}, "set it to noeviction"),
        ({"maxmemory": 100 << 20, "used_memory": 90 << 20}, "Redis has used 90 of 100 MiB (90%)"),
    ],
)
def test_what_is_wrong_is_one_line(other: dict[str, Any], line: str) -> None:
    """It says what is wrong and what is allowed, or what to do."""
    assert line in said(**other)
    assert len(said(**other).splitlines()) == 1


@given(st.integers(0, 1 << 40), st.integers(0, 1 << 40))
def test_memory_is_told_from_a_share_on(used: int, limit: int) -> None:
    """Without a limit nothing is."""
    assert ("raise its maxmemory" in said(used_memory=used, maxmemory=limit)) == (
        limit > 0 and used / limit >= FULL_RATIO
    )
