"""`salespulse simulate`: a sales floor that does not exist, for trying things out."""

from typing import Annotated

import typer

from pipeline.cli.options import Brokers, Duration, Namespace, Seed, SettingsFile, duration_seconds, say, settings_of


def simulate(
    rate: Annotated[float, typer.Option(min=0.01, max=20_000, help="Approximate events per second.")] = 20.0,
    seed: Seed = 1,
    duration: Duration = None,
    back: Annotated[
        float,
        typer.Option(parser=duration_seconds, metavar="DURATION", help="Start this far in the past and catch up."),
    ] = "0s",  # type: ignore[assignment]
    history: Annotated[bool, typer.Option(help="Send the deals and calls of the last weeks first.")] = True,
    brokers: Brokers = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Simulate a sales floor: teams in several time zones, with late, duplicated and corrected events."""
    settings = settings_of(settings_file, brokers=brokers, namespace=namespace)
    from pipeline.clock import now_ms, pause
    from pipeline.sending.producer import accepting_producer
    from pipeline.simulator.floor_plan import DEMO_FLOOR
    from pipeline.simulator.run import send_as_time_passes
    from pipeline.simulator.sales_floor import sales_floor
    from pipeline.views.wording import counted

    start_ms = now_ms()
    end_ms = None if duration is None else start_ms + int(duration * 1000)
    events = sales_floor(DEMO_FLOOR, seed, start_ms - int(back * 1000), lambda _: rate, history=history)
    with accepting_producer(settings) as producer:
        try:
            send_as_time_passes(events, producer, now_ms, pause, lambda: end_ms is not None and now_ms() >= end_ms)
        finally:
            say(f"{counted(producer.sent, 'event')} sent")
