"""What the assembled worker does with its sinks, whichever they are: readiness asks them, and stopping closes them."""

import logging
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from pipeline.app import App, Surroundings
from pipeline.config.settings import load_settings
from tests.harness.sinks import ClosingSink

NOT_YET = "not in the consumer group yet, or recovering partitions"


@pytest.fixture
def sinks() -> list[ClosingSink]:
    """Three sinks, of which the first cannot be closed."""
    return [ClosingSink("first", OSError("broken pipe")), ClosingSink("second"), ClosingSink("third")]


@pytest_asyncio.fixture
async def surroundings(sinks: list[ClosingSink]) -> AsyncIterator[tuple[App, Surroundings]]:
    """What is there before the engine starts, begun; it is stopped at the end, where the test has not done so."""
    app = App(load_settings({"SALESPULSE_HEALTH_PORT": "0"}, embedded=True), lambda _settings, _engine, _metrics: sinks)
    app.health.bind()
    found = Surroundings(app)
    await found.start()
    yield app, found
    await found.stop()


async def missing(app: App) -> list[str]:
    """What `/readyz` says."""
    address = f"http://127.0.0.1:{app.health.port}/readyz"
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        assert answer.status == 503
        return list((await answer.json())["missing"])


async def test_readiness_asks_every_sink(surroundings: tuple[App, Surroundings], sinks: list[ClosingSink]) -> None:
    """The engine first, then each sink that is down, as it is at that moment."""
    app, _ = surroundings
    assert await missing(app) == [NOT_YET]

    sinks[1].down = sinks[2].down = True
    assert await missing(app) == [NOT_YET, "second is down", "third is down"]

    sinks[1].down = False
    assert await missing(app) == [NOT_YET, "third is down"]


async def test_every_sink_is_closed_once(
    surroundings: tuple[App, Surroundings], sinks: list[ClosingSink], caplog: pytest.LogCaptureFixture
) -> None:
    """Also where one of them fails; that is said."""
    _, service = surroundings
    assert [sink.closed for sink in sinks] == [0, 0, 0]

    with caplog.at_level(logging.WARNING, "pipeline.app"):
        await service.stop()
        await service.stop()

    assert [sink.closed for sink in sinks] == [1, 1, 1]
    assert caplog.messages == ["first could not be closed: OSError: broken pipe"]
