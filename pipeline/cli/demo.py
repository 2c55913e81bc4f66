"""`salespulse demo`: everything at once, on one machine, with nothing else installed."""

import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import NONE_FOUND, Duration, Json, Seed, end, live_figures, print_json, say
from pipeline.cli.watch import TICK_SECONDS, WindowKind, draw, print_lines

if TYPE_CHECKING:
    from pipeline.demo import Demo
    from pipeline.live import LiveFigures


def demo(
    duration: Duration = None,
    as_json: Json = False,
    rate: Annotated[float, typer.Option(min=0.1, max=200, help="Events per second, about.")] = 25.0,
    seed: Seed = 1,
    window: Annotated[WindowKind, typer.Option(help="The window to show.")] = WindowKind.DAY,
    host: Annotated[str, typer.Option(help="The address the page listens at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The page's port; another where it is taken.")] = 8080,
    log: Annotated[Path | None, typer.Option(help="Where the worker's log goes.")] = None,
) -> None:
    """Show it all: embedded broker and Redis, a worker, a simulated sales floor, live figures here and on a page.

    With --json and --for it prints all figures once, at the end, and nothing else on standard output.
    """
    if as_json and duration is None:
        raise typer.BadParameter("--json needs --for, such as --for 30s")
    from pipeline.demo import running_demo
    from pipeline.page.serve import bind, serving

    signal.signal(signal.SIGTERM, _interrupt)
    with ExitStack() as stack:
        running = stack.enter_context(running_demo(os.environ, rate, seed, log))
        live = stack.enter_context(live_figures(running.settings))
        page = stack.enter_context(live_figures(running.settings))
        listening = stack.enter_context(bind(host, port, or_another=True))
        address = stack.enter_context(serving(page, listening))
        say(f"the page is at {address}")
        try:
            _show(running, live, window, duration, as_json, address)
        except KeyboardInterrupt:
            return
        if not live.figures:
            end(NONE_FOUND)


def _show(
    running: "Demo", live: "LiveFigures", window: str, seconds: float | None, as_json: bool, address: str
) -> None:
    from pipeline.clock import elapsed_seconds
    from pipeline.overview import as_json as whole

    if not as_json:
        show = draw if sys.stdout.isatty() else print_lines
        show(live, window, seconds, note=f"the same on a page: {address}   Ctrl-C ends", check=running.check)
        return
    until = elapsed_seconds() + (seconds or 0)
    while elapsed_seconds() < until:
        running.check()
        live.wait(TICK_SECONDS)
    print_json(whole(live.figures.values(), live.as_of_ms))


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
