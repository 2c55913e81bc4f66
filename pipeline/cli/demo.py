"""`salespulse demo`: everything at once, on one machine, with nothing else installed."""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import (
    NONE_FOUND,
    Duration,
    Json,
    PageHost,
    PagePort,
    Seed,
    WorkerLog,
    end,
    live_figures,
    print_json,
    say,
)
from pipeline.cli.watch import TICK_SECONDS, TODAY, WindowOption, draw, print_lines
from pipeline.config.extras import require_extra
from pipeline.measures import COMPANY

if TYPE_CHECKING:
    from pipeline.views.live import LiveFigures

START_LIMIT_SECONDS = 60.0
"""How long the first calls may take to appear, on a machine that is busy."""


def demo(
    duration: Duration = None,
    as_json: Json = False,
    rate: Annotated[float, typer.Option(min=0.1, max=200, help="Approximate events per second.")] = 25.0,
    seed: Seed = 1,
    window: WindowOption = TODAY,
    host: PageHost = "127.0.0.1",
    port: PagePort = 8080,
    log: WorkerLog = None,
) -> None:
    """Run a complete local demo: embedded broker and Redis, a worker, a simulated sales floor, live figures.

    Figures are shown here and on a web page. With --json and --for, prints all figures once at the end, and
    nothing else on standard output. The time starts when the first calls appear in the figures.
    """
    if as_json and duration is None:
        raise typer.BadParameter("--json needs --for, such as --for 30s")
    require_extra("demo", "demo", "confluent_kafka", "confluent-kafka")
    from pipeline.embedded.demo import running_demo
    from pipeline.web.serve import bind, serving

    stop = Stop()
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    with ExitStack() as stack:
        running = stack.enter_context(running_demo(os.environ, rate, seed, log))
        live = stack.enter_context(live_figures(running.settings))
        page = stack.enter_context(live_figures(running.settings))
        listening = stack.enter_context(bind(host, port, or_another=True))
        address = stack.enter_context(serving(page, listening))
        say(f"page: {address}")

        def check() -> None:
            """Called between two pictures: end in good order, or because the worker did."""
            stop.check()
            running.check()

        if as_json:
            _print_at_the_end(live, duration or 0, check)
        else:
            show = draw if sys.stdout.isatty() else print_lines
            show(live, window, duration, note=f"page: {address}   Ctrl-C to stop", check=check)
        if not live.figures and not stop.asked:
            end(NONE_FOUND)


def _print_at_the_end(live: "LiveFigures", seconds: float, check: Callable[[], None]) -> None:
    from pipeline.clock import elapsed_seconds
    from pipeline.views.overview import as_json

    def figures() -> dict[str, Any]:
        return as_json(live.figures.values(), live.as_of_ms)

    def watch(limit_seconds: float, enough: Callable[[], bool]) -> None:
        until = elapsed_seconds() + limit_seconds
        while elapsed_seconds() < until and not enough():
            check()
            live.wait(TICK_SECONDS)

    try:
        watch(START_LIMIT_SECONDS, lambda: _has_calls(figures()))
        watch(seconds, lambda: False)
    except KeyboardInterrupt:
        return
    print_json(figures())


def _has_calls(figures: dict[str, Any]) -> bool:
    """Whether the simulated day has reached the figures of the company."""
    return bool(figures["kpis"].get(COMPANY, {}).get("24h", {}).get("calls", {}).get("value"))


class Stop:
    """Notes the first Ctrl-C (or SIGTERM) for `check`, so that nothing is interrupted halfway; a second interrupts."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        """The signal handler."""
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True

    def check(self) -> None:
        """Interrupt here, if somebody asked for it."""
        if self.asked:
            raise KeyboardInterrupt
