"""`salespulse watch`: the live figures in the terminal."""

import sys
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import (
    NONE_FOUND,
    Duration,
    Json,
    Namespace,
    RedisUrl,
    SettingsFile,
    end,
    live_figures,
    print_json,
    settings_of,
    tell,
)
from schemas.windows import CURRENT

if TYPE_CHECKING:
    from pipeline.views.live import LiveFigures

TICK_SECONDS = 1.0
WindowKind = StrEnum("WindowKind", {window: window for window in CURRENT})  # type: ignore[misc]
"""The windows a picture can be of."""
WindowOption = Annotated[WindowKind, typer.Option(help="The window to show.")]
TODAY = WindowKind("day")


def watch(
    window: WindowOption = TODAY,
    as_json: Json = False,
    duration: Duration = None,
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Show live figures as they change; with --json, print them once. Exits with 1 if there are none."""
    from pipeline.views import freshness
    from pipeline.views.achievements import as_json as achievement_as_json
    from pipeline.views.contests import as_json as contest_as_json
    from pipeline.views.contests import in_order
    from pipeline.views.industry import beside, beside_as_json
    from pipeline.views.overview import as_json as whole

    settings = settings_of(settings_file, redis_url=redis_url, namespace=namespace)
    with live_figures(settings) as live:
        check_published(window, live)
        if as_json:
            said = {"freshness": freshness.as_json(live.verdict), "alerts": live.alerts}
            said["contests"] = [contest_as_json(each, live.currency) for each in in_order(live.contests)]
            said["achievements"] = [achievement_as_json(each, live.currency) for each in live.achieved]
            beside_others = beside(live.figures, live.industry_told, window)
            said["industry"] = [beside_as_json(each, live.currency) for each in beside_others]
            print_json({**whole(live.figures.values(), live.as_of_ms), **said})
        elif sys.stdout.isatty():
            draw(live, window, duration)
        else:
            print_lines(live, window, duration)
        if not live.figures:
            end(NONE_FOUND)


def check_published(window: str, live: "LiveFigures") -> None:
    """Called first: a window that is not published would stay empty for ever."""
    if window not in live.chosen.teams.current:
        shown = ", ".join(name for name in CURRENT if name in live.chosen.teams.current)
        raise typer.BadParameter(f"{window} is not published; published are {shown}", param_hint="'--window'")


def _fine() -> None:
    """Nothing can be wrong."""


def draw(
    live: "LiveFigures", window: str, seconds: float | None, note: str = "", check: Callable[[], None] = _fine
) -> None:
    """Keep a picture of the figures, and a note, on the terminal, for so long or until Ctrl-C.

    `check` is called before every picture and may end it all with an error.
    """
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

    from pipeline.clock import elapsed_seconds
    from pipeline.views.screen import Recognised, picture

    until = None if seconds is None else elapsed_seconds() + seconds
    try:
        with Live(screen=True, auto_refresh=False) as screen:
            while until is None or elapsed_seconds() < until:
                check()
                recognised = Recognised(live.contests, live.achieved, live.industry_told)
                shown = picture(live.figures, live.alerts, window, live.as_of_ms, live.evidence, live.names, recognised)
                screen.update(Group(shown, Text(note, style="dim")), refresh=True)
                live.wait(TICK_SECONDS)
    except KeyboardInterrupt:
        return


def print_lines(
    live: "LiveFigures", window: str, seconds: float | None, note: str = "", check: Callable[[], None] = _fine
) -> None:
    """Print a note, then a line for each team whose figures changed, each new alert and each turn of who vouches."""
    from pipeline.clock import elapsed_seconds
    from pipeline.views import freshness
    from pipeline.views.screen import lines

    until = None if seconds is None else elapsed_seconds() + seconds
    changed, told, vouched = set(live.figures), set[str](), "live"
    if note:
        tell(note)
    try:
        while True:
            check()
            new = [alert for alert in live.alerts if alert["id"] not in told]
            told = {alert["id"] for alert in live.alerts}
            for line in lines(live.figures, new, changed, window):
                tell(line)
            if (words := freshness.in_words(live.verdict)) != vouched:
                vouched = words
                tell(f"figures  {words}")
            if until is not None and elapsed_seconds() >= until:
                return
            changed = live.wait(TICK_SECONDS)
    except KeyboardInterrupt:
        return
