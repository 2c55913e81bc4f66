"""What a run says while it goes on: to standard error, so that standard output is the results."""

import sys


def say(text: str) -> None:
    """One line."""
    print(text, file=sys.stderr, flush=True)
