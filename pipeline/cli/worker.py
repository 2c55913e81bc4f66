"""`salespulse worker`: run one worker until it is told to stop."""

from typing import Annotated

import typer

from pipeline.cli.options import Brokers, Namespace, RedisUrl, SettingsFile, settings_of


def worker(
    brokers: Brokers = None,
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    health_port: Annotated[int | None, typer.Option(help="Health, readiness and metrics; 0 takes a free port.")] = None,
    worker_id: Annotated[
        str | None,
        typer.Option(help="This worker's name in the group; no two may share one."),
    ] = None,
    settings_file: SettingsFile = None,
) -> None:
    """Turn events into live KPIs: run one worker. Start as many as you like, on as many machines."""
    settings = settings_of(
        settings_file,
        brokers=brokers,
        redis_url=redis_url,
        namespace=namespace,
        health_port=health_port,
        worker_id=worker_id,
    )
    from pipeline.app import run_worker

    run_worker(settings)
