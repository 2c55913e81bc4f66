"""TLS: which certificates to trust."""

import ssl
from pathlib import Path

from pipeline.config.settings import PREFIX, SetupError


def tls_context(authorities: Path | None, setting: str) -> ssl.SSLContext:
    """A context that checks certificate and host name, by the system's authorities where no file is given.

    Raises:
        SetupError: when the file cannot be used; it names `setting`.
    """
    try:
        return ssl.create_default_context(cafile=authorities)
    except OSError as error:
        raise SetupError(f"{PREFIX}{setting}: cannot use {authorities}: {error.strerror or error}") from None
