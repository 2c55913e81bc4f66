"""What is wrong with Redis is told apart, by what a real server does."""

import socket
from collections.abc import Callable, Iterator

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from pipeline.sinks.redis_guard import Guard, HomeWrites, answering, connect
from pipeline.sinks.redis_trouble import BY_WORD, trouble
from pipeline.sinks.sink import Owner, SinkDown
from tests.servers.process import free_port
from tests.servers.redis import RedisServer

SILENT = "Redis does not respond"
OWNER = Owner("scoreboard", 0, 1, 1)


@pytest.fixture
def client(own_redis: RedisServer) -> Iterator[Redis]:
    """A client for breaking the server."""
    with Redis.from_url(own_redis.url, retry=Retry(NoBackoff(), 0), socket_timeout=5) as made:
        yield made


def out_of_memory(server: Redis) -> None:
    """It holds more than it may."""
    server.config_set("maxmemory", "1")


def read_only(server: Redis) -> None:
    """It follows a primary, which is nowhere."""
    server.replicaof("127.0.0.1", str(free_port()))


def too_few_replicas(server: Redis) -> None:
    """It must have a replica and has none."""
    server.config_set("min-replicas-to-write", "1")


async def _said(url: str) -> str:
    """What the sink says of a guarded write there."""
    client = connect(url)
    writes = HomeWrites("ns:{company}:owner", 60)
    writes.add("SET", "ns:{company}:x", "1")
    with pytest.raises(SinkDown) as caught:
        await Guard(client).write([writes], OWNER, 1)
    await client.aclose()
    return str(caught.value)


@pytest.mark.parametrize(
    ("spoil", "word"), [(out_of_memory, "OOM"), (read_only, "READONLY"), (too_few_replicas, "NOREPLICAS")]
)
async def test_a_server_that_refuses_writes_says_which_way(
    own_redis: RedisServer, client: Redis, spoil: Callable[[Redis], None], word: str
) -> None:
    """By a plain command and inside the script alike, where the word stands further back."""
    spoil(client)
    with pytest.raises(RedisError) as plain:
        client.set("x", "1")

    assert trouble(plain.value) == BY_WORD[word]
    assert await _said(own_redis.url) == BY_WORD[word]


async def test_silence_is_told_apart(own_redis: RedisServer) -> None:
    """Nobody there, no such name, a server that is frozen, and one that hangs up."""
    assert await _said(f"redis://127.0.0.1:{free_port()}/0") == "Redis does not respond: nothing listens at its address"
    nowhere = await _said("redis://nowhere.invalid:6379/0")
    assert nowhere == "Redis does not respond: its host name cannot be resolved (SALESPULSE_REDIS_URL)"
    own_redis.pause()
    assert await _said(own_redis.url) == "Redis does not respond: no answer in time"
    own_redis.resume()


async def test_a_refused_login_is_no_silence(own_redis: RedisServer, client: Redis) -> None:
    """A password that is wrong names the setting."""
    client.config_set("requirepass", "right")

    assert await _said(own_redis.url.replace("//", "//:wrong@")) == BY_WORD["NOAUTH"]


@pytest.mark.parametrize("word", sorted(BY_WORD))
def test_a_word_counts_wherever_it_stands(word: str) -> None:
    """At the beginning, and in a script's error; in a key that a pipeline quotes it says nothing."""
    for text in (f"{word} something", f"ERR Error running script (call to f_1): @user_script:5: -{word} something"):
        assert trouble(ResponseError(text)) == BY_WORD[word]
    quoted = ResponseError(f"Command # 1 (GET ns:{{team:{word} x}}:owner) of pipeline caused error: ERR syntax error")
    assert trouble(quoted) == "Redis refuses a command: ERR syntax error"


def test_the_causes_are_asked_too() -> None:
    """A sink wraps what a client wraps: the deepest that says something decides."""
    wrapped = ConnectionError("connecting failed")
    wrapped.__cause__ = socket.gaierror(-2, "Name or service not known")
    with pytest.raises(SinkDown, match="its host name cannot be resolved"), answering():
        raise wrapped
