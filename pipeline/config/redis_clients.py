"""Clients of Redis by its URL: a server, or the primary that Sentinels name, which is asked for at each connection."""

from typing import Any, cast

from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.sentinel import Sentinel as AsyncSentinels
from redis.sentinel import Sentinel as Sentinels

from pipeline.config.redis_address import SentinelAddress, behind_sentinels, read_address

ANSWER_SECONDS = 1.0
"""A Sentinel that does not answer within that is passed over for the next one."""


class _Primary(Redis):
    """Closes what asks the Sentinels as well, which redis-py leaves open."""

    asked: Sentinels

    def close(self) -> None:
        super().close()
        for each in self.asked.sentinels:
            each.close()


class _AsyncPrimary(AsyncRedis):
    """The same for a worker."""

    asked: AsyncSentinels

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        await super().aclose(close_connection_pool)
        for each in self.asked.sentinels:
            await each.aclose()


def blocking_client(url: str, **options: Any) -> Redis:
    """A client for commands, which waits for each answer. It connects when first used; `options` are redis-py's."""
    if not behind_sentinels(url):
        return Redis.from_url(url, **options)
    address = read_address(url)
    asked = Sentinels(  # type: ignore[no-untyped-call]
        list(address.hosts), sentinel_kwargs=_of_sentinels(options), **_of_primary(address, options)
    )
    client: _Primary = asked.master_for(address.primary, _Primary)  # type: ignore[no-untyped-call]
    client.asked = asked
    return client


def primary_client(url: str, **options: Any) -> AsyncRedis:
    """A client for a worker, of the primary behind Sentinels."""
    address = read_address(url)
    asked = AsyncSentinels(  # type: ignore[no-untyped-call]
        list(address.hosts), sentinel_kwargs=_of_sentinels(options), **_of_primary(address, options)
    )
    client = cast(_AsyncPrimary, asked.master_for(address.primary, _AsyncPrimary))
    client.asked = asked
    return client


def _of_primary(address: SentinelAddress, options: dict[str, Any]) -> dict[str, Any]:
    login = {"username": address.username, "password": address.password, "db": address.database}
    return {**options, **login, **({"ssl": True} if address.tls else {})}


def _of_sentinels(options: dict[str, Any]) -> dict[str, Any]:
    tls = {name: value for name, value in options.items() if name.startswith("ssl")}
    patience = {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS}
    return {**patience, **tls, **({"ssl": True} if tls else {})}
