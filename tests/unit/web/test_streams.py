"""A change is rendered once, however many browsers hear of it, and none of them misses any."""

import asyncio
import json
from collections import defaultdict
from contextlib import aclosing

from hypothesis import given
from hypothesis import strategies as st

from pipeline.web.hub import Listener
from pipeline.web.renderings import Renderings
from pipeline.web.stream import stream
from tests.unit.web.floor import Floor

SCOPES = st.sets(st.sampled_from("abcdef"), max_size=3)
PACES = st.lists(st.tuples(SCOPES, st.sets(st.integers(0, 3))), max_size=30)


@given(PACES)
def test_whoever_listens_at_any_pace_hears_every_change(told: list[tuple[set[str], set[int]]]) -> None:
    """And what was heard between the same two tellings is the same for all."""

    async def listen() -> None:
        listeners = [Listener(0) for _ in range(4)]
        between: dict[tuple[int, int], set[frozenset[str]]] = defaultdict(set)
        owed: dict[int, set[str]] = defaultdict(set)
        for telling, (scopes, readers) in enumerate(told, 1):
            for number, listener in enumerate(listeners):
                listener.tell(scopes, telling)
                owed[number] |= scopes
                if number in readers:
                    changes = await anext(listener.changes())
                    assert changes.scopes == owed.pop(number)
                    between[changes.since, changes.up_to].add(changes.scopes)
        assert all(len(scopes) == 1 for scopes in between.values())

    asyncio.run(listen())


async def test_many_streams_get_the_same_bytes() -> None:
    """Of each change there is one rendering, which all streams of a window send."""
    floor = Floor(20)
    hub = floor.hub()
    renderings = Renderings(hub)
    streams = [stream(hub, renderings, window) for window in ("day", "1h") for _ in range(50)]
    async with hub.running():
        begun = [[await anext(each) for _ in range(5)] for each in streams]
        floor.change("team:3")
        changed = await asyncio.gather(*map(anext, streams))
        for each in streams:
            await each.aclose()

    for number in range(5):
        assert len({id(messages[number]) for messages in begun}) <= 2
    assert len({id(each) for each in changed}) == 2
    assert _scopes(changed[0]) == {"team:3": floor.version}


async def test_a_slow_browser_is_told_at_last() -> None:
    """What it missed is in one message, in its newest state."""
    floor = Floor(5)
    hub = floor.hub()
    async with hub.running(), aclosing(stream(hub, Renderings(hub), "day")) as slow:
        for _ in range(5):
            await anext(slow)
        with hub.listening() as listener:
            for number in range(4):
                floor.change(f"team:{number}")
                async for changes in listener.changes():
                    if f"team:{number}" in changes.scopes:
                        break
        message = await anext(slow)

    assert _scopes(message).keys() == {"team:0", "team:1", "team:2", "team:3"}


async def test_an_answer_is_rendered_once_until_figures_are_read_anew() -> None:
    """For all who ask, and its tag changes with its bytes only."""
    floor = Floor(3)
    hub = floor.hub()
    renderings = Renderings(hub)
    first = renderings.figures("day")
    assert renderings.figures("day") is first
    assert renderings.scope("team:1") is renderings.scope("team:1")
    assert renderings.scope("team:nowhere") is None

    async with hub.running():
        with hub.listening() as listener:
            floor.change("team:1")
            async for changes in listener.changes():
                if changes.scopes:
                    break
        assert renderings.figures("day").etag != first.etag


def _scopes(message: bytes) -> dict[str, int]:
    """The calls of the scopes in a message of figures."""
    name, data = message.decode().strip().split("\r\n")
    assert name == "event: figures"
    told = json.loads(data.removeprefix("data: "))["scopes"]
    return {scope: known["kpis"]["calls"]["value"] for scope, known in told.items()}
