"""What each rep was ranked with last, in each current window: so only what changed goes to Redis."""

from pipeline.scores.ranks import RANKED

OUT: tuple[int | None, ...] = tuple(-(1 << 63) for _ in RANKED)
"""Instead of a rep's values: who is not on the boards."""
_NEVER: tuple[int | None, ...] = tuple(None for _ in RANKED)


class Ranked:
    """Values by window and scope. It is as good as what Redis holds: once that lost something, begin anew."""

    def __init__(self) -> None:
        self._windows: dict[str, dict[str, tuple[int | None, ...]]] = {}

    def news(self, window: str, scope: str, values: tuple[int | None, ...]) -> list[tuple[str, int]]:
        """Each KPI with its value where that is another one than before; notes them. What is None says nothing."""
        scopes = self._windows.setdefault(window, {})
        before = scopes.get(scope, _NEVER)
        if before == values:
            return []
        scopes[scope] = values
        changed = zip(RANKED, values, before, strict=True)
        return [(kpi, value) for kpi, value, former in changed if value is not None and value != former]

    def forget(self, window: str) -> None:
        """Another window has become current in its place."""
        self._windows.pop(window, None)
