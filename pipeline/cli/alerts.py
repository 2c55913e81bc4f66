"""`salespulse alerts`: the open alerts, and what people do about them: acknowledge, mute, unmute."""

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.backtest import backtest
from pipeline.cli.options import (
    NONE_FOUND,
    Brokers,
    Json,
    Namespace,
    RedisUrl,
    SettingsFile,
    duration_seconds,
    end,
    live_figures,
    print_json,
    print_table,
    say,
    settings_of,
    tell,
)
from pipeline.config.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

alerts = typer.Typer(help="List, show, acknowledge, mute and backtest alerts.", no_args_is_help=True)
alerts.command()(backtest)
AnId = Annotated[str, typer.Argument(metavar="ID", help="The id of an alert, as alerts list shows it.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Your pseudonym; recorded in the log.")]
Until = Annotated[
    str, typer.Option("--until", help="Until when: a time with its zone, 2026-11-23T17:00:00Z, or a duration, 2h.")
]


@alerts.command(name="list")
def list_(
    as_json: Json = False,
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """List the alerts that are not resolved, the latest first. Exits with 1 if there are none."""
    found = _standing(settings_of(settings_file, redis_url=redis_url, namespace=namespace))
    if as_json:
        print_json(found)
    elif found:
        _print_table(found)
    else:
        say("no alert is open")
    if not found:
        end(NONE_FOUND)


@alerts.command()
def show(
    which: AnId,
    as_json: Json = False,
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Show one alert: what was expected and seen, since when, by which rule. Exits with 1 if it is not open."""
    from pipeline.views.alert_wording import alert_words

    alert = _one(settings_of(settings_file, redis_url=redis_url, namespace=namespace), which)
    if as_json:
        print_json(alert)
        return
    tell(alert_words(alert))
    for name, value in alert.items():
        tell(f"{name}: {_said(name, value)}")


@alerts.command()
def ack(
    which: AnId,
    by: By,
    brokers: Brokers = None,
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Acknowledge an alert. A later opening must be acknowledged again. Exits with 1 if it is not open."""
    from pipeline.clock import now_ms
    from pipeline.sending.alert_notes import acknowledging

    settings = settings_of(settings_file, brokers=brokers, redis_url=redis_url, namespace=namespace)
    _send(settings, acknowledging(_one(settings, which), by, now_ms()))
    say(f"{which}: acknowledged by {by}")


@alerts.command()
def mute(
    which: AnId,
    by: By,
    until: Until,
    brokers: Brokers = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Mute an alert for a while, however often it opens meanwhile. It need not be open."""
    from pipeline.clock import now_ms
    from pipeline.sending.alert_notes import muting
    from schemas.events import iso

    settings = settings_of(settings_file, brokers=brokers, namespace=namespace)
    at_ms = now_ms()
    until_ms = _instant(until, at_ms)
    _send(settings, muting(_known(which), by, at_ms, until_ms))
    say(f"{which}: muted by {by} until {iso(until_ms)}")


@alerts.command()
def unmute(
    which: AnId,
    by: By,
    brokers: Brokers = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """End the mute of an alert. It need not be open."""
    from pipeline.clock import now_ms
    from pipeline.sending.alert_notes import unmuting

    settings = settings_of(settings_file, brokers=brokers, namespace=namespace)
    _send(settings, unmuting(_known(which), by, now_ms()))
    say(f"{which}: no longer muted, says {by}")


def _standing(settings: Settings) -> list[dict[str, Any]]:
    with live_figures(settings) as live:
        return live.alerts


def _one(settings: Settings, which: str) -> dict[str, Any]:
    """The alert of an id; ends the command where it is not open."""
    from pipeline.sending.alert_sender import known_alert

    found = {alert["id"]: alert for alert in _standing(settings)}
    with suppress(ValueError):
        which = known_alert(which)
    if which not in found:
        say(f"{which} is not open; open are: {', '.join(found) or 'none'}")
        end(NONE_FOUND)
    return found[which]


def _known(which: str) -> str:
    """An id that an alert may have."""
    from pipeline.sending.alert_sender import known_alert

    try:
        return known_alert(which)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="ID") from None


def _instant(given: str, now_ms: int) -> int:
    """An instant after now, given as one or as how long from now on."""
    from schemas.types import instant_ms

    try:
        at_ms = instant_ms(given)
    except ValueError:
        at_ms = now_ms + round(duration_seconds(given) * 1000)
    if at_ms <= now_ms:
        raise typer.BadParameter(f"--until {given}: allowed is a time to come")
    return at_ms


def _send(settings: Settings, event: dict[str, Any]) -> None:
    """Send an event; SetupError where the pipeline would refuse it, or no broker takes it."""
    from pipeline.sending.alert_sender import send_note
    from pipeline.sending.checks import RefusedError

    try:
        send_note(settings, event)
    except RefusedError as error:
        raise typer.BadParameter(error.detail) from None


def _print_table(found: "Sequence[dict[str, Any]]") -> None:
    from rich.table import Table

    from pipeline.views.alert_wording import alert_words
    from pipeline.views.wording import instant

    table = Table("Id", "State", "Opened", "What")
    for alert in found:
        table.add_row(alert["id"], alert["state"], instant(alert["opened_ms"]), alert_words(alert))
    print_table(table, 140)


def _said(name: str, value: Any) -> str:
    from pipeline.views.wording import instant

    if value is None:
        return "–"
    return instant(value) if name.endswith("_ms") else str(value)
