"""What Redis holds of homes, as a survey finds it: sentinels, keys, and what Redis says of itself."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from redis.asyncio import Redis
from redis.exceptions import NoPermissionError

from pipeline.sinks.redis_guard import FILLING, understanding
from pipeline.sinks.redis_home import HomeMemory
from pipeline.sinks.redis_keys import CURRENT, FUNNELS, Keys
from pipeline.sinks.sink import Shown


class Signs(NamedTuple):
    """What changes when a Redis may have lost keys: it began anew, or made room.

    Flushes and what is deleted by hand leave no sign; sentinels do.
    """

    run_id: str
    evicted_keys: int


@dataclass(frozen=True, slots=True)
class Held:
    """Up to which position a home is complete (below 0: it is not), and what its keys are known to hold."""

    published: int
    memory: HomeMemory


class Holdings:
    """Asks one Redis. Raises whatever the client raises, and SinkDown for values that nobody of us wrote."""

    def __init__(self, client: Redis, keys: Keys) -> None:
        self._client = client
        self._keys = keys

    async def signs(self) -> Signs | None:
        """None where the user may not ask."""
        try:
            server, stats = await self._client.info("server"), await self._client.info("stats")
        except NoPermissionError:
            return None
        return Signs(str(server["run_id"]), int(stats["evicted_keys"]))

    async def of(self, homes: Sequence[str], shown: Shown, filling: Collection[str]) -> dict[str, Held]:
        """By home. One that lacks the hash of a scope is complete up to nowhere, unless it is being filled."""
        async with self._client.pipeline(transaction=False) as pipe:
            for home in homes:
                pipe.hget(self._keys.owner(home), "published")
                pipe.hmget(self._keys.kpi(home, home), [CURRENT, FUNNELS])
                pipe.exists(self._keys.owner(home), *(self._keys.kpi(home, scope) for scope in shown[home]))
            answers = await pipe.execute()
        found = {}
        with understanding():
            for home, published, held, keys in zip(homes, answers[::3], answers[1::3], answers[2::3], strict=True):
                at = -1 if published is None else int(published)
                if keys <= len(shown[home]) and home not in filling and at != FILLING:
                    at = -1
                found[home] = Held(at, HomeMemory.read(*held))
        return found
