"""What each rep is ranked by, and what of it the boards hold: so only what changed goes to Redis."""

from collections.abc import Iterator

from pipeline.scores.ranks import RANKED, Ranks

_NEVER = Ranks(*(None for _ in RANKED))


class Ranked:
    """Ranks by kind of window and rep. It is as good as what Redis holds: once that lost something, begin anew.

    What a rep is ranked by is known of those too who are on no board: they may come back without a new figure.
    """

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Ranks]] = {}
        self._shown: dict[str, dict[str, Ranks | None]] = {}
        self._reps: frozenset[str] = frozenset()

    def regroup(self, reps: frozenset[str]) -> Iterator[tuple[str, str]]:
        """From now on boards show these reps: gives the ones who came or left, with each kind where they are known."""
        if reps is self._reps:
            return iter(())
        moved, self._reps = sorted(reps ^ self._reps), reps
        return ((kind, rep) for rep in moved for kind, known in self._known.items() if rep in known)

    def note(self, kind: str, rep: str, ranks: Ranks | None) -> None:
        """What a rep is ranked by from now on; None: there is no such window of the rep."""
        known = self._known.setdefault(kind, {})
        if ranks is None:
            known.pop(rep, None)
        else:
            known[rep] = ranks

    def belongs(self, kind: str, rep: str) -> bool:
        """Whether a rep is to be on the boards of a kind."""
        return rep in self._reps and rep in self._known.get(kind, ())

    def news(self, kind: str, rep: str) -> list[tuple[str, int]]:
        """Each KPI with its value where the board has another one; notes that they are placed.

        What is None says nothing.
        """
        ranks = self._known[kind][rep]
        shown = self._shown.setdefault(kind, {})
        before = shown.get(rep) or _NEVER
        if before == ranks:
            return []
        shown[rep] = ranks
        changed = zip(RANKED, ranks, before, strict=True)
        return [(kpi, value) for kpi, value, former in changed if value is not None and value != former]

    def goes(self, kind: str, rep: str) -> bool:
        """Note that a rep is not on the boards; whether that is news."""
        shown = self._shown.setdefault(kind, {})
        if rep in shown and shown[rep] is None:
            return False
        shown[rep] = None
        return True

    def forget(self, kind: str) -> None:
        """The boards are empty: another window has become current."""
        self._known.pop(kind, None)
        self._shown.pop(kind, None)
