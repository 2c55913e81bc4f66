"""Something that goes on beside a test."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread


@contextmanager
def repeating(act: Callable[[], object], every_seconds: float, name: str) -> Iterator[None]:
    """Act again and again, in a thread of its own, for as long as the context lasts or until it gives False."""
    over = Event()

    def run() -> None:
        while not over.wait(every_seconds) and act() is not False:
            pass

    thread = Thread(target=run, name=name)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
