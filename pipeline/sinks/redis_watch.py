"""Asks Redis every minute what it says of itself: what will lose figures is told before it does."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from redis.asyncio import Redis
from redis.exceptions import NoPermissionError, RedisError

from pipeline.config.redis_standing import Doubt, Standing, doubts, standing_of

log = logging.getLogger(__name__)
LOOK_SECONDS = 60.0
Noted = Callable[[float], None]
"""Told the share of Redis's memory that is taken."""


class RedisWatch:
    """Runs as long as the worker does. A Redis that does not answer is others' to tell."""

    def __init__(self, client: Redis, used: Noted) -> None:
        self._client = client
        self._used = used
        self._doubts: Sequence[Doubt] = ()

    def doubts(self) -> Sequence[str]:
        """What will lose figures sooner or later, by the last answer; a line each."""
        return list(map(str, self._doubts))

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                self.note(standing_of(await self._client.info()))
            except NoPermissionError:
                log.warning(
                    "Redis does not tell how it is set up: its user needs +info", extra={"code": "redis_not_told"}
                )
                return
            except (RedisError, OSError) as error:
                log.debug("Redis was not asked how it is set up: %s", error, extra={"code": "redis_not_asked"})
            await asyncio.sleep(LOOK_SECONDS)

    async def close(self) -> None:
        """Called once, when the worker stops."""
        await self._client.aclose()

    def note(self, standing: Standing) -> None:
        """Take in what Redis says of itself; a doubt is logged when it begins."""
        found = doubts(standing)
        known = {doubt.about for doubt in self._doubts}
        for doubt in found:
            if doubt.about not in known:
                log.warning("%s", doubt, extra={"code": "redis_doubted"})
        self._doubts = found
        if standing.used_ratio is not None:
            self._used(standing.used_ratio)
