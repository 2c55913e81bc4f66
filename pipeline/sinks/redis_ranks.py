"""What each rep was ranked with last, on the boards of each kind of window: so only what changed goes to Redis."""

from pipeline.scores.ranks import RANKED, Ranks

_NEVER = Ranks(*(None for _ in RANKED))


class Ranked:
    """Ranks by kind of window and rep. It is as good as what Redis holds: once that lost something, begin anew."""

    def __init__(self) -> None:
        self._kinds: dict[str, dict[str, Ranks | None]] = {}

    def news(self, kind: str, rep: str, ranks: Ranks) -> list[tuple[str, int]]:
        """Each KPI with its value where that is another one than before; notes them. What is None says nothing."""
        reps = self._kinds.setdefault(kind, {})
        before = reps.get(rep) or _NEVER
        if before == ranks:
            return []
        reps[rep] = ranks
        changed = zip(RANKED, ranks, before, strict=True)
        return [(kpi, value) for kpi, value, former in changed if value is not None and value != former]

    def goes(self, kind: str, rep: str) -> bool:
        """Note that a rep is not on the boards; whether that is news."""
        reps = self._kinds.setdefault(kind, {})
        if rep in reps and reps[rep] is None:
            return False
        reps[rep] = None
        return True

    def forget(self, kind: str) -> None:
        """The boards are empty: another window has become current."""
        self._kinds.pop(kind, None)
