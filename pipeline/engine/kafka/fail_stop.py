"""The end of a process that must not go on: before it acknowledges, and before it writes another record."""

import logging
import os
import sys
from collections.abc import Callable
from typing import NoReturn

from aiokafka.errors import KafkaError

from pipeline.kernel.diagnosis import Diagnosis

EXIT_CODE = 70
log = logging.getLogger(__name__)

FailStop = Callable[[str], NoReturn]
"""Called with the reason, from any thread; does not return."""


def said(error: BaseException) -> str:
    """The error in one line, for the reason that a process gives at its end."""
    if isinstance(error, Diagnosis):
        return str(error)
    if isinstance(error, KafkaError):
        return " ".join([type(error).__name__, *map(str, error.args)])
    return repr(error)


def end_process(reason: str) -> NoReturn:
    """Log the reason and leave at once, without any clean-up that could write.

    The exception under way is logged with it, unless the reason says all that it would.
    """
    error = sys.exc_info()[1]
    untold = not isinstance(error, (Diagnosis, KafkaError, type(None)))
    log.critical("worker stops: %s", reason, exc_info=untold, extra={"code": "worker_stops"})
    for handler in logging.getLogger().handlers:
        handler.flush()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(EXIT_CODE)
