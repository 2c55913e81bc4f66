"""Where a server of ours listens."""

import errno
import socket

from pipeline.config.settings import SetupError


def listen(host: str, port: int, *, named: tuple[str, str], or_another: bool = False) -> socket.socket:
    """A socket that listens at an address, of IPv6 where it is one; `named` are the settings that host and port are.

    With `or_another` it listens on any free port where that one is taken.

    Raises:
        SetupError: where it is taken, not of this machine, or no name of a host.
    """
    try:
        host.encode("idna")
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except UnicodeError:
        raise SetupError(f"{named[0]}: {host!r} is no name of a host") from None
    except OSError as error:
        if or_another and port and error.errno == errno.EADDRINUSE:
            return listen(host, 0, named=named)
        raise SetupError(f"{named[1]}: cannot listen at {written(host, port)}: {error.strerror}") from None


def written(host: str, port: int) -> str:
    """As in an address of the web."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
