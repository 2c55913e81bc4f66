"""What was worked out a short while ago, for all who ask the same. Pure: time is an argument."""

from collections.abc import Hashable
from typing import Any


class Recent:
    """Answers by question, each for so many seconds; the oldest go where there are too many."""

    def __init__(self, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._most = most
        self._kept: dict[Hashable, tuple[float, Any]] = {}

    def get(self, question: Hashable, at_seconds: float) -> Any:
        """The answer, if one was kept by then that is not too old; else None."""
        since, answer = self._kept.get(question, (float("-inf"), None))
        return answer if at_seconds - since < self._seconds else None

    def keep(self, question: Hashable, answer: Any, at_seconds: float) -> None:
        """Keep an answer as of now."""
        self._kept.pop(question, None)
        while len(self._kept) >= self._most:
            del self._kept[next(iter(self._kept))]
        self._kept[question] = at_seconds, answer
