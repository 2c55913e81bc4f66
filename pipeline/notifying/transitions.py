"""What there is to tell of alerts, from the records of their log in its order. Pure.

The log has copies: of records that were sent again, of a worker that was deposed, of a whole replay. They say nothing
new: an opening is known by its instant, is resolved once, and each thing that somebody did about it is told once.
"""

from dataclasses import dataclass, field
from hashlib import sha256

from schemas.alerts import Alert
from schemas.notifications import What

MOST_TOLD = 200
"""Of one opening: whoever mutes it more often than that is told of no more but its end."""


@dataclass(slots=True)
class _Opening:
    """The latest opening of an alert, and what is known of it."""

    opened_ms: int
    version: list[int] = field(default_factory=list)
    is_announced: bool = False
    """Whether somebody was told that it is open."""
    is_resolved: bool = False
    mute: str | None = None
    told: set[str] = field(default_factory=set)


class Transitions:
    """All alerts of the log, each by its latest opening."""

    def __init__(self) -> None:
        self._known: dict[str, _Opening] = {}

    def take(self, alert: Alert) -> tuple[What, str] | None:
        """Called with each record in turn: what there is to tell, and what tells it apart; None if nothing is new."""
        known = self._known.get(alert.id)
        if known is None or alert.opened_ms > known.opened_ms:
            known = self._known[alert.id] = _Opening(alert.opened_ms)
        if alert.opened_ms < known.opened_ms or alert.version <= known.version or known.is_resolved:
            return None
        known.version = alert.version
        if not alert.is_open:
            known.is_resolved = True
            known.told.clear()
            return ("alert.resolved", "") if known.is_announced else None
        return self._new(known, alert, *_happened(known, alert))

    def _new(self, known: _Opening, alert: Alert, what: What | None, by: str) -> tuple[What, str] | None:
        key = f"{what} {by}"
        if what is None or key in known.told or len(known.told) >= MOST_TOLD:
            return None
        known.told.add(key)
        if what == "alert.unmuted" and alert.state == "acknowledged":
            known.told.add(_acknowledged(alert))
        known.is_announced = True
        return what, by


def _acknowledged(alert: Alert) -> str:
    """What is told with the end of a mute under which somebody acknowledged it, and not once more."""
    return f"alert.acknowledged {alert.acknowledged_by}"


def _happened(known: _Opening, alert: Alert) -> tuple[What | None, str]:
    """What became of an opening that stands, and by what it is told apart from the same once more."""
    mute, known.mute = known.mute, None
    if alert.state == "muted":
        known.mute = f"{alert.muted_by} {alert.muted_until_ms}"
        return ("alert.muted" if known.is_announced else None), known.mute
    if mute is not None and known.is_announced:
        return "alert.unmuted", mute
    if alert.state == "acknowledged":
        return "alert.acknowledged", str(alert.acknowledged_by)
    return "alert.opened", ""


def message_id(namespace: str, alert: Alert, what: What, by: str) -> str:
    """The id of a message: the same for each copy of it, whoever sends it and whenever."""
    parts = (namespace, alert.id, str(alert.opened_ms), what, by)
    return f"msg_{sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"
