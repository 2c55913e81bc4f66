"""Windows that are gone, kept in the state until every sink has been told: a crash must not leave them standing."""

from pipeline.engine.store import Store
from pipeline.scores.board import Board
from pipeline.scores.pane_keys import GONE

PUBLISHED = "published"
"""The scalar that holds each sink's bookmark by its name; its first number is the position published up to."""
KEPT_MS = 40 * 86_400_000
"""A sink that was away for longer has to be filled anew."""


class Graves:
    """Those of one board. The value of a key is `[position at which the window went, now there]`."""

    def __init__(self, store: Store, board: Board) -> None:
        self._store = store
        self._board = board
        self._held: dict[bytes, list[int]] = {}
        self._told = -1
        board.also_marked.append(self.mark_since)

    def restore(self) -> None:
        """Read them from the state."""
        self._held = dict(self._store.items(GONE))

    def keep(self) -> None:
        """Called after each batch: put what went into the state, and take out what all sinks know of."""
        for scope, _, window in self._board.take_lost():
            key = GONE + "\0".join((scope.home.name, scope.name, window)).encode()
            self._held[key] = [self._board.position, self._board.now_ms]
            self._store.put(key, self._held[key])
        bookmarks = self._store.scalars.get(PUBLISHED, {}).values()
        told = min((published for published, *_ in bookmarks), default=-1)
        if self._held and told > self._told:
            self._forget(told)
        self._told = told

    def mark_since(self, position: int | None) -> None:
        """Have those published again that went after a position; None: all."""
        for key, (went, _) in sorted(self._held.items()):
            if position is None or went > position:
                home, scope, window = key[1:].decode().split("\0")
                self._board.mark_window(home, scope, window)

    def _forget(self, told: int) -> None:
        expired_ms = self._board.now_ms - KEPT_MS
        for key, (went, went_ms) in list(self._held.items()):
            if went <= told or went_ms < expired_ms:
                del self._held[key]
                self._store.delete(key)
