"""Serves the page: in the foreground for `salespulse board`, in a thread for the demo."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn

from pipeline.config.allowed_hosts import AllowedHosts
from pipeline.config.listening import listen, written
from pipeline.views.live import LiveFigures
from pipeline.web.alert_actions import AlertActions
from pipeline.web.hub import Hub
from pipeline.web.page import create_page
from pipeline.web.room import MOST_CONNECTIONS


def bind(host: str, port: int, *, or_another: bool = False) -> socket.socket:
    """A socket that listens at an address; with `or_another`, on any free port where that one is taken."""
    return listen(host, port, named=("--host", "--port"), or_another=or_another)


def address_of(listening: socket.socket) -> str:
    """Where a browser finds it."""
    host, port = listening.getsockname()[:2]
    return f"http://{written(host, port)}/"


def serve(live: LiveFigures, listening: socket.socket, hosts: AllowedHosts, actions: AlertActions) -> None:
    """Serve until a signal ends it, to whoever asks under one of these hosts."""
    _server(live, hosts, actions).run(sockets=[listening])


@contextmanager
def serving(live: LiveFigures, listening: socket.socket, actions: AlertActions | None = None) -> Iterator[str]:
    """Serve this machine in a thread, for as long as the context lasts; gives the address."""
    server = _server(live, AllowedHosts(), actions)
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, name="page")
    thread.start()
    try:
        yield address_of(listening)
    finally:
        server.should_exit = True
        thread.join()


class _Server(uvicorn.Server):
    """Ends the streams of a board before it waits for connections: they last as long as their browsers stay."""

    def __init__(self, hub: Hub, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._hub = hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._hub.close()
        await super().shutdown(sockets)


def _server(live: LiveFigures, hosts: AllowedHosts, actions: AlertActions | None) -> uvicorn.Server:
    hub = Hub(live)
    config = uvicorn.Config(
        create_page(hub, hosts, actions), log_config=None, access_log=False, timeout_graceful_shutdown=1,
        limit_concurrency=MOST_CONNECTIONS,
    )  # fmt: skip
    return _Server(hub, config)
