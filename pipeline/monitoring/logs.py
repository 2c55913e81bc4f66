"""Logs: structlog in front, the standard library's logging behind it, so that Faust and aiokafka write alike.

Whatever goes out is scrubbed first: the values of secret settings and the user part of URLs never reach a log.
"""

import logging
import re
import sys
from collections.abc import Iterable, Mapping
from socket import gethostname
from typing import Any, Literal, TextIO
from urllib.parse import unquote

import structlog
from pydantic import SecretStr
from structlog.typing import EventDict, Processor, WrappedLogger

from pipeline.config.control_keys import read_keys
from pipeline.config.settings import Settings
from pipeline.visible import visible

HIDDEN = "[hidden]"
_PASSWORD = re.compile(r"(?:://[^/\s@:]*:|[?&]password=)([^/\s@&]+)(?=@|&|$)")
_USER_PART = re.compile(r"(?<=://)[^/\s@]+(?=@)")
FIELDS = ("code", "stage", "partition", "topic", "sink")
"""What our own lines say for programs."""
_LINES = ("exception", "stack")
_QUIET = {"aiokafka": logging.WARNING, "kafka": logging.WARNING, "faust": logging.WARNING, "mode": logging.WARNING}


class Scrub:
    """A structlog processor that hides secrets in every text of a log entry, nested ones and tracebacks included."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = sorted({secret for secret in secrets if secret}, key=len, reverse=True)

    def __call__(self, _logger: WrappedLogger, _method: str, entry: EventDict) -> EventDict:
        return {key: self.hide(value) for key, value in entry.items()}

    def hide(self, value: Any) -> Any:
        """The value with every secret in it replaced; what is neither text nor a container is returned as it is."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.text(value.decode(errors="replace"))
        if isinstance(value, dict):
            return {key: self.hide(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.hide(item) for item in value]
        return value if value is None or isinstance(value, (bool, int, float)) else self.text(repr(value))

    def text(self, text: str) -> str:
        """One text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return _USER_PART.sub(HIDDEN, text)


def secrets_of(settings: Settings) -> list[str]:
    """The values of all secret settings, each key in them, and the Redis password, as in the URL and as it is."""
    texts = [value.get_secret_value() for _, value in settings if isinstance(value, SecretStr)]
    keys = settings.control_keys
    if keys is not None:
        texts += [secret.decode() for secret in read_keys(keys.get_secret_value()).values()]
    if settings.webhook_secret is not None:
        texts += settings.webhook_secret.get_secret_value().split(",")
    in_urls = [part for text in texts for part in _PASSWORD.findall(text)]
    return [text for text in texts if "://" not in text] + sorted({*in_urls, *map(unquote, in_urls)})


def about(settings: Settings) -> dict[str, str]:
    """Whose log it is, for those who collect the logs of many: the namespace, and the worker's name."""
    return {"namespace": settings.namespace, "worker": settings.worker_id or gethostname()}


def set_up_logs(
    log_format: Literal["console", "json"],
    level: str,
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
    about: Mapping[str, str] | None = None,
) -> None:
    """Send all logs of this process to one stream (standard error unless told); called once, when a command starts.

    In JSON each line says `about` whom it is and, where it is one of our own, its `code`, which stays the same when the
    words change (docs/operations.md lists them), and the stage, partition, topic and sink that it is about.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=FIELDS),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        structlog.processors.UnicodeDecoder(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    stream = stream or sys.stderr
    told = dict(about or {})
    rendering = (
        [lambda _logger, _method, entry: told | entry, structlog.processors.JSONRenderer()]
        if log_format == "json"
        else [_shown, _console(stream)]
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, Scrub(secrets), *rendering],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(least, logging.getLevelName(level)))


def _shown(_logger: WrappedLogger, _method: str, entry: EventDict) -> EventDict:
    """Texts as a terminal may be given them, each in one line but for tracebacks; JSON escapes them by itself.

    What the words say already is not said again for programs.
    """
    shown = {key: value for key, value in entry.items() if key not in FIELDS}
    return {key: _visible(value, key in _LINES) if isinstance(value, str) else value for key, value in shown.items()}


def _visible(text: str, lines: bool) -> str:
    return "\n".join(map(visible, text.split("\n"))) if lines else visible(text)


def _console(stream: TextIO) -> Processor:
    return structlog.dev.ConsoleRenderer(colors=stream.isatty())
