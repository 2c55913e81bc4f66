"""Since when days are kept: what was told of earlier ones stands, since nobody can work it out again."""

from pipeline.kernel.store import Store
from pipeline.scores.board import Board

KEPT_FROM = "recognised_from"
"""Scalar: the first day that had not expired when any did last."""


class KeptDays:
    """The days from which recognition is worked out. A longer retention brings none back, so this is state.

    `first_day` is the first local day that is kept; all since are.
    """

    def __init__(self, store: Store, board: Board) -> None:
        self._store = store
        self._board = board
        self.first_day = 0

    def restore(self) -> None:
        """Called once the board was restored."""
        kept_from: int = self._store.scalars.get(KEPT_FROM, 0)
        self.first_day = max(self._board.first_day, kept_from)

    def expire(self) -> None:
        """Called once days of the board expired."""
        self.first_day = self._store.scalars[KEPT_FROM] = max(self._board.first_day, self.first_day)
