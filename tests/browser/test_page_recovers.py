"""What the page says, and how it comes back, when what it depends on goes away: in a real browser, over real parts."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Thread

import pytest
from msgspec.structs import replace
from redis import Redis
from selenium.webdriver import Chrome
from selenium.webdriver.support.ui import WebDriverWait

from pipeline.config.settings import Settings
from pipeline.scores.figures import Figure
from pipeline.views.live import LiveFigures
from pipeline.web.serve import bind, serving
from tests.browser.chromium import chromium
from tests.harness.published import NOON_MS, publish, sales_floor
from tests.harness.vouching import vouching
from tests.harness.worker import WorkerProcess
from tests.servers.process import free_port
from tests.servers.redis import RedisServer

pytestmark = pytest.mark.browser

STALE_SECONDS = 15
"""The promise: within so long the page no longer looks live over figures that stand still."""
BACK_SECONDS = 10
"""And within so long after all is well again it is live."""


PREFIX = b"/teams/salespulse/"


class StubProxy:
    """What stands between browser and board: it passes bytes on, or answers 502, or holds its tongue.

    The board is below a path of its own there, as behind a gateway of many services: what asks for any other finds
    nothing.
    """

    def __init__(self, host: str, port: int) -> None:
        self._board = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}{PREFIX.decode()}"
        self.bad_gateway = self.mute = False
        self._open: list[socket.socket] = []
        Thread(target=self._accept, daemon=True).start()

    def hang_up(self) -> None:
        """End every connection there is."""
        for each in self._open:
            with closing(each), suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def close(self) -> None:
        """Serve no more."""
        self._listening.close()
        self.hang_up()

    def _accept(self) -> None:
        while True:
            try:
                browser, _ = self._listening.accept()
            except OSError:
                return
            self._open.append(browser)
            Thread(target=self._serve, args=(browser,), daemon=True).start()

    def _serve(self, browser: socket.socket) -> None:
        if self.bad_gateway:
            with closing(browser):
                browser.recv(65_536)
                browser.sendall(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            return
        board = socket.create_connection(self._board)
        self._open.append(board)
        Thread(target=self._pass_on, args=(browser, board, _without_prefix), daemon=True).start()
        self._pass_on(board, browser, bytes)

    def _pass_on(self, source: socket.socket, sink: socket.socket, change: Callable[[bytes], bytes]) -> None:
        try:
            while data := source.recv(65_536):
                if not self.mute:
                    sink.sendall(change(data))
        except OSError:
            source.close()
        if not self.mute:
            with suppress(OSError):
                sink.shutdown(socket.SHUT_RDWR)


def _without_prefix(request: bytes) -> bytes:
    method, _, rest = request.partition(b" ")
    return method + b" /" + (rest.removeprefix(PREFIX) if rest.startswith(PREFIX) else b"nothing-here HTTP/1.1\r\n\r\n")


def state(browser: Chrome) -> tuple[str, str]:
    """The colour of the light, and the banner."""
    script = "return [document.getElementById('light').dataset.state, document.getElementById('banner').textContent]"
    light, banner = browser.execute_script(script)
    return str(light), str(banner)


def until(browser: Chrome, light: str, banner: str, seconds: float) -> None:
    """Wait until the light has a state and the banner holds some words."""

    def there(_: Chrome) -> bool:
        shown, told = state(browser)
        return shown == light and banner in told

    def said() -> str:
        return f"the light did not become {light} with {banner!r}: {state(browser)}"

    WebDriverWait(browser, seconds).until(there, said())


def alerts(browser: Chrome) -> str:
    """What stands where alerts are listed."""
    return str(browser.execute_script("return document.getElementById('alerts').textContent"))


def calls(browser: Chrome) -> str:
    """The company's calls."""
    shown = "document.querySelector('#tiles [data-kpi=calls] dd')?.textContent ?? ''"
    return str(browser.execute_script(f"return {shown}"))


@contextmanager
def open_page(redis_url: str, namespace: str, profile: Path) -> Iterator[tuple[Chrome, StubProxy]]:
    """The page behind a stub proxy."""
    with (
        Redis.from_url(redis_url, decode_responses=True, socket_timeout=2) as client,
        bind("127.0.0.1", 0) as listening,
        serving(LiveFigures(client, namespace), listening),
        closing(StubProxy("127.0.0.1", listening.getsockname()[1])) as proxy,
        chromium(profile) as browser,
    ):
        browser.get(proxy.address)
        yield browser, proxy


@pytest.fixture
def page(own_redis: RedisServer, namespace: str, tmp_path: Path) -> Iterator[tuple[Chrome, StubProxy]]:
    """The page over a sales floor that is vouched for all the while."""
    publish(own_redis.url, namespace, sales_floor(12, 1))
    with vouching(own_redis.url, namespace), open_page(own_redis.url, namespace, tmp_path) as opened:
        until(opened[0], "live", "", 20)
        yield opened


