"""The whole thing on one machine, with nothing else needed: a deployment and a simulated sales floor."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from pipeline import clock
from pipeline.config.settings import PREFIX, Settings
from pipeline.embedded.deployment import STOP_SECONDS, Deployment, running_deployment
from pipeline.organisation.days import MINUTE_MS
from pipeline.scores.timeline import TIMELINE
from pipeline.sending.producer import EventProducer
from pipeline.simulator.floor_plan import DEMO_FLOOR
from pipeline.simulator.run import send_as_time_passes
from pipeline.simulator.sales_floor import sales_floor
from pipeline.topics.lag import Lag

PAST_MS = 8 * 3_600_000
"""The simulation begins so long ago, so that the day has figures from the start."""
SILENT_REP = "rep-15"
"""Somebody of the hotline who makes a break in the first minutes, so that an alert opens and is resolved."""
PAST_EVENTS_PER_SECOND = 0.2
FAMILIES = f"{Settings.model_fields['publish_reps_families'].default},{TIMELINE}"
"""Of reps the timelines too, unless somebody says otherwise: there are few of them."""
WAIT_SECONDS = 0.1


@contextmanager
def running_demo(environment: Mapping[str, str], rate: float, seed: int, log: Path | None) -> Iterator[Deployment]:
    """Start everything, and stop it again. `environment` is what the worker's process gets; its log goes to `log`.

    Raises:
        SetupError: where something it needs is missing.
    """
    environment = {f"{PREFIX}PUBLISH_REPS_FAMILIES": FAMILIES, **environment}
    with running_deployment(environment, log, NAMESPACE="demo") as running, _simulator(running.settings, rate, seed):
        yield running


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
