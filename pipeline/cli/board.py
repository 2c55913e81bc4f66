"""`salespulse board`: the web page with the live figures, and its JSON API."""

from typing import Annotated

import typer

from pipeline.cli.options import Brokers, Namespace, RedisUrl, SettingsFile, live_figures, say, settings_of


def board(
    host: Annotated[str, typer.Option(help="Listen address. The page has no login.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Listen port; 0 picks a free port.")] = 8080,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(help="Name that the board answers to, beside addresses and localhost; repeatable."),
    ] = None,
    brokers: Brokers = None,
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Serve the live web page, a JSON API under /api/v1, /healthz and /metrics. Each request is one line of the log.

    With the setting board_token, whoever has the token may acknowledge and mute alerts there; only that needs a broker.
    """
    hosts = ",".join(allowed_host) if allowed_host else None
    settings = settings_of(
        settings_file, brokers=brokers, redis_url=redis_url, namespace=namespace, allowed_hosts=hosts
    )
    from pipeline.config.allowed_hosts import AllowedHosts
    from pipeline.monitoring.logs import about, secrets_of, set_up_logs
    from pipeline.web.alert_actions import AlertActions
    from pipeline.web.serve import address_of, bind, serve

    set_up_logs(settings.log_format, settings.log_level, secrets_of(settings), about=about(settings))
    with live_figures(settings) as live, bind(host, port) as listening:
        say(f"page: {address_of(listening)}")
        serve(live, listening, AllowedHosts.of(settings.allowed_hosts), AlertActions.of(settings))
