"""Guarded writes to Redis: the keys of one home are written by its present owner only, in the order it meant."""

import hashlib
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, NamedTuple, cast

import msgspec
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import NoScriptError, RedisError

from pipeline import clock
from pipeline.config.redis_address import behind_sentinels
from pipeline.config.redis_clients import primary_client
from pipeline.sinks.redis_keys import FORM
from pipeline.sinks.redis_trouble import trouble
from pipeline.sinks.sink import Deposed, Owner, SinkDown

SCRIPT = files("pipeline.sinks").joinpath("guard.lua").read_text()
SCRIPT_SHA = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()
ANSWER_SECONDS = 1.0
"""How long a connection or an answer may take: a Redis that is slower than this is down."""
CONNECTIONS = 8
ARGUMENTS = 1000
"""Arguments of one command, an even number; Lua can unpack no more than some thousands."""
HOMES_AT_ONCE = 100
BYTES_AT_ONCE = 256 * 1024
"""Of operations in one call: while it runs, Redis answers nobody else. One home's go out together, however many."""

FILLING = -2
"""In a sentinel: everything the home has is on its way."""
LOST = -1
"""In a sentinel: nobody knows what the home's keys hold."""

SHRINKING = frozenset({"DEL", "HDEL", "ZREM"})
"""Commands after which a key may be gone, and its time to live with it."""

Field = str | int
"""Never bytes: the msgpack of Redis does not know them."""
_pack = msgspec.msgpack.Encoder().encode


def connect(url: str, **options: Any) -> Redis:
    """A client that gives up within seconds, so that a Redis that is down is noticed; connects when first used.

    `options` are those of `pipeline.config.redis_options`.
    """
    retry = Retry(ExponentialWithJitterBackoff(base=0.01, cap=0.1), 1)
    patience = {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS, "retry": retry, **options}
    if behind_sentinels(url):
        return primary_client(url, **patience)
    pool: BlockingConnectionPool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=ANSWER_SECONDS,
        decode_responses=False,
        **patience,
    )
    return Redis.from_pool(pool)


@contextmanager
def answering() -> Iterator[None]:
    """Turn whatever goes wrong between us and the server into SinkDown."""
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        raise SinkDown(trouble(error)) from error


@contextmanager
def understanding() -> Iterator[None]:
    """Around reading what our keys hold: what nobody of us wrote there is as bad as no answer, and ends no worker."""
    try:
        yield
    except (ValueError, msgspec.MsgspecError) as error:
        raise SinkDown("redis: unexpected value in a key of this namespace; delete the key") from error


class Named(NamedTuple):
    """Whom a sentinel names, where that is a later owner than the one who was refused. None: by no number."""

    sentinel: str
    mark: str
    """Tells this state of the sentinel from any other."""
    generation: int | None
    epoch: int | None
    turn: int | None

    def __str__(self) -> str:
        return f"{self.sentinel}: generation {self.generation}, epoch {self.epoch}, turn {self.turn}"


class Refused(Deposed):
    """Raised by `Guard.write`: each home that was not written names a later owner, or a later batch of this one."""

    def __init__(self, named: Sequence[Named]) -> None:
        super().__init__(f"held by {named[0]}")
        self.named = named


