"""The life of alerts, as state: each stands open or is resolved, and stays under its id until it happens again."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pipeline.alerts.alert_state import Note, standing
from pipeline.alerts.rule import Reason, Rule
from pipeline.kernel.state_keys import ALERT
from pipeline.kernel.store import Store
from schemas.alerts import Alert, Ending

Entry = dict[str, Any]
"""The fields of an alert, but its id, and of its version the offset."""


class AlertBook:
    """All alerts of one partition.

    `calendar_version` is of the calendar by which alerts open now. `note_of` gives what people said of an alert, by its
    id.
    """

    def __init__(self, store: Store, calendar_version: str, note_of: Callable[[str], Note | None]) -> None:
        self._store = store
        self._calendar_version = calendar_version
        self._note_of = note_of
        self._open: dict[str, str] = {}
        """By id of those that are not resolved: the home."""
        self._changed: set[str] = set()
        self._since: dict[str, int] = {}
        """All alerts, with the position at which each changed."""

    def restore(self, entries: Iterable[tuple[bytes, Entry]]) -> None:
        """Called once the store was read, with what it has of alerts."""
        for key, entry in entries:
            id_ = key[1:].decode()
            self._since[id_] = entry["offset"]
            if entry["resolved_ms"] is None:
                self._open[id_] = entry["home"]

    @property
    def any_open(self) -> bool:
        """Whether any alert is open."""
        return bool(self._open)

    def any_of(self, home: str) -> bool:
        """Whether any alert of a home is open."""
        return home in self._open.values()

    def open_ids(self) -> list[str]:
        """The ids of the alerts that are not resolved, sorted."""
        return sorted(self._open)

    def is_open(self, id_: str) -> bool:
        """Whether an alert has opened and is not resolved."""
        return id_ in self._open

    def open(self, rule: Rule, scope: str, home: str, now_ms: int, reason: Reason, offset: int) -> None:
        """Open an alert; one that is open already stays as it is. One that is muted opens muted."""
        id_ = f"{rule.kind}:{scope}"
        if id_ in self._open:
            return
        self._open[id_] = home
        entry = {
            "kind": rule.kind, "rule_version": rule.version, "scope": scope, "home": home, "opened_ms": now_ms,
            "resolved_ms": None, "ending": None, **reason._asdict(), "unit": rule.unit,
            "calendar_version": self._calendar_version,
        }  # fmt: skip
        self._put(id_, entry | standing(self._note_of(id_), now_ms, now_ms)._asdict(), offset)

    def resolve(self, id_: str, now_ms: int, offset: int, ending: Ending) -> None:
        """Resolve an alert, if it is open."""
        if id_ in self._open:
            del self._open[id_]
            self._put(id_, self._entry(id_) | {"state": "resolved", "resolved_ms": now_ms, "ending": ending}, offset)

    def stand(self, now_ms: int, offset: int) -> None:
        """Called once a minute, and when somebody said something of an alert: each is what it is by then."""
        for id_ in self.open_ids():
            entry = self._entry(id_)
            now = standing(self._note_of(id_), entry["opened_ms"], now_ms)._asdict()
            if any(entry[field] != value for field, value in now.items()):
                self._put(id_, entry | now, offset)

    def reason(self, id_: str) -> Reason:
        """What an alert is based on."""
        entry = self._entry(id_)
        return Reason(**{field: entry[field] for field in Reason._fields if field in entry})

    def alerts(self, generation: int) -> list[Alert]:
        """The alerts that are not resolved, by id."""
        return [self._alert(id_, generation) for id_ in sorted(self._open)]

    def take(self, generation: int) -> list[Alert]:
        """The alerts that changed since they were last taken, by id."""
        changed, self._changed = self._changed, set()
        return [self._alert(id_, generation) for id_ in sorted(changed)]

    def marking_since(self, offset: int | None) -> Iterator[int]:
        """Take again what changed after a position; None: all. Yields how much work that was."""
        self._changed.update(id_ for id_, changed in self._since.items() if offset is None or changed > offset)
        yield 1

    def _entry(self, id_: str) -> Entry:
        found: Entry = self._store.get(ALERT + id_.encode())
        return found

    def _put(self, id_: str, entry: Entry, offset: int) -> None:
        self._store.put(ALERT + id_.encode(), entry | {"offset": offset})
        self._since[id_] = offset
        self._changed.add(id_)

    def _alert(self, id_: str, generation: int) -> Alert:
        entry = dict(self._entry(id_))
        return Alert(id=id_, version=[generation, entry.pop("offset")], **entry)
