"""Pending tombstones and restatements that no pane shows: windows gone, and homes whose windows all moved in time.

It is kept in the state until every sink has been told: a crash must not leave standing what readers had before.
"""

from collections.abc import Iterable, Iterator

from pipeline.kernel.state_keys import GONE, REDRAWN
from pipeline.kernel.store import Store
from pipeline.scores.board import Board

PUBLISHED = "published"
"""The scalar that holds by sink: its bookmark, beginning with the position published up to, and what defined it."""
KEPT_MS = 40 * 86_400_000
"""A sink that was away for longer has to be filled anew."""


class Owed:
    """Pending tombstones and restatements of one board. The value of a key is `[position of its cause, now there]`."""

    def __init__(self, store: Store, board: Board) -> None:
        self._store = store
        self._board = board
        self._held: dict[bytes, list[int]] = {}
        self._told = -1
        board.marking.also_marked.append(self.marking_since)

    def restore(self, held: Iterable[tuple[bytes, list[int]]]) -> None:
        """Take in what the state has of them."""
        self._held = dict(held)

    def keep(self) -> None:
        """Called after each batch: put what came about into the state, and take out what all sinks know of."""
        lost, redrawn = self._board.take_owed()
        for scope, _, window in lost:
            self._hold(GONE + "\0".join((scope.home.name, scope.name, window)).encode())
        for home in redrawn:
            self._hold(REDRAWN + home.encode())
        bookmarks = self._store.scalars.get(PUBLISHED, {}).values()
        told = min((published for published, *_ in bookmarks), default=-1)
        if self._held and told > self._told:
            self._forget(told)
        self._told = told

    def marking_since(self, position: int | None) -> Iterator[int]:
        """Have that published again which came about after a position; None: all. Yields as the board's own does."""
        for key, (came, _) in sorted(self._held.items()):
            if position is None or came > position:
                names = key[1:].decode().split("\0")
                if key.startswith(REDRAWN):
                    yield from self._board.marking.all_windows(*names)
                else:
                    self._board.marking.window(*names)
                    yield 1

    def _hold(self, key: bytes) -> None:
        self._held[key] = [self._board.position, self._board.now_ms]
        self._store.put(key, self._held[key])

    def _forget(self, told: int) -> None:
        expired_ms = self._board.now_ms - KEPT_MS
        for key, (came, came_ms) in list(self._held.items()):
            if came <= told or came_ms < expired_ms:
                del self._held[key]
                self._store.delete(key)
