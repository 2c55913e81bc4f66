"""What is wrong with Redis, in one line for people, from the error of its client: each says who must act. Pure."""

import socket
import ssl
from collections.abc import Iterator

from redis.asyncio.sentinel import MasterNotFoundError
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    ClusterDownError,
    MasterDownError,
    MaxConnectionsError,
    MovedError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
)  # fmt: skip
from redis.exceptions import (
    ConnectionError as RedisConnectionError,
)
from redis.exceptions import (
    TimeoutError as RedisTimeoutError,
)
from redis.sentinel import MasterNotFoundError as BlockingMasterNotFoundError

BY_WORD = {
    "READONLY": "Redis is a read-only replica: point SALESPULSE_REDIS_URL at the primary",
    "OOM": "Redis is out of memory and refuses writes: raise its maxmemory, or free some",
    "MOVED": "Redis is part of a cluster that keeps these keys on another node: use a Redis without cluster mode",
    "MISCONF": "Redis cannot write its snapshot to disk and refuses writes: free its disk, or turn snapshots off",
    "NOREPLICAS": "Redis has too few replicas and refuses writes: see its min-replicas-to-write",
    "LOADING": "Redis is loading its data: it answers once that is done",
    "BUSY": "Redis is busy with a script of somebody else",
    "CLUSTERDOWN": "the Redis cluster is down",
    "MASTERDOWN": "Redis is a replica that has lost its primary",
    "NOPERM": "Redis rejects a command: the user lacks permissions (SALESPULSE_REDIS_URL)",
    "NOAUTH": "Redis rejects the user or password (SALESPULSE_REDIS_URL)",
    "WRONGPASS": "Redis rejects the user or password (SALESPULSE_REDIS_URL)",
    "NOSCRIPT": "Redis lost the script of guarded writes: it is sent again",
}
"""By the word with which Redis begins a refusal; inside a script it stands further back."""

_BY_TYPE: tuple[tuple[type[BaseException], str], ...] = (
    (ReadOnlyError, "READONLY"),
    (OutOfMemoryError, "OOM"),
    (MovedError, "MOVED"),
    (BusyLoadingError, "LOADING"),
    (ClusterDownError, "CLUSTERDOWN"),
    (MasterDownError, "MASTERDOWN"),
    (NoPermissionError, "NOPERM"),
    (AuthenticationError, "NOAUTH"),
)
"""redis-py takes the word off the text of these."""

_SILENCES: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    (
        (MasterNotFoundError, BlockingMasterNotFoundError),
        "Redis does not respond: no Sentinel names a primary (SALESPULSE_REDIS_URL)",
    ),
    ((socket.gaierror,), "Redis does not respond: its host name cannot be resolved (SALESPULSE_REDIS_URL)"),
    (
        (ssl.SSLError,),
        "Redis does not respond in TLS: the server there does not offer it, or its certificate is not trusted",
    ),
    ((ConnectionRefusedError,), "Redis does not respond: nothing listens at its address"),
    ((RedisTimeoutError, TimeoutError), "Redis does not respond: no answer in time"),
)
"""By the type of what was raised, the first that fits."""


def trouble(error: BaseException) -> str:
    """One line for whatever a client of Redis raised; the first of its causes that says something decides."""
    causes = list(_causes(error))
    for cause in causes:
        if (word := _refusal(cause)) is not None:
            return BY_WORD[word]
    for cause in causes:
        if (reason := _silence(cause)) is not None:
            return reason
    if isinstance(error, RedisConnectionError | OSError):
        return "Redis does not respond: it closed the connection"
    return f"Redis refuses a command: {_first_line(error)}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__


def _refusal(error: BaseException) -> str | None:
    """The word of a refusal by a Redis that did answer."""
    for kind, word in _BY_TYPE:
        if isinstance(error, kind):
            return word
    if not isinstance(error, RedisError):
        return None
    words = (word.strip("(-'\"),:") for word in _first_line(error).split())
    return next((word for word in words if word in BY_WORD), None)


def _silence(error: BaseException) -> str | None:
    """Why nothing came back at all, or not in time: it is down, unreachable or stopped."""
    if isinstance(error, MaxConnectionsError) or "No connection available" in str(error):
        return "Redis does not respond: all connections wait for an answer"
    return next((line for kinds, line in _SILENCES if isinstance(error, kinds)), None)


def _first_line(error: BaseException) -> str:
    """What it says; a pipeline puts the command in front, with keys that may contain any word."""
    text = (str(error).splitlines() or [""])[0]
    return text.rpartition("caused error: ")[2] or type(error).__name__
