"""Options shared by several commands. An error of any command is one line that says what is allowed; exit code 2."""

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from pipeline.config.settings import Settings, SetupError, exposed_file, load_settings
from pipeline.visible import is_whole, visible

if TYPE_CHECKING:
    from redis import Redis
    from rich.table import Table

    from pipeline.views.live import LiveFigures

FOUND, NONE_FOUND, WRONG_USE = 0, 1, 2
"""Exit codes: all well; differences, or nothing found; a wrong option or setting, or something that is not there."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
MOST_SECONDS = 36_500 * 86_400
"""Of a duration: more leads out of every calendar."""


def duration_seconds(text: str) -> float:
    """`30s`, `5m`, `8h` or `2d` in seconds; a number alone is seconds."""
    read = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", text.strip())
    if read is None:
        raise typer.BadParameter(f"{text!r} is not a duration; allowed: a number with s, m, h or d, such as 30s")
    seconds = float(read[1]) * _UNITS[read[2] or "s"]
    if seconds > MOST_SECONDS:
        raise typer.BadParameter(f"{text!r} is too long; allowed: up to a hundred years, 36500d")
    return seconds


Brokers = Annotated[str | None, typer.Option(help="Kafka bootstrap servers: host:port, comma-separated.")]
RedisUrl = Annotated[str | None, typer.Option(help="Redis URL: redis://host:port/0, rediss:// or unix://.")]
Namespace = Annotated[str | None, typer.Option(help="Deployment: prefix of topics, consumer group and Redis keys.")]
SettingsFile = Annotated[Path | None, typer.Option("--settings", help="TOML file with settings.")]
Json = Annotated[bool, typer.Option("--json", help="Print only JSON on standard output.")]
PageHost = Annotated[str, typer.Option("--host", help="Listen address of the page.")]
PagePort = Annotated[
    int, typer.Option("--port", min=0, max=65_535, help="Listen port of the page; if taken, a free port is used.")
]
WorkerLog = Annotated[Path | None, typer.Option("--log", help="File for the worker's log.")]
Duration = Annotated[
    float | None,
    typer.Option("--for", parser=duration_seconds, metavar="DURATION", help="Stop after this long: 30s, 5m."),
]
Seed = Annotated[int, typer.Option(help="Random seed; the same seed gives the same sales floor.")]


def settings_of(file: Path | None, environment: Mapping[str, str] | None = None, **options: Any) -> Settings:
    """The settings of a command: its options, the environment, the file. It says where others may read a password."""
    env = os.environ if environment is None else environment
    settings = load_settings(env, file, **options)
    if line := exposed_file(env, file):
        say(f"warning: {line}")
    return settings


def print_json(value: Any) -> None:
    """One JSON value on standard output, in one line; what a terminal would obey is escaped as JSON does."""
    text = json.dumps(value, ensure_ascii=False)
    if not text.isprintable():
        text = "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in text)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def print_table(table: "Table", width: int) -> None:
    """A table on standard output: as wide as the terminal, or so many letters where there is none."""
    from pipeline.views.terminal import Terminal

    console = Terminal()
    if not console.is_terminal:
        console.width = width
    console.print(table)


def tell(line: str) -> None:
    """One line of what was asked for, on standard output."""
    typer.echo(visible(line))


def say(line: str) -> None:
    """One line for people, on standard error."""
    typer.echo(visible(line), err=True)


def end(code: int) -> NoReturn:
    """End the command with an exit code."""
    raise typer.Exit(code)


@contextmanager
def live_figures(settings: Settings) -> "Iterator[LiveFigures]":
    """The figures of the deployment as they change; SetupError where no Redis answers, at once or later."""
    from pipeline.views.live import LiveFigures

    with asked_redis(settings) as client:
        live = LiveFigures(client, settings.namespace)
        try:
            yield live
        finally:
            live.close()


@contextmanager
def asked_redis(settings: Settings) -> "Iterator[Redis]":
    """A client of Redis; SetupError where none answers. Any other error of whoever uses it stays what it is."""
    from redis.exceptions import RedisError

    from pipeline.config.redis_options import asking_client

    try:
        client = asking_client(settings, answer_seconds=5)
    except (RedisError, ValueError) as error:
        raise _no_redis(error) from None
    try:
        with client:
            yield client
    except RedisError as error:
        raise _no_redis(error) from None


def _no_redis(error: Exception) -> SetupError:
    from pipeline.config.redis_options import refusal

    return SetupError(refusal(error) or f"SALESPULSE_REDIS_URL: no Redis responds there ({type(error).__name__})")


class Commands(TyperGroup):
    """The group of all commands. An error of use or set-up is one line on standard error."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command; as a program (standalone) it ends the process with an exit code."""
        run = partial(super().main, args, prog_name, complete_var, False, windows_expand_args, **extra)
        if not standalone_mode:
            return run()
        try:
            _refuse_other_bytes(sys.argv[1:] if args is None else args)
            code = run()
        except (TyperException, SetupError) as error:
            _print_error(error)
            sys.exit(WRONG_USE)
        sys.exit(code if isinstance(code, int) else FOUND)


def _refuse_other_bytes(args: Sequence[str]) -> None:
    """SetupError for an argument with bytes that are no letters of the terminal's encoding."""
    for arg in args:
        if not is_whole(arg):
            raise SetupError(f"{arg[:100]!a} is not UTF-8; type it anew, or rename the file")


def _print_error(error: TyperException | SetupError) -> None:
    if isinstance(error, SetupError):
        say(f"salespulse: {error}")
        return
    message = error.format_message()
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(message, err=True)
        return
    if type(error).__name__ == "NoSuchOption" and context is not None:
        options = sorted(max(p.opts, key=len) for p in context.command.params if p.param_type_name == "option")
        message = f"{message.rstrip('.')}; allowed: {', '.join(options)}"
    if message.startswith("No such command") and isinstance(command := getattr(context, "command", None), TyperGroup):
        message = f"{message.rstrip('.')}; allowed: {', '.join(sorted(command.commands))}"
    say("salespulse: " + " ".join(message.split()))
