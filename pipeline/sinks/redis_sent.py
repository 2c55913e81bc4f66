"""What was last sent of each current window, as hashes: so only what changed goes to Redis."""

from array import array

from pipeline.scores.kpis import KPIS

FAMILIES = sorted({kpi.family for kpi in KPIS})
RANKED = ("calls", "activities", "meetings_set", "won", "bookings")
_SLOTS = {name: slot for slot, name in enumerate((*(f"family {each}" for each in FAMILIES), *RANKED))}
_NEVER = [-1] * len(_SLOTS)


class Sent:
    """Hashes by scope, window and what they are of: about 200 bytes for each scope and window.

    It is as good as what Redis holds: whoever learns that Redis lost something must `forget`.
    """

    def __init__(self) -> None:
        self._windows: dict[str, dict[str, array[int]]] = {}

    def news(self, window: str, scope: str, of: str, value: bytes | float | str) -> bool:
        """Whether a value is another one than was sent last; notes it. `of` is `family <name>`, or a ranked KPI."""
        scopes = self._windows.setdefault(window, {})
        hashes = scopes.get(scope)
        if hashes is None:
            hashes = scopes[scope] = array("q", _NEVER)
        slot, hashed = _SLOTS[of], hash(value)
        if hashes[slot] == hashed:
            return False
        hashes[slot] = hashed
        return True

    def forget(self, window: str | None = None) -> None:
        """Forget one window, because another has become current, or everything."""
        if window is None:
            self._windows.clear()
        else:
            self._windows.pop(window, None)
