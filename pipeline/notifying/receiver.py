"""The other end of the webhook: one attempt at a time, to public addresses, and wherever it is sent nowhere else."""

import socket
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from pipeline.config.webhook import is_public
from pipeline.notifying.message import Message
from pipeline.notifying.signature import signed
from pipeline.release import installed_version

ATTEMPT_SECONDS = 15
GONE = 410
NOT_UNDERSTOOD = (400, 413, 415, 422)
"""Answers that are about one message: the next one may be taken."""


class DeliveryError(Exception):
    """Raised for an attempt that failed, in words without the address; `most_attempts` where more are of no use."""

    def __init__(self, why: str, most_attempts: int | None = None) -> None:
        super().__init__(why)
        self.most_attempts = most_attempts


class PublicResolver(AbstractResolver):
    """Names as the system resolves them, without the addresses that are not public: looked at when it connects."""

    def __init__(self, system: AbstractResolver) -> None:
        self._system = system

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """OSError where the name has no public address."""
        found = [each for each in await self._system.resolve(host, port, family) if is_public(each["host"])]
        if not found:
            raise OSError("no public address")
        return found

    async def close(self) -> None:
        await self._system.close()


class Receiver:
    """Where messages go. A context, within a loop."""

    def __init__(self, url: str, secrets: Sequence[bytes], *, private: bool) -> None:
        self._url = url
        self._secrets = secrets
        self._private = private

    async def __aenter__(self) -> Self:
        system = aiohttp.ThreadedResolver()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=system if self._private else PublicResolver(system), force_close=True, use_dns_cache=False
            ),
            timeout=aiohttp.ClientTimeout(total=ATTEMPT_SECONDS),
            headers={"content-type": "application/json", "user-agent": f"salespulse/{installed_version()}"},
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def deliver(self, message: Message, at_ms: int) -> None:
        """One attempt; DeliveryError unless it is answered with 2xx. What the answer holds is not read."""
        headers = signed(self._secrets, message.id, at_ms // 1000, message.body)
        try:
            async with self._session.post(
                self._url, data=message.body, headers=headers, allow_redirects=False
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, OSError) as error:
            raise DeliveryError(type(error).__name__) from None
        if not 200 <= status < 300:
            raise DeliveryError(f"status {status}", 1 if status == GONE else 5 if status in NOT_UNDERSTOOD else None)
