"""`salespulse worker`: run one worker until it is told to stop."""

from typing import Annotated

import typer

from pipeline.cli.options import Brokers, Namespace, RedisUrl, SettingsFile, settings_of


def worker(
    brokers: Brokers = None,
    redis_url: RedisUrl = None,
    namespace: Namespace = None,
    health_port: Annotated[
        int | None, typer.Option(help="Port for health, readiness and metrics; 0 picks a free port.")
    ] = None,
    worker_id: Annotated[
        str | None,
        typer.Option(help="Unique name of this worker in the consumer group."),
    ] = None,
    settings_file: SettingsFile = None,
) -> None:
    """Run one worker. Workers on any number of machines share the partitions."""
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
