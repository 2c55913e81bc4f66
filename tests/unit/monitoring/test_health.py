"""The health server: what is missing, in words, and metrics rendered off the loop."""

from collections.abc import AsyncIterator, Iterable

import aiohttp
import pytest
import pytest_asyncio
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from pipeline.config.settings import SetupError
from pipeline.monitoring.health import Health


class OneGauge(Collector):
    """A snapshot with one gauge."""

    def collect(self) -> Iterable[Metric]:
        """The gauge."""
        return [GaugeMetricFamily("salespulse_calls", "Calls.", value=12)]


async def one_gauge() -> Collector:
    """The snapshot of a scrape."""
    return OneGauge()


class Worker:
    """What the server asks: lists that a test fills."""

    def __init__(self) -> None:
        self.dead: list[str] = []
        self.missing: list[str] = []


@pytest.fixture
def worker() -> Worker:
    """A worker that is well."""
    return Worker()


@pytest_asyncio.fixture
async def address(worker: Worker) -> AsyncIterator[str]:
    """A running server's address."""
    health = Health("127.0.0.1", 0, alive=lambda: worker.dead, ready=lambda: worker.missing, scrape=one_gauge)
    health.bind()
    await health.start()
    yield f"http://127.0.0.1:{health.port}"
    await health.stop()


async def _get(url: str, accept: str = "") -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as session, session.get(url, headers={"Accept": accept}) as answer:
        return answer.status, answer.headers["Content-Type"], await answer.text()


async def test_alive_and_ready_are_200(address: str) -> None:
    """A worker that is well answers 200 to both probes."""
    assert (await _get(f"{address}/healthz"))[0] == 200
    assert (await _get(f"{address}/readyz"))[0] == 200


async def test_readiness_says_what_is_missing(address: str, worker: Worker) -> None:
    """A worker that is not ready answers 503 with the reasons, and is alive all the same."""
    worker.missing.append("redis does not answer")
    status, _, body = await _get(f"{address}/readyz")

    assert status == 503
    assert "redis does not answer" in body
    assert (await _get(f"{address}/healthz"))[0] == 200


async def test_liveness_fails_on_its_own(address: str, worker: Worker) -> None:
    """A worker whose engine has crashed is not alive."""
    worker.dead.append("engine crashed")

    assert (await _get(f"{address}/healthz"))[0] == 503


@pytest.mark.parametrize(
    ("accept", "expected"),
    [("", "text/plain"), ("application/openmetrics-text; version=1.0.0", "application/openmetrics-text")],
)
async def test_metrics_speak_both_formats(address: str, accept: str, expected: str) -> None:
    """The scrape is answered in the format that was asked for."""
    status, content_type, body = await _get(f"{address}/metrics", accept)

    assert status == 200
    assert content_type.startswith(expected)
    assert "salespulse_calls 12.0" in body


async def test_nothing_else_is_served(address: str) -> None:
    """Only the three documented paths exist."""
    assert (await _get(f"{address}/table/state"))[0] == 404


async def test_a_taken_port_is_a_set_up_mistake(address: str) -> None:
    """A port in use is one line that names the setting."""
    port = int(address.rpartition(":")[2])
    second = Health("127.0.0.1", port, alive=list, ready=list, scrape=one_gauge)

    with pytest.raises(SetupError, match="HEALTH_PORT"):
        second.bind()
