"""What a Redis is asked about itself."""

from typing import Any, cast

import pytest

from pipeline.sinks.redis_holdings import Holdings, Signs
from pipeline.sinks.redis_keys import Keys


class Redis:
    """Says of itself what a test gives it."""

    def __init__(self, **said: object) -> None:
        self._said = said

    async def info(self, _section: str) -> dict[str, object]:
        """All of it."""
        return self._said


@pytest.mark.parametrize(
    ("said", "signs"),
    [
        ({"run_id": "a", "evicted_keys": "7"}, Signs("a", 7)),
        ({"evicted_keys": 7}, None),
        ({"run_id": "a"}, None),
        ({"run_id": "a", "evicted_keys": "none"}, None),
        ({}, None),
    ],
    ids=str,
)
async def test_a_redis_that_does_not_say_is_looked_at_whole(said: dict[str, object], signs: Signs | None) -> None:
    """Proxies and servers of other makes leave lines out of INFO; no sink may end a worker for that."""
    holdings = Holdings(cast(Any, Redis(**said)), Keys("ns"), "form")

    assert await holdings.signs() == signs
