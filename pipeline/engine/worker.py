"""The worker around an engine's Faust app: from its start until it is told to stop, or breaks."""

import logging
from contextlib import suppress
from typing import Any

import faust
from mode import ServiceT

from pipeline.engine.engine import Engine
from pipeline.engine.kafka.fail_stop import EXIT_CODE, said
from pipeline.engine.supervision.shutdown import Shutdown

log = logging.getLogger(__name__)


class Worker(faust.Worker):
    """Runs the engine, and beside it the services given: they start before it and stop after it.

    Signals are taken by `shutdown`, which also sees to it that the end comes in time.
    """

    def __init__(self, engine: Engine, *services: ServiceT, shutdown: Shutdown, loglevel: str = "INFO") -> None:
        options: dict[str, Any] = {"quiet": True, "redirect_stdouts": False, "override_logging": False}
        super().__init__(engine.app, *services, loglevel=loglevel, **options)
        self.spinner = None
        self._own_shutdown = shutdown

    def install_signal_handlers(self) -> None:
        """Called when the loop runs: from now on a signal stops the worker in good order."""
        self._own_shutdown.on_signal(self._on_signal)

    def _on_signal(self) -> None:
        # A second signal may come when the loop is closed already.
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._on_sigterm)

    async def stop(self) -> None:
        """Called after a signal, and after a crash."""
        self._own_shutdown.begin()
        await super().stop()

    def run(self) -> None:
        """Run until a signal comes; raises SystemExit with the exit code of a worker."""
        try:
            self.execute_from_commandline()
        except SystemExit as ended:
            if ended.code:
                log.critical("worker stops: %s", said(self.crash_reason or ended), extra={"code": "worker_stops"})
            raise SystemExit(EXIT_CODE if ended.code else 0) from None
