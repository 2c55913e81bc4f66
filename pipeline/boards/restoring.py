"""What a board finds in its state when it is restored: in turns, and in whatever order."""

from collections import defaultdict
from collections.abc import Generator, Iterator
from typing import Any

from pipeline.kernel.load import TURN_WORK
from pipeline.kernel.state_keys import PANE
from pipeline.kernel.store import Store

Entries = list[tuple[bytes, Any]]


def panes(store: Store) -> Iterator[Entries]:
    """All panes, a turn's work at a time; others have their turn after each."""
    for slice_ in store.slices(TURN_WORK):
        yield [entry for entry in slice_ if entry[0].startswith(PANE)]


def others(store: Store) -> Generator[None, None, dict[bytes, Entries]]:
    """Everything but panes, by the first byte of its key, each sorted; yields where others have their turn."""
    found: dict[bytes, Entries] = defaultdict(list)
    for slice_ in store.slices(10 * TURN_WORK):
        for entry in slice_:
            if not entry[0].startswith(PANE):
                found[entry[0][:1]].append(entry)
        yield
    for entries in found.values():
        entries.sort(key=lambda entry: entry[0])
    return found
