"""The whole thing on one machine, with nothing else needed: broker, Redis, a worker, a simulated sales floor."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from pipeline import clock
from pipeline.config.settings import PREFIX, Settings, SetupError, load_settings
from pipeline.embedded.broker import API_VERSION, embedded_broker
from pipeline.embedded.redis import embedded_redis
from pipeline.sending.producer import EventProducer
from pipeline.simulator.floor_plan import DEMO_FLOOR
from pipeline.simulator.run import send_as_time_passes
from pipeline.simulator.sales_floor import sales_floor
from pipeline.topics.lag import Lag

PAST_MS = 8 * 3_600_000
"""The simulation begins so long ago, so that the day has figures from the start."""
MINUTE_MS = 60_000
SILENT_REP = "rep-15"
"""Somebody of the hotline who makes a break in the first minutes, so that an alert opens and is resolved."""
PAST_EVENTS_PER_SECOND = 0.2
STOP_SECONDS = 15
WAIT_SECONDS = 0.1
LOG_LINES = 12


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo."""

    settings: Settings
    worker: "subprocess.Popen[bytes]"
    log: Path

    def check(self) -> None:
        """Called now and then; SetupError with the end of its log where the worker has ended."""
        if (code := self.worker.poll()) is not None:
            last = self.log.read_text(errors="replace").splitlines()[-LOG_LINES:]
            raise SetupError("\n".join([f"the worker exited with code {code}; last lines of its log:", *last]))


@contextmanager
def running_demo(environment: Mapping[str, str], rate: float, seed: int, log: Path | None) -> Iterator[Demo]:
    """Start everything, and stop it again. `environment` is what the worker's process gets; its log goes to `log`.

    Raises:
        SetupError: where something it needs is missing.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="salespulse-demo-")))
        variables = {
            "EMBEDDED": "true",
            "BROKERS": stack.enter_context(embedded_broker()),
            "REDIS_URL": stack.enter_context(embedded_redis()),
            "KAFKA_API_VERSION": API_VERSION,
            "HEALTH_PORT": "0",
            "NAMESPACE": "demo",
        }
        whole = {**environment, **{PREFIX + name: value for name, value in variables.items()}}
        settings = load_settings(whole)
        worker = stack.enter_context(_worker(whole, log or folder / "worker.log"))
        stack.enter_context(_simulator(settings, rate, seed))
        yield Demo(settings, worker, log or folder / "worker.log")


@contextmanager
def _worker(environment: Mapping[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("wb") as output:
        # A session of its own: Ctrl-C ends the demo, and the demo ends the worker while the broker still answers.
        worker = subprocess.Popen(
            [sys.executable, "-m", "pipeline.cli", "worker"],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield worker
        finally:
            worker.terminate()
            try:
                worker.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()


@contextmanager
def _simulator(settings: Settings, rate: float, seed: int) -> Iterator[None]:
    stop = Event()
    thread = Thread(target=_simulate, args=(settings, rate, seed, stop.is_set), name="simulator", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(STOP_SECONDS)


def _simulate(settings: Settings, rate: float, seed: int, stopped: Callable[[], bool]) -> None:
    live_ms = clock.now_ms()
    events = sales_floor(
        DEMO_FLOOR,
        seed,
        live_ms - PAST_MS,
        lambda at_ms: rate if at_ms >= live_ms else PAST_EVENTS_PER_SECOND,
        away=[(SILENT_REP, live_ms - MINUTE_MS, live_ms + 3 * MINUTE_MS)],
    )
    with EventProducer(settings) as producer, Lag(settings, ["org.changes"]) as lag:

        def introduced() -> None:
            """Give the worker time to know the organisation: what comes before has to be restated."""
            while lag.events() and not stopped():
                clock.pause(WAIT_SECONDS)

        send_as_time_passes(events, producer, clock.now_ms, clock.pause, stopped, introduced)
