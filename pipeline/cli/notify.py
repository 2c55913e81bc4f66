"""`salespulse notify`: tells a webhook of alerts, as they open, are acknowledged or muted, and are resolved."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import Brokers, Namespace, RedisUrl, SettingsFile, say, settings_of
from pipeline.config.settings import PREFIX, Settings, SetupError

if TYPE_CHECKING:
    from pipeline.notifying.notifier import Names
    from pipeline.notifying.notify_metrics import NotifyMetrics
    from pipeline.views.directory import Directory


def notify(
    metrics_port: Annotated[
        int | None, typer.Option(min=1, max=65_535, help="Serve its metrics on this port, on all addresses.")
    ] = None,
    brokers: Brokers = None,
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Tell the webhook of the settings what becomes of alerts, signed as Standard Webhooks, until interrupted.

    It goes on where it left off, and begins with what is to come. Run one of a deployment.
    """
    import asyncio

    from prometheus_client import CollectorRegistry, start_http_server

    from pipeline.monitoring.logs import about, secrets_of, set_up_logs
    from pipeline.notifying.notify_metrics import NotifyMetrics

    settings = settings_of(settings_file, brokers=brokers, redis_url=redis_url, namespace=namespace)
    for name in ("webhook_url", "webhook_secret"):
        if getattr(settings, name) is None:
            raise SetupError(f"{PREFIX}{name.upper()}: missing")
    set_up_logs(settings.log_format, settings.log_level, secrets_of(settings), about=about(settings))
    registry = CollectorRegistry()
    metrics = NotifyMetrics(settings.namespace, registry)
    if metrics_port is not None:
        try:
            start_http_server(metrics_port, registry=registry)
        except OSError as error:
            raise SetupError(f"--metrics-port: cannot listen at {metrics_port}: {error.strerror}") from None
    say("forwarding alerts; press Ctrl-C to stop")
    try:
        asyncio.run(_tell(settings, metrics))
    except KeyboardInterrupt:
        return


async def _tell(settings: Settings, metrics: "NotifyMetrics") -> None:
    from pipeline.config.redis_options import asking_client
    from pipeline.config.webhook import read_secrets
    from pipeline.notifying.alert_log import AlertLog
    from pipeline.notifying.notifier import Notifier
    from pipeline.notifying.receiver import Receiver
    from pipeline.views.directory import Directory

    url, secret = settings.webhook_url, settings.webhook_secret
    if url is None or secret is None:
        return
    secrets = read_secrets(secret.get_secret_value())
    with AlertLog(settings) as alerts, asking_client(settings, answer_seconds=2) as redis:
        names = _names(Directory(redis, settings.namespace))
        async with Receiver(url.get_secret_value(), secrets, private=settings.webhook_private) as receiver:
            give_up_ms = settings.webhook_give_up_minutes * 60_000
            await Notifier(settings.namespace, alerts, receiver, names, metrics, give_up_ms).run()


def _names(directory: "Directory") -> "Names":
    """Display names, for as long as Redis answers: without it people are told by id."""
    from redis.exceptions import RedisError

    def of(scopes: set[str]) -> dict[str, str]:
        try:
            return directory.of(scopes)
        except (RedisError, OSError):
            return {}

    return of
