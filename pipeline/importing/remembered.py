"""Texts that were read before: most columns hold few different ones, and a text known is read for a look-up. Pure."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
MOST = 4096
"""So many are remembered, then it begins anew."""


class _Remembered(dict[str, T]):
    def __init__(self, read: Callable[[str], T]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> T:
        if len(self) >= MOST:
            self.clear()
        found = self[text] = self._read(text)
        return found


def remembered(read: Callable[[str], T]) -> Callable[[str], T]:
    """The same reader, for one that reads a text alike each time; what it refuses it reads again.

    Numbers and stamps of the file's own types are equal to texts that are read otherwise: they are not remembered.
    """
    known = _Remembered(read)

    def again(text: str) -> T:
        return known[text] if type(text) is str else read(text)

    return again
