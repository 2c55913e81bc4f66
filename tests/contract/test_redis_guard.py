"""The guard script against a real Redis: who may write a home's keys, and in which order."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from pipeline.sinks.redis_guard import BYTES_AT_ONCE, FILLING, HOMES_AT_ONCE, LOST, Guard, HomeWrites, Refused, connect
from pipeline.sinks.sink import Deposed, Owner, SinkDown
from tests.servers.redis import RedisServer

OLD = Owner("scoreboard", 0, 1000, 5)
NEW = Owner("scoreboard", 0, 1000, 9)


@pytest_asyncio.fixture
async def client(redis_server: RedisServer) -> AsyncIterator[Redis]:
    """A client as the worker has one."""
    client = connect(redis_server.url)
    yield client
    await client.aclose()


def _writes(namespace: str, value: str, published: int | None = None) -> list[HomeWrites]:
    writes = HomeWrites(f"{namespace}:{{team:north}}:owner", 60, published)
    writes.add("SET", f"{namespace}:{{team:north}}:value", value)
    writes.live()
    return [writes]


async def _filled(guard: Guard, namespace: str, position: int, owner: Owner = OLD) -> None:
    """Let `owner` fill the home, up to a position; takes its turns 1 and 2."""
    await guard.write(_writes(namespace, "fill", FILLING), owner, 1)
    await guard.write(_writes(namespace, "full", position), owner, 2)


async def _value(client: Redis, namespace: str) -> bytes | None:
    value = await client.get(f"{namespace}:{{team:north}}:value")
    assert not isinstance(value, str)
    return value


async def _sentinel(client: Redis, namespace: str, home: str = "team:north") -> tuple[int, ...]:
    """Generation, epoch and turn of who wrote a home last, and up to where it is complete."""
    held = await client.hmget(f"{namespace}:{{{home}}}:owner", ["generation", "epoch", "turn", "published"])
    return tuple(int(each) for each in held if each is not None)


async def test_the_sentinel_tells_who_wrote_and_how_far(client: Redis, namespace: str) -> None:
    """A home that nobody has written has none, and is not complete by its first changes."""
    guard = Guard(client)
    assert await _sentinel(client, namespace) == ()
    await guard.write(_writes(namespace, "a", 40), OLD, 1)
    assert await _sentinel(client, namespace) == (1000, 5, 1, -1)
    await _filled(guard, namespace, 40)
    assert await _sentinel(client, namespace) == (1000, 5, 2, 40)
    await guard.write(_writes(namespace, "b", 50), NEW, 1)
    assert await _sentinel(client, namespace) == (1000, 9, 1, 50)


async def test_one_deposed_home_does_not_void_the_others(client: Redis, namespace: str) -> None:
    """Many homes go out in few calls; each has its own verdict, wherever it stands among them."""
    guard = Guard(client)
    names = [f"team:{number}" for number in range(2 * HOMES_AT_ONCE + 5)]
    held = names[:: HOMES_AT_ONCE // 2]

    def writes(home: str, value: str) -> HomeWrites:
        made = HomeWrites(f"{namespace}:{{{home}}}:owner", 60, FILLING)
        made.add("SET", f"{namespace}:{{{home}}}:value", value)
        made.add("HSET", f"{namespace}:{{{home}}}:more", "field", value)
        return made

    await guard.write([writes(home, "new") for home in held], NEW, 1)
    with pytest.raises(Refused, match=r"held by .*team:0\}:owner: generation 1000, epoch 9, turn 1") as refused:
        await guard.write([writes(home, "old") for home in names], OLD, 7)

    for home in names:
        value, more = b"new" if home in held else b"old", await client.hget(f"{namespace}:{{{home}}}:more", "field")
        assert await client.get(f"{namespace}:{{{home}}}:value") == more == value
        assert (await _sentinel(client, namespace, home))[1] == (9 if home in held else 5)
    assert [each.sentinel for each in refused.value.named] == [f"{namespace}:{{{home}}}:owner" for home in held]


async def test_a_large_home_goes_out_by_itself(client: Redis, namespace: str) -> None:
    """No call keeps Redis from everybody else for long: bytes are bounded as homes are."""
    guard, text = Guard(client), "x" * (BYTES_AT_ONCE // 3)
    homes = []
    for number in range(9):
        homes.append(HomeWrites(f"{namespace}:{{team:{number}}}:owner", 60))
        homes[-1].add("SET", f"{namespace}:{{team:{number}}}:value", text)
    before = (await client.info("commandstats"))["cmdstat_evalsha"]["calls"]
    await guard.write(homes, OLD, 1)

    assert (await client.info("commandstats"))["cmdstat_evalsha"]["calls"] == before + 5
    assert await client.strlen(f"{namespace}:{{team:8}}:value") == len(text)


async def test_a_former_owner_is_refused(client: Redis, namespace: str) -> None:
    """Once a later owner has written, the former one can change nothing."""
    guard = Guard(client)
    await guard.write(_writes(namespace, "new", 50), NEW, 1)

    with pytest.raises(Deposed):
        await guard.write(_writes(namespace, "old", 60), OLD, 2)
    assert await _value(client, namespace) == b"new"


@pytest.mark.parametrize("forged", [{"generation": "x"}, {"epoch": ""}, {"generation": "9007199254740992000"}])
async def test_what_refused_can_be_written_over_while_it_is_the_same(
    client: Redis, namespace: str, forged: dict[str, str]
) -> None:
    """By its mark; whoever wrote meanwhile, or was named anew, is not."""
    guard, sentinel = Guard(client), f"{namespace}:{{team:north}}:owner"
    await _filled(guard, namespace, 40)
    for name, value in forged.items():
        await client.hset(sentinel, name, value)
    with pytest.raises(Refused) as refused:
        await guard.write(_writes(namespace, "refused"), OLD, 3)
    seen = refused.value.named[0].mark
    await client.hset(sentinel, "turn", 17)
    over = HomeWrites(sentinel, 60, LOST, seen)
    with pytest.raises(Refused):
        await guard.write([over], OLD, 4)

    await client.hset(sentinel, "turn", 2)
    await guard.write([over], OLD, 5)
    assert await _sentinel(client, namespace) == (1000, 5, 5, LOST)
    assert await _value(client, namespace) == b"full"


async def test_a_delayed_batch_is_refused(client: Redis, namespace: str) -> None:
    """A batch that reaches the server after its successor changes nothing."""
    guard = Guard(client)
    await guard.write(_writes(namespace, "second", 50), NEW, 2)

    with pytest.raises(Deposed):
        await guard.write(_writes(namespace, "first", 40), NEW, 1)
    assert await _value(client, namespace) == b"second"


async def test_a_write_that_completes_nothing_leaves_the_position(client: Redis, namespace: str) -> None:
    """Without a position of its own a write keeps the one that is there."""
    guard = Guard(client)
    await _filled(guard, namespace, 40)
    await guard.write(_writes(namespace, "c"), OLD, 3)

    assert await _sentinel(client, namespace) == (1000, 5, 3, 40)


async def test_changes_do_not_make_a_lost_home_whole(client: Redis, namespace: str) -> None:
    """After a flush, what happens to change is written, but only filling the home says that it is complete again."""
    guard = Guard(client)
    await _filled(guard, namespace, 40)
    await client.delete(f"{namespace}:{{team:north}}:owner", f"{namespace}:{{team:north}}:value")
    await guard.write(_writes(namespace, "a", 50), OLD, 3)
    await guard.write(_writes(namespace, "b", 60), OLD, 4)

    assert await _sentinel(client, namespace) == (1000, 5, 4, -1)
    await guard.write(_writes(namespace, "c", FILLING), OLD, 5)
    assert await _sentinel(client, namespace) == (1000, 5, 5, FILLING)
    await guard.write(_writes(namespace, "d", 70), OLD, 6)
    assert await _sentinel(client, namespace) == (1000, 5, 6, 70)


async def test_the_same_batch_may_be_written_again(client: Redis, namespace: str) -> None:
    """A batch that is repeated because its answer was lost is taken."""
    guard = Guard(client)
    await _filled(guard, namespace, 50, NEW)

    await guard.write(_writes(namespace, "full", 50), NEW, 2)
    assert await _sentinel(client, namespace) == (1000, 9, 2, 50)


async def test_a_new_generation_outranks_any_epoch(client: Redis, namespace: str) -> None:
    """A deployment begun anew writes, though its claims start at low offsets again."""
    guard = Guard(client)
    await guard.write(_writes(namespace, "before", 50), Owner("scoreboard", 0, 1000, 900), 70)
    await guard.write(_writes(namespace, "after", 3), Owner("scoreboard", 0, 2000, 0), 1)

    assert await _value(client, namespace) == b"after"


async def test_every_key_expires(client: Redis, namespace: str) -> None:
    """No key outlives a deployment that is gone."""
    await Guard(client).write(_writes(namespace, "a", 40), OLD, 1)

    lives = [await client.ttl(f"{namespace}:{{team:north}}:{name}") for name in ("owner", "value")]

    assert all(0 < seconds <= 60 for seconds in lives)


async def test_a_script_that_the_server_forgot_is_loaded_again(client: Redis, namespace: str) -> None:
    """A server that was restarted, or failed over, gets the script again."""
    guard = Guard(client)
    await _filled(guard, namespace, 40)
    await client.script_flush()

    await guard.write(_writes(namespace, "b", 41), OLD, 3)
    assert await _sentinel(client, namespace) == (1000, 5, 3, 41)


async def test_many_fields_go_in_one_call(client: Redis, namespace: str) -> None:
    """More pairs and items than Lua can unpack at once are written and removed all the same."""
    key = f"{namespace}:{{team:north}}:many"
    writes = HomeWrites(f"{namespace}:{{team:north}}:owner", 60)
    writes.add_each("HSET", key, [item for number in range(9000) for item in (f"f{number}", number)])
    writes.add_each("HDEL", key, [f"f{number}" for number in range(8999)])

    await Guard(client).write([writes], OLD, 1)

    assert await client.hlen(key) == 1


async def test_a_server_that_does_not_answer_is_down(own_redis: RedisServer, namespace: str) -> None:
    """A frozen or stopped server raises SinkDown instead of keeping its caller."""
    client = connect(own_redis.url)
    guard = Guard(client)
    await guard.write(_writes(namespace, "a", 40), OLD, 1)
    own_redis.pause()
    with pytest.raises(SinkDown):
        await guard.write(_writes(namespace, "b", 41), OLD, 2)
    own_redis.resume()

    await guard.write(_writes(namespace, "c", 42), OLD, 3)
    own_redis.kill()
    with pytest.raises(SinkDown):
        await guard.write(_writes(namespace, "d", 43), OLD, 4)
    await client.aclose()
