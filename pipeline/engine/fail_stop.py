"""The end of a process that must not go on: before it acknowledges, and before it writes another record."""

import logging
import os
import sys
from collections.abc import Callable
from typing import NoReturn

from pipeline.engine.stage import Halt

EXIT_CODE = 70
log = logging.getLogger(__name__)

FailStop = Callable[[str], NoReturn]
"""Called with the reason, from any thread; does not return."""


def end_process(reason: str) -> NoReturn:
    """Log the reason and leave at once, without any clean-up that could write.

    The exception under way is logged with it, unless it is a Halt, which says all in its reason.
    """
    error = sys.exc_info()[1]
    log.critical("worker stops: %s", reason, exc_info=error is not None and not isinstance(error, Halt))
    for handler in logging.getLogger().handlers:
        handler.flush()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(EXIT_CODE)
