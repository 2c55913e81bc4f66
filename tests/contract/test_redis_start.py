"""Redis as a worker finds it: clusters, Sentinels, other policies, little memory; real servers."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.exceptions import RedisError

from pipeline.config.redis_clients import blocking_client
from pipeline.config.redis_options import check_redis
from pipeline.config.redis_standing import standing_of
from pipeline.config.settings import SetupError, load_settings
from pipeline.sinks.redis_guard import connect
from pipeline.sinks.redis_trouble import trouble
from pipeline.sinks.redis_watch import RedisWatch
from tests.servers.process import free_port, wait_until
from tests.servers.redis import RedisServer, SentinelServer

Start = Callable[..., RedisServer]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts servers with options of their own."""
    started: list[RedisServer] = []

    def begin(*options: str) -> RedisServer:
        folder = tmp_path / f"redis{len(started)}"
        folder.mkdir()
        server = RedisServer(folder, *options)
        server.start()
        started.append(server)
        return server

    yield begin
    for server in started:
        server.stop()


def check(url: str) -> None:
    """What a worker does before it starts."""
    check_redis(load_settings({"SALESPULSE_REDIS_URL": url}))


def test_a_sound_redis_is_taken(start: Start) -> None:
    """With nothing said."""
    check(start().url)


def test_a_cluster_is_refused(start: Start) -> None:
    """Also one whose node would take all keys: the next one will not."""
    with pytest.raises(SetupError, match=r"runs in cluster mode.*allowed: one primary"):
        check(start("--cluster-enabled", "yes").url)


def test_a_user_who_may_not_ask_is_no_obstacle(start: Start) -> None:
    """A worker whose user lacks +info starts, and says so later."""
    server = start()
    with Redis.from_url(server.url) as admin:
        admin.execute_command("ACL", "SETUSER", "modest", "on", ">secret", "~*", "+@all", "-info")
    check(server.url.replace("redis://", "redis://modest:secret@"))


async def test_the_primary_behind_sentinels_is_found_again(start: Start, tmp_path: Path) -> None:
    """A worker's client and a command's write to whom the Sentinel names, before and after a failover."""
    primary = start("--repl-diskless-sync-delay", "0")
    replica = start("--replicaof", "127.0.0.1", str(primary.port))
    with Redis.from_url(replica.url) as copy:
        wait_until(lambda: copy.info()["master_link_status"] == "up", "the replica to have everything")
    sentinel = SentinelServer(tmp_path, primary)
    sentinel.start()
    url = f"redis+sentinel://127.0.0.1:{sentinel.port}/main/0"
    client = connect(url)
    try:
        check(url)
        await client.set("who", "first")
        primary.kill()
        said: set[str] = set()
        async with asyncio.timeout(60):
            while not await written(client, said):
                await asyncio.sleep(0.2)
        assert all(line.startswith("Redis ") for line in said)
        with blocking_client(url, decode_responses=True) as reader:
            assert reader.get("who") == "second"
        with Redis.from_url(replica.url, decode_responses=True) as promoted:
            assert (promoted.get("who"), promoted.info()["role"]) == ("second", "master")
    finally:
        await client.aclose()
        sentinel.stop()


async def written(client: AsyncRedis, said: set[str]) -> bool:
    """Whether it takes a write; what is told where it does not is added to `said`."""
    try:
        return bool(await client.set("who", "second"))
    except RedisError as error:
        said.add(trouble(error))
        return False


def test_sentinels_that_do_not_answer_are_told() -> None:
    """In one line, which names the setting."""
    url = f"redis+sentinel://127.0.0.1:{free_port()}/main/0"
    check(url)  # as one that is down: the worker starts
    with pytest.raises(RedisError) as raised, blocking_client(url) as client:
        client.ping()
    assert trouble(raised.value) == "Redis does not respond: no Sentinel names a primary (SALESPULSE_REDIS_URL)"


def watched(url: str) -> tuple[list[str], list[float]]:
    """What a running worker says of it, and how much memory is taken."""
    used: list[float] = []

    async def look() -> list[str]:
        watch = RedisWatch(connect(url), used.append)
        running = asyncio.create_task(watch.run())
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                while not watch.doubts() and not used and not running.done():
                    await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.wait([running])
        await watch.close()
        return list(watch.doubts())

    return asyncio.run(look()), used


def test_what_will_lose_figures_is_told(start: Start) -> None:
    """A policy that evicts; and memory that comes to an end, as a share as well."""
    evicting, used = watched(start("--maxmemory-policy", "allkeys-lru", "--maxmemory", "100mb").url)
    assert [line.partition(":")[0] for line in evicting] == [
        "Redis drops figures when its memory is full (maxmemory-policy is allkeys-lru)"
    ]
    assert 0 < used[0] < 0.5

    server = start("--maxmemory", "60mb")
    with Redis.from_url(server.url) as client:
        left = 57 - (int(client.info()["used_memory"]) >> 20)
        for number in range(left):
            client.set(f"much-{number}", b"x" * (1 << 20) if number < left - 6 else b"x" * (1 << 19))
    full, used = watched(server.url)
    assert full[0].startswith("Redis has used ")
    assert 0.85 < used[0] <= 1


def test_a_doubt_is_logged_once_while_it_lasts(caplog: pytest.LogCaptureFixture) -> None:
    """However much memory is used meanwhile; and again where it had gone."""
    watch = RedisWatch(connect("redis://127.0.0.1:1/0"), lambda _: None)
    for used in (90, 91, 50, 92):
        watch.note(standing_of({"maxmemory": 100 << 20, "used_memory": used << 20, "redis_version": "7.0.0"}))

    assert [record.message.partition(":")[0] for record in caplog.records] == [
        "Redis has used 90 of 100 MiB (90%)",
        "Redis has used 92 of 100 MiB (92%)",
    ]
