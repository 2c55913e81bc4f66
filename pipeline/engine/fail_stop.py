"""The end of a process that must not go on: before it acknowledges, and before it writes another record."""

import logging
import os
import sys
from collections.abc import Callable
from typing import NoReturn

EXIT_CODE = 70
log = logging.getLogger(__name__)

FailStop = Callable[[str], NoReturn]
"""Called with the reason, from any thread; does not return."""


def end_process(reason: str) -> NoReturn:
    """Log the reason (and the exception under way) and leave at once, without any clean-up that could write."""
    log.critical("worker stops: %s", reason, exc_info=sys.exc_info()[1] is not None)
    for handler in logging.getLogger().handlers:
        handler.flush()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(EXIT_CODE)
