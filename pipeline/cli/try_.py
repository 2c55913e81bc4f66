"""`salespulse try`: from an export to its figures on one machine, with nothing else installed and nothing kept."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.demo import Stop
from pipeline.cli.figures import print_figures, scopes_of
from pipeline.cli.options import NONE_FOUND, WRONG_USE, Json, PageHost, PagePort, WorkerLog, end, live_figures, say
from pipeline.cli.watch import TICK_SECONDS
from pipeline.config.extras import require_extra
from pipeline.measures import COMPANY

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.embedded.deployment import Deployment
    from pipeline.views.live import LiveFigures
    from pipeline.views.readings import Reading

EVER = "36500"
"""Days that everything is remembered: an export may be as old as it likes."""
QUIET_SECONDS = 3.0
"""Figures that changed no more for so long, of a pipeline that waits for nothing, are all there."""
MOST_WINDOWS = 12
"""More would not fit a screen: then the next longer windows are shown."""


def try_(
    files: Annotated[list[Path], typer.Argument(help="Export files or folders, teams and reps first.")],
    field_maps: Annotated[
        list[Path],
        typer.Option("--map", help="Field map in TOML: one for all files, or one for each, in the order of the files."),
    ],
    scope: Annotated[str, typer.Option(help="Whose figures: company, team:north, group:emea, rep:7.")] = COMPANY,
    as_json: Json = False,
    host: PageHost = "127.0.0.1",
    port: PagePort = 8080,
    log: WorkerLog = None,
) -> None:
    """Try exports with their field maps: embedded broker and Redis, a worker, the import, its figures and the page.

    Everything is remembered, however old. The page is served until Ctrl-C; with --json, the figures are printed and
    the command ends. Exits with 1 if an import leaves something open, with 2 if nothing was sent.
    """
    require_extra("demo", "try", "confluent_kafka", "confluent-kafka")
    from pipeline.embedded.deployment import running_deployment
    from pipeline.web.serve import bind, serving

    pairs = _pairs(files, field_maps)
    stop = Stop()
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    kept = dict.fromkeys(("ACTIVITY_RETENTION_DAYS", "CLOSED_DEAL_RETENTION_DAYS", "DAY_PANE_DAYS"), EVER)
    kept |= dict.fromkeys(("PUBLISH_TEAMS", "PUBLISH_REPS", "PUBLISH_MEMBERS", "PUBLISH_REPS_FAMILIES"), "all")
    with ExitStack() as stack:
        running = stack.enter_context(running_deployment(os.environ, log, NAMESPACE="try", **kept))
        live = stack.enter_context(live_figures(running.settings))

        def check() -> None:
            """Called now and then: end in good order, or because the worker did."""
            stop.check()
            running.check()

        try:
            clear = [_imported(running.environment, file, field_map, stop) for file, field_map in pairs]
            _settle(running, live, check)
            found = _print(live, scope, as_json=as_json)
            if not as_json:
                page = stack.enter_context(live_figures(running.settings))
                address = stack.enter_context(serving(page, stack.enter_context(bind(host, port, or_another=True))))
                say(f"page: {address}   Ctrl-C to stop")
                while True:
                    check()
                    live.wait(TICK_SECONDS)
        except KeyboardInterrupt:
            return
        if not (all(clear) and found):
            end(NONE_FOUND)


def _pairs(files: Sequence[Path], field_maps: Sequence[Path]) -> list[tuple[Path, Path]]:
    if len(field_maps) not in (1, len(files)):
        raise typer.BadParameter(
            f"{len(field_maps)} maps for {len(files)} files; allowed: one for all, or one for each"
        )
    return list(zip(files, field_maps if len(field_maps) > 1 else [*field_maps] * len(files), strict=True))


def _imported(environment: Mapping[str, str], file: Path, field_map: Path, stop: Stop) -> bool:
    """Import one file as the command does, which says what it sent on standard error; whether all of it is clear."""
    say(f"import {file} --map {field_map}")
    command = [sys.executable, "-m", "pipeline.cli", "import", str(file), "--map", str(field_map)]
    # In a session of its own: Ctrl-C ends it in good order, after what it was at.
    with subprocess.Popen(command, env=dict(environment), stdout=sys.stderr, start_new_session=True) as importing:
        while importing.poll() is None:
            if stop.asked:
                importing.terminate()
            try:
                importing.wait(TICK_SECONDS)
            except subprocess.TimeoutExpired:
                continue
    stop.check()
    if importing.returncode == WRONG_USE:
        end(WRONG_USE)
    return importing.returncode == 0


def _settle(running: "Deployment", live: "LiveFigures", check: "Callable[[], None]") -> None:
    """Wait until everything that was sent is in the figures."""
    from pipeline.clock import elapsed_seconds
    from pipeline.topics.lag import Lag
    from pipeline.topics.table import SOURCES

    with Lag(running.settings, [*SOURCES, "facts", "parts"]) as lag:
        quiet_since = elapsed_seconds()
        while elapsed_seconds() < quiet_since + QUIET_SECONDS:
            check()
            if live.wait(TICK_SECONDS) or lag.events():
                quiet_since = elapsed_seconds()


def _print(live: "LiveFigures", scope: str, *, as_json: bool) -> bool:
    """Print the history of a scope, by the shortest windows of which there are not too many; whether there is any."""
    scope = live.known_scope(scope)
    for kind in ("day", "week", "month", "quarter", "year"):
        reading = _told(live, scope, kind)
        if reading is None:
            break
        if len(reading.windows) <= MOST_WINDOWS or kind == "year":
            print_figures(reading, as_json=as_json)
            return True
    scopes = scopes_of(live)
    say(f"{scope} has no figures; there are those of: {scopes}" if scopes else "there are no figures: nothing was sent")
    return False


def _told(live: "LiveFigures", scope: str, kind: str) -> "Reading | None":
    """The windows of a kind from the first to the last in which anything happened; None where nothing ever did."""
    from pipeline.views.asked import Asked

    found = live.history(scope, Asked(kind=kind))
    if found is None:
        return None
    windows = found[0].windows
    told = [at for at, each in enumerate(windows.values()) if any(kpi.get("value") for kpi in each.kpis.values())]
    if not told:
        return None
    return replace(found[0], windows=dict(list(windows.items())[told[0] : told[-1] + 1]))
