"""The names of all keys in Redis. Those of one home share its hash tag, so that one call can write them together."""

from functools import lru_cache
from urllib.parse import quote

SAFE = ":@"
CURRENT = "_current"
"""Field of a scope's hash: JSON of the current window's id by kind (`day`, …, `90d`, `now`, `5m`, …)."""
STREAM_LENGTH = 10_000
"""So many of its last changes a home's stream keeps, or some more."""
FUNNELS = "_funnels"
"""Field of a home's own hash: JSON list of the processes that have a funnel key."""


class Keys:
    """The keys of one deployment. What comes from outside is percent-encoded: no id can name another key."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.homes = f"{namespace}:homes"
        self.alive = f"{namespace}:alive"

    def owner(self, home: str) -> str:
        """Hash: who writes this home's keys."""
        return self._of(home, "owner")

    def kpi(self, home: str, scope: str) -> str:
        """Hash: field `<window id>:<family>` -> JSON."""
        return self._of(home, f"kpi:{_encoded(scope)}")

    def rank(self, home: str, kpi: str, kind: str) -> str:
        """Sorted set: reps of the home by a KPI of a current window."""
        return self._of(home, f"rank:{kpi}:{kind}")

    def funnel(self, home: str, process: str) -> str:
        """Hash: stage -> open deals now."""
        return self._of(home, f"funnel:{_encoded(process)}")

    def alerts(self, home: str) -> str:
        """Hash: alert id -> JSON, open ones only."""
        return self._of(home, "alerts")

    def changes(self, home: str) -> str:
        """Stream, and channel: what changed."""
        return self._of(home, "changes")

    def cut(self, stage: str, partition: int) -> str:
        """JSON: the state of the partition that the figures equal."""
        return f"{self.namespace}:cut:{stage}:{partition}"

    def cut_owner(self, stage: str, partition: int) -> str:
        """Hash: who writes the cut; tagged so that both live in one slot."""
        return f"{{{self.cut(stage, partition)}}}:owner"

    def _of(self, home: str, rest: str) -> str:
        return f"{self.namespace}:{{{_encoded(home)}}}:{rest}"


@lru_cache(maxsize=65_536)
def _encoded(part: str) -> str:
    return quote(part, safe=SAFE)
