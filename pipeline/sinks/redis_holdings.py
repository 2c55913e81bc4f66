"""What Redis holds of homes, as a survey finds it: sentinels, keys, and what Redis says of itself."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from redis.asyncio import Redis
from redis.exceptions import NoPermissionError

from pipeline.sinks.redis_guard import understanding
from pipeline.sinks.redis_home import BESIDE, HomeMemory
from pipeline.sinks.redis_keys import CURRENT, FORM, FUNNELS, Keys
from pipeline.sinks.sink import Shown


class Signs(NamedTuple):
    """What changes when a Redis may have lost keys: it began anew, or made room.

    Flushes and what is deleted by hand leave no sign; sentinels do.
    """

    run_id: str
    evicted_keys: int


@dataclass(frozen=True, slots=True)
class Held:
    """Up to which position a home is complete (below 0: it is not), and what its keys are known to hold.

    One that was published in another form is complete up to nowhere: it may lack windows, and hold others.
    """

    published: int
    memory: HomeMemory


class Holdings:
    """Asks one Redis. Raises whatever the client raises, and SinkDown for values that nobody of us wrote."""

    def __init__(self, client: Redis, keys: Keys, form: str) -> None:
        self._client = client
        self._keys = keys
        self._form = form

    async def signs(self) -> Signs | None:
        """None where the user may not ask, or a Redis of another make does not say."""
        try:
            server, stats = await self._client.info("server"), await self._client.info("stats")
            return Signs(str(server["run_id"]), int(stats["evicted_keys"]))
        except (NoPermissionError, KeyError, ValueError):
            return None

    async def of(self, homes: Sequence[str], shown: Shown, filling: Collection[str]) -> dict[str, Held]:
        """By home. One that lacks the hash of a scope is complete up to nowhere, unless it is being filled."""
        async with self._client.pipeline(transaction=False) as pipe:
            for home in homes:
                pipe.hmget(self._keys.owner(home), ["published", FORM])
                pipe.hmget(self._keys.kpi(home, home), [CURRENT, FUNNELS, *BESIDE])
                pipe.exists(*self._due(home, shown[home]))
            answers = await pipe.execute()
        found = {}
        with understanding():
            for home, owner, held, keys in zip(homes, answers[::3], answers[1::3], answers[2::3], strict=True):
                published, form = owner
                at = -1 if published is None else int(published)
                in_form = form is not None and form.decode() == self._form
                lacks = keys < len(self._due(home, shown[home])) and home not in filling
                if at >= 0 and (lacks or not in_form):
                    at = -1
                found[home] = Held(at, HomeMemory.read(*held, in_form=in_form))
        return found

    def _due(self, home: str, scopes: Mapping[str, bool]) -> list[str]:
        """The keys that a home has."""
        current = (self._keys.kpi(home, scope) for scope in scopes)
        past = (self._keys.past(home, scope) for scope, has_past in scopes.items() if has_past)
        return [self._keys.owner(home), *current, *past]
