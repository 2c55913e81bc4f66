"""`salespulse names`: display names of reps and teams, for those who look at figures and are told of alerts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import (
    NONE_FOUND,
    Json,
    Namespace,
    RedisUrl,
    SettingsFile,
    asked_redis,
    end,
    print_json,
    say,
    settings_of,
    tell,
)
from pipeline.config.settings import Settings, SetupError

if TYPE_CHECKING:
    from pipeline.views.directory import Directory

names = typer.Typer(help="Keep display names of reps and teams.", no_args_is_help=True)


@names.command(name="import")
def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV with the columns id and name; an id is rep:7 or team:north.")
    ],
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Replace all display names with those in FILE."""
    from pipeline.views.directory import DirectoryError, read_names

    settings = settings_of(settings_file, redis_url=redis_url, namespace=namespace)
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            found = read_names(opened)
    except OSError as error:
        raise SetupError(f"cannot read {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SetupError(f"{file}: allowed is UTF-8") from None
    except DirectoryError as error:
        raise SetupError(f"{file}: {error}") from None
    with _directory(settings) as directory:
        directory.replace(found)
    say(f"names: {len(found):,}")


@names.command(name="list")
def list_(
    as_json: Json = False,
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """List the names. Exits with 1 if there are none."""
    with _directory(settings_of(settings_file, redis_url=redis_url, namespace=namespace)) as directory:
        found = dict(sorted(directory.names().items()))
    if as_json:
        print_json(found)
    else:
        for scope, name in found.items():
            tell(f"{scope}  {name}")
    if not found:
        end(NONE_FOUND)


@names.command()
def delete(
    which: Annotated[str, typer.Argument(metavar="ID", help="Whose: rep:7, team:north.")],
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Delete the name of one rep or team. Exits with 1 if there was none."""
    from pipeline.views.asked import known_scope
    from pipeline.views.directory import ALLOWED_SCOPE, scope_of

    settings = settings_of(settings_file, redis_url=redis_url, namespace=namespace)
    try:
        scope_of(which)
    except ValueError:
        raise typer.BadParameter(ALLOWED_SCOPE, param_hint="ID") from None
    with _directory(settings) as directory:
        scope = known_scope(which.strip(), directory.names())
        was_there = directory.forget(scope)
    say(f"{scope} has no name any more" if was_there else f"{scope} has no name")
    if not was_there:
        end(NONE_FOUND)


@names.command()
def clear(
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Delete all names."""
    with _directory(settings_of(settings_file, redis_url=redis_url, namespace=namespace)) as directory:
        directory.replace({})
    say("no names any more")


@contextmanager
def _directory(settings: Settings) -> "Iterator[Directory]":
    """The directory; SetupError where no Redis answers, or it refuses."""
    from pipeline.views.directory import Directory

    with asked_redis(settings) as client:
        yield Directory(client, settings.namespace)
