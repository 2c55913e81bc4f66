"""The health server: what is missing, in words, and metrics rendered off the loop."""

import asyncio
import gzip
import logging
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry, Counter

from pipeline.config.allowed_hosts import AllowedHosts
from pipeline.config.settings import SetupError
from pipeline.monitoring.exposition import Gauges, gauges
from pipeline.monitoring.health import Health

MANY = 50_000


class OnePage:
    """A page with a counter of the client library, and as many gauges as it is told."""

    def __init__(self, series: int) -> None:
        self.own = CollectorRegistry()
        Counter("salespulse_events", "Events.", registry=self.own).inc(3)
        self._series = series

    def families(self) -> Iterator[Gauges]:
        """The gauges."""
        yield gauges("salespulse_calls", "Calls.", (({"rep": str(rep)}, 12) for rep in range(self._series)))


ONE, LARGE = OnePage(1), OnePage(MANY)


async def one_gauge() -> OnePage:
    """The page of a scrape."""
    return ONE


async def many_gauges() -> OnePage:
    """The page of a large scrape."""
    return LARGE


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
    scrapes = {"/metrics": one_gauge, "/metrics/many": many_gauges}
    health = Health(
        "127.0.0.1", 0, alive=lambda: worker.dead, ready=lambda: worker.missing, scrapes=scrapes,
        hosts=AllowedHosts(["worker-1"]),
    )  # fmt: skip
    health.bind()
    await health.start()
    yield f"http://127.0.0.1:{health.port}"
    await health.stop()


async def _get(url: str, accept: str = "") -> tuple[int, str, str]:
    headers = {"Accept": accept, "Accept-Encoding": "identity"}
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
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
    assert 'salespulse_calls{rep="0"} 12' in body
    assert "salespulse_events_total 3.0" in body
    assert body.endswith("# EOF\n") == (expected == "application/openmetrics-text")


@pytest.mark.parametrize("path", ["/metrics", "/metrics/many"])
async def test_metrics_are_compressed_for_whoever_takes_it(address: str, path: str) -> None:
    """The same text, as gzip where the scraper takes it and as it is where not."""
    _, _, plain = await _get(f"{address}{path}")
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.get(f"{address}{path}", headers={"Accept-Encoding": "deflate, gzip;q=0.5"}) as answer,
    ):
        packed, encoding = await answer.read(), answer.headers["Content-Encoding"]

    assert encoding == "gzip"
    assert gzip.decompress(packed).decode() == plain


async def test_a_large_page_arrives_whole(address: str) -> None:
    """Every line of it, in one answer."""
    _, _, body = await _get(f"{address}/metrics/many")

    assert body.count("salespulse_calls{") == MANY


async def test_nothing_else_is_served(address: str) -> None:
    """Only the documented paths exist."""
    assert (await _get(f"{address}/table/state"))[0] == 404


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/nowhere"])
async def test_names_that_were_not_told_are_answered_nothing(address: str, path: str) -> None:
    """A page of somebody else, whose name resolves to this machine, reads nothing; the name is not repeated."""
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{address}{path}", headers={"Host": "evil.example:9100"}) as answer:
            assert answer.status == 421
            assert "evil" not in await answer.text()
        async with session.get(f"{address}{path}", headers={"Host": "worker-1:9100"}) as answer:
            assert answer.status == (404 if path == "/nowhere" else 200)


@pytest.mark.parametrize(
    "sent", [b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01 no HTTP\r\n\r\n"]
)
async def test_what_is_no_request_writes_no_traceback(
    address: str, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """It is answered with 400, and anybody could fill the log with it."""
    host, _, port = address.removeprefix("http://").partition(":")
    with caplog.at_level(logging.INFO):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(sent)
        answer = await reader.read()
        writer.close()

    assert answer.startswith((b"HTTP/1.0 400", b"HTTP/1.1 400"))
    assert not [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR]


async def test_a_scraper_that_takes_nothing_does_not_keep_others(address: str) -> None:
    """Its answer waits for it; everybody else gets theirs."""
    host, _, port = address.removeprefix("http://").partition(":")
    _, writer = await asyncio.open_connection(host, int(port), limit=1)
    writer.write(b"GET /metrics/many HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: identity\r\n\r\n")

    assert (await _get(f"{address}/metrics/many"))[2].count("salespulse_calls{") == MANY
    writer.close()


async def test_a_taken_port_is_a_set_up_mistake(address: str) -> None:
    """A port in use is one line that names the setting."""
    port = int(address.rpartition(":")[2])
    second = Health("127.0.0.1", port, alive=list, ready=list, scrapes={})

    with pytest.raises(SetupError, match="HEALTH_PORT"):
        second.bind()
