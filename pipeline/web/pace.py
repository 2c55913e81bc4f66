"""How often something may be done: at once a few times, then as often as the pace allows. Pure."""


class Pace:
    """Allows `most` at once, and `most` more in each `seconds`."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._a_second = most, most / seconds
        self._left, self._at = float(most), float("-inf")

    def wait_seconds(self, now_seconds: float) -> float:
        """0 where it may be done now, which is then counted as done; else after how long it may be. Time only grows."""
        left = min(self._most, self._left + max(0.0, now_seconds - self._at) * self._a_second)
        if left < 1:
            self._left, self._at = left, now_seconds
            return (1 - left) / self._a_second
        self._left, self._at = left - 1, now_seconds
        return 0.0
