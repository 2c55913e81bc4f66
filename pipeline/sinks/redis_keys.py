"""All keys in Redis: built, taken apart, and searched for here and nowhere else.

Those of one home share its hash tag, so that one call can write them together. What comes from outside is
percent-encoded: no id can name another key.
"""

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote

LAYOUT = 2
"""Of the keys and of what they hold. It goes up with every change that a reader of the one before would misread."""
CURRENT = "_current"
"""Field of a scope's hash: JSON of the current window's id by kind (`day`, …, `90d`, `now`, `5m`, …)."""
STREAM_LENGTH = 10_000
"""So many of its last changes a home's stream keeps, or some more."""
ABSENT = "_absent"
"""Who of a team is absent, as JSON; a field beside the team's own figures while anybody is."""
INDUSTRY = "_industry"
"""An industry's figures, as a JSON list; a field beside the own figures of a team, or the company, that has any."""
RAMPING = "_ramping"
"""Who of a team is in ramp, and so in no ranks, as JSON; a field beside the team's own figures while anybody is."""
SPECIAL_DAY = "_special_day"
"""The special day that a team has today, as JSON; a field beside the team's own figures while it lasts."""
LIMITS = "_limits"
"""What rules of alerts hold a team's figures against, `{kpi: limit}` as JSON; a field beside the team's own figures."""
FUNNELS = "_funnels"
"""Field of a home's own hash: JSON list of the processes that have a funnel key."""
FORM = "form"
"""Field of a home's owner: what shapes the keys and fields that the home has (`pipeline/sinks/redis.py`)."""

SINGLE = ("homes", "alive", "layout", "chosen", "legend", "names")
OF_HOME = {"owner": 0, "kpi": 1, "past": 1, "rank": 2, "funnel": 1, "alerts": 0, "recognition": 0, "changes": 0}
"""How many parts follow the name of each sort of key that a home has."""


class Key(NamedTuple):
    """A key taken apart: which sort it is (as `Keys` names it), the home it belongs to if any, and what follows."""

    what: str
    home: str = ""
    rest: tuple[str, ...] = ()


class Keys:
    """The keys of one deployment."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.homes = f"{namespace}:homes"
        self.alive = f"{namespace}:alive"
        self.layout = f"{namespace}:layout"
        self.chosen = f"{namespace}:chosen"
        self.legend = f"{namespace}:legend"
        self.names = f"{namespace}:names"
        """Hash: scope of a rep or team -> display name. No worker reads or writes it."""
        self._of = lru_cache(maxsize=65_536)(self._formed)

    def owner(self, home: str) -> str:
        """Hash: who writes this home's keys."""
        return self._of(home, "owner")

    def kpi(self, home: str, scope: str) -> str:
        """Hash of the current windows: field `<window id>:<family>` -> JSON."""
        return self._of(home, "kpi", scope)

    def past(self, home: str, scope: str) -> str:
        """Hash of the windows that are over: field `<window id>` -> JSON (`pipeline/sinks/past_form.py`)."""
        return self._of(home, "past", scope)

    def rank(self, home: str, kpi: str, kind: str) -> str:
        """Sorted set: reps of the home by a KPI of a current window."""
        return self._of(home, "rank", kpi, kind)

    def funnel(self, home: str, process: str) -> str:
        """Hash: stage -> open deals now."""
        return self._of(home, "funnel", process)

    def alerts(self, home: str) -> str:
        """Hash: alert id -> JSON, open ones only."""
        return self._of(home, "alerts")

    def recognition(self, home: str) -> str:
        """Hash: id of what stands of recognition -> JSON."""
        return self._of(home, "recognition")

    def changes(self, home: str) -> str:
        """Stream, and channel: what changed."""
        return self._of(home, "changes")

    def cut(self, stage: str, partition: int) -> str:
        """JSON: the state of the partition that the figures equal."""
        return f"{self.namespace}:cut:{_encoded(stage, safe='@')}:{partition}"

    def held(self, stage: str, partition: int) -> str:
        """JSON: what the worker that holds a partition says of it, every few seconds."""
        return f"{self.namespace}:held:{_encoded(stage, safe='@')}:{partition}"

    def cut_owner(self, stage: str, partition: int) -> str:
        """Hash: who writes the cut; tagged so that both live in one slot."""
        return f"{{{self.cut(stage, partition)}}}:owner"

    def pattern(self, what: str) -> str:
        """For SCAN and PSUBSCRIBE: matches every key of one sort, and of all our keys no other."""
        if what in OF_HOME:
            return f"{self.namespace}:{{*}}:{what}{':*' if OF_HOME[what] else ''}"
        cuts = f"{self.namespace}:cut:*"
        of_partitions = {"cut": cuts, "held": f"{self.namespace}:held:*", "cut_owner": f"{{{cuts}}}:owner"}
        return of_partitions.get(what, f"{self.namespace}:{what}")

    def build(self, key: Key) -> str:
        """The key that is taken apart to this; KeyError for a sort that there is none of."""
        if key.what in OF_HOME:
            return self._of(key.home, key.what, *key.rest)
        if key.what in SINGLE:
            return f"{self.namespace}:{key.what}"
        stage, partition = key.rest
        of_partitions = {"cut": self.cut, "held": self.held, "cut_owner": self.cut_owner}
        return of_partitions[key.what](stage, int(partition))

    def parse(self, key: str) -> Key | None:
        """What a key is: the inverse of building it. None for what is no key of this deployment."""
        head = f"{self.namespace}:"
        if key.startswith(head + "{"):
            found = _of_a_home(key.removeprefix(head + "{"))
        elif key.startswith("{"):
            found = _of_a_partition("cut_owner", key.removeprefix("{" + head + "cut:").removesuffix("}:owner"))
        elif (what := key.removeprefix(head).partition(":")[0]) in ("cut", "held") and key.startswith(f"{head}{what}:"):
            found = _of_a_partition(what, key.removeprefix(f"{head}{what}:"))
        else:
            found = Key(what) if (what := key.removeprefix(head)) in SINGLE else None
        return found if found is not None and self.build(found) == key else None

    def _formed(self, home: str, what: str, *rest: str) -> str:
        parts = [_encoded(part, safe="@") for part in rest[:-1]] + [_encoded(part) for part in rest[-1:]]
        return ":".join((f"{self.namespace}:{{{_encoded(home)}}}", what, *parts))


def _of_a_home(tagged: str) -> Key | None:
    home, _, named = tagged.partition("}:")
    what, _, rest = named.partition(":")
    number = OF_HOME.get(what)
    parts = rest.split(":", number - 1) if number else []
    return Key(what, unquote(home), tuple(map(unquote, parts))) if len(parts) == number else None


def _of_a_partition(what: str, place: str) -> Key | None:
    stage, _, partition = place.partition(":")
    return Key(what, rest=(unquote(stage), partition)) if partition.isdecimal() else None


def other_layout(held: str | None) -> str | None:
    """For a reader, with the text of the key `layout`: the line that says why it must not read on.

    None where all is well: the layout is ours, or nothing has been published yet.
    """
    if held is None or held == str(LAYOUT):
        return None
    return f"Redis holds keys of layout {held}, and this release reads layout {LAYOUT}: use the release of the workers"


@lru_cache(maxsize=65_536)
def _encoded(part: str, safe: str = ":@") -> str:
    return quote(part, safe=safe)