@dataclass(slots=True)
class HomeWrites:
    """What is to be written for one home, as commands on its keys; goes out in one call or not at all.

    `published` is the position up to which the home will be complete; None leaves it as the sentinel has it. It holds
    only where the home was whole before, or is `FILLING`. `seen` is the mark of a sentinel that may be written over
    although it names a later owner: one whom no state log knows.
    """

    sentinel: str
    lives_seconds: int
    published: int | None = None
    seen: str = ""
    _keys: dict[str, int] = field(default_factory=dict)
    _operations: list[tuple[Field, ...]] = field(default_factory=list)
    _shrunk: set[str] = field(default_factory=set)

    def add(self, command: str, key: str, *arguments: Field) -> None:
        """One command of at most a thousand arguments."""
        number = self._keys.setdefault(key, len(self._keys) + 2)
        self._operations.append((command, number, *arguments))
        if command in SHRINKING:
            self._shrunk.add(key)

    def note_form(self, form: str) -> None:
        """Say in the sentinel in which form the home is published."""
        self._operations.append(("HSET", 1, FORM, form))

    def add_each(self, command: str, key: str, items: Sequence[Field]) -> None:
        """A command that takes items (HDEL, ZREM) or pairs of them (HSET: field, value; ZADD: score, member)."""
        for start in range(0, len(items), ARGUMENTS):
            self.add(command, key, *items[start : start + ARGUMENTS])

    @property
    def keys(self) -> set[str]:
        """The keys written so far."""
        return set(self._keys)

    @property
    def shrunk(self) -> set[str]:
        """Those of them that may be gone now, or were on the way: their time to live is not what it was."""
        return set(self._shrunk)

    def live(self, but: Collection[str] = ()) -> None:
        """Let every key written so far live on, its time counted from now; of these only the ones that shrank."""
        for key in list(self._keys):
            if key not in but or key in self._shrunk:
                self.add("EXPIRE", key, self.lives_seconds)

    @property
    def all_keys(self) -> list[str]:
        """The sentinel, and the keys written so far, as operations number them."""
        return [self.sentinel, *self._keys]

    def packed(self) -> bytes:
        """The argument of the script that stands for this home."""
        published: Field = "" if self.published is None else str(self.published)
        return _pack((len(self._keys) + 1, published, self.lives_seconds, self._operations, self.seen))


class Guard:
    """The script on one server. Raises SinkDown for whatever the server does, or does not do, wrong."""

    def __init__(self, client: Redis, answered: Callable[[float], None] = lambda _: None) -> None:
        """`answered` is told how many seconds each call took, there and back."""
        self._client = client
        self._answered = answered

    async def write(self, writes: Sequence[HomeWrites], owner: Owner, turn: int) -> None:
        """Write every home, in as few calls as their sizes allow.

        Raises:
            Refused: when a home has seen a later owner, or a later batch of this one; the other homes were written.
            SinkDown: when it is not known what was written.
        """
        fence = (owner.generation, owner.epoch, turn)
        calls = list(_calls(writes))
        if not calls:
            return
        arguments = [_arguments(homes, packed, fence) for homes, packed in calls]
        refused = [
            Named(homes[int(number) - 1].sentinel, mark.decode(), *map(_number, held))
            for (homes, _), reply in zip(calls, await self._run(arguments), strict=True)
            for number, mark, *held in reply
        ]
        if refused:
            raise Refused(refused)

    async def _run(self, calls: Sequence[Sequence[Field | bytes]]) -> list[list[list[Any]]]:
        with answering():
            try:
                return await self._pipelined("EVALSHA", SCRIPT_SHA, calls)
            except NoScriptError:
                # EVAL leaves the script in the server; SCRIPT LOAD would be one more command to be allowed.
                return await self._pipelined("EVAL", SCRIPT, calls)

    async def _pipelined(
        self, command: str, script: str, calls: Sequence[Sequence[Field | bytes]]
    ) -> list[list[list[Any]]]:
        async with self._client.pipeline(transaction=False) as pipe:
            for call in calls:
                pipe.execute_command(command, script, *call)
            began = clock.elapsed_seconds()
            answers = cast("list[list[list[Any]]]", await cast("Awaitable[Any]", pipe.execute()))
        self._answered(clock.elapsed_seconds() - began)
        return answers


def _number(held: bytes | None) -> int | None:
    try:
        return None if held is None else int(held)
    except ValueError:
        return None


def _calls(writes: Iterable[HomeWrites]) -> Iterator[tuple[list[HomeWrites], list[bytes]]]:
    """The homes that go out together, each with its argument."""
    homes: list[HomeWrites] = []
    packed: list[bytes] = []
    size = 0
    for home in writes:
        argument = home.packed()
        if homes and (len(homes) == HOMES_AT_ONCE or size + len(argument) > BYTES_AT_ONCE):
            yield homes, packed
            homes, packed, size = [], [], 0
        homes.append(home)
        packed.append(argument)
        size += len(argument)
    if homes:
        yield homes, packed


def _arguments(homes: Sequence[HomeWrites], packed: Sequence[bytes], fence: Sequence[int]) -> list[Field | bytes]:
    """The arguments of EVALSHA, after the script: number of keys, keys, arguments."""
    keys = [key for home in homes for key in home.all_keys]
    return [len(keys), *keys, *fence, *packed]