def test_a_killed_worker_is_no_live_one(embedded_settings: Settings, namespace: str, tmp_path: Path) -> None:
    """`kill -9` of the only worker: 15 s later nothing on the page is green, and it says since when and why."""
    env = {
        "EMBEDDED": "true",
        "NAMESPACE": embedded_settings.namespace,
        "BROKERS": embedded_settings.brokers,
        "KAFKA_API_VERSION": str(embedded_settings.kafka_api_version),
        "REDIS_URL": embedded_settings.redis_url.get_secret_value(),
    }
    url = embedded_settings.redis_url.get_secret_value()
    given = {f"SALESPULSE_{name}": value for name, value in env.items()}
    with WorkerProcess(given, tmp_path / "worker.log", free_port()) as worker:
        worker.until_ready()
        publish(url, embedded_settings.namespace, sales_floor(12, 1))
        with open_page(url, embedded_settings.namespace, tmp_path / "profile") as (browser, _):
            until(browser, "live", "", 30)
            worker.kill()
            until(browser, "down", "no worker reports", STALE_SECONDS)
            shown, banner = state(browser)
            said = alerts(browser)
            worker.start()
            worker.until_ready()
            until(browser, "live", "", BACK_SECONDS)

    assert (shown, said) == ("down", "Whether teams are active is not known.")
    assert banner.startswith("Figures stand still since ")


def test_a_proxy_that_answers_502_is_outlasted(page: tuple[Chrome, StubProxy]) -> None:
    """All connections end and 502 is the answer for 20 s: not green meanwhile, live again 10 s after."""
    browser, proxy = page
    proxy.bad_gateway = True
    proxy.hang_up()
    until(browser, "down", "board", STALE_SECONDS)
    time.sleep(20)
    assert state(browser)[0] == "down"
    proxy.bad_gateway = False

    until(browser, "live", "", BACK_SECONDS)


def test_a_half_open_connection_is_noticed(page: tuple[Chrome, StubProxy]) -> None:
    """The connection stays, and nothing comes any more: the page says so, and is live once it does."""
    browser, proxy = page
    proxy.mute = True
    until(browser, "down", "the board has gone silent", STALE_SECONDS)
    proxy.mute = False

    until(browser, "live", "", BACK_SECONDS + 10)  # Connections that are half open are tried before a new one is.


def test_a_flushed_redis_is_said_and_left_behind(
    page: tuple[Chrome, StubProxy], own_redis: RedisServer, namespace: str
) -> None:
    """Everything gone: the page is not live over dashes, and shows what is published next."""
    browser, _ = page
    with Redis.from_url(own_redis.url) as client:
        client.flushall()
    until(browser, "down", "Redis holds no figures", STALE_SECONDS)
    assert alerts(browser) == "Whether teams are active is not known."
    publish(own_redis.url, namespace, sales_floor(57, 2))

    until(browser, "live", "", BACK_SECONDS)
    assert calls(browser) == "57"


def test_a_dead_redis_is_said_and_left_behind(
    page: tuple[Chrome, StubProxy], own_redis: RedisServer, namespace: str
) -> None:
    """Redis killed and started again, empty."""
    browser, _ = page
    own_redis.kill()
    until(browser, "down", "Redis does not respond: nothing listens at its address", STALE_SECONDS)
    own_redis.start()
    publish(own_redis.url, namespace, sales_floor(58, 2))

    until(browser, "live", "", BACK_SECONDS)
    assert calls(browser) == "58"


def test_a_tab_that_slept_is_live_again(page: tuple[Chrome, StubProxy], own_redis: RedisServer, namespace: str) -> None:
    """Frozen for half a minute, in which the connection ended and figures changed: live and right once it wakes."""
    browser, proxy = page
    browser.execute_cdp_cmd("Page.setWebLifecycleState", {"state": "frozen"})
    proxy.hang_up()
    publish(own_redis.url, namespace, sales_floor(99, 2))
    time.sleep(30)
    browser.execute_cdp_cmd("Page.setWebLifecycleState", {"state": "active"})

    until(browser, "live", "", BACK_SECONDS)
    WebDriverWait(browser, BACK_SECONDS).until(lambda _: calls(browser) == "99", "figures were not read anew")


def in_zones(figures: list[Figure]) -> list[Figure]:
    """The same, where the company's day began at midnight in Berlin, and the team south has still the day before."""
    began_ms = NOON_MS - 13 * 3_600_000
    return [
        replace(figure, window="day:2026-11-22", start_ms=began_ms - 18 * 3_600_000)
        if figure.home == "team:south"
        else replace(figure, start_ms=began_ms)
        for figure in figures
        if figure.kind == "day"
    ]


def test_what_differs_from_the_company_says_its_day(own_redis: RedisServer, namespace: str, tmp_path: Path) -> None:
    """A row whose today is another day has it beside its name, and no other row; the tile says whose midnight it is."""
    publish(own_redis.url, namespace, in_zones(sales_floor(12, 1)))
    days = (
        "return [...document.querySelectorAll('#teams tbody tr')].map(row => row.querySelector('th small').textContent)"
    )
    with vouching(own_redis.url, namespace), open_page(own_redis.url, namespace, tmp_path) as (browser, _):
        WebDriverWait(browser, 20).until(lambda _: calls(browser) == "12")
        shown = browser.execute_script(days)
        since = browser.execute_script("return document.getElementById('since').textContent")

    assert shown == ["", "Sun, Nov 22"]
    assert since == "· Mon, Nov 23 · days begin at midnight UTC+1"


def test_where_nothing_is_open_there_is_no_bar(page: tuple[Chrome, StubProxy]) -> None:
    """Won and lost have no open deals: their line has neither an empty bar nor a zero."""
    browser, _ = page
    script = "return [...document.querySelectorAll('#funnel li')].map(e => [e.dataset.stage, e.children[1].hidden])"
    WebDriverWait(browser, 10).until(lambda _: calls(browser) == "12")

    assert browser.execute_script(script) == [
        ["default:discovery", False], ["default:proposal", False], ["default:won", True],
    ]  # fmt: skip
