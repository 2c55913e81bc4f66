"""The life of alerts, as state: each is open or resolved, and stays under its id until it happens again."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipeline.kernel.state_keys import ALERT
from pipeline.kernel.store import Store
from schemas.alerts import Alert, Kind, ResolvedBy


class AlertBook:
    """All alerts of one partition. `calendar_version` is of the calendar by which alerts open now.

    An entry is `[kind, scope, home, opened_ms, resolved_ms, reason, offset, calendar_version, resolved_by]`.
    """

    def __init__(self, store: Store, calendar_version: str) -> None:
        self._store = store
        self._calendar_version = calendar_version
        self._open: set[str] = set()
        self._changed: set[str] = set()
        self._since: dict[str, int] = {}
        """All alerts, with the position at which each changed."""

    def restore(self, entries: Iterable[tuple[bytes, list[Any]]]) -> None:
        """Called once the store was read, with what it has of alerts."""
        for key, entry in entries:
            id_ = key[1:].decode()
            self._since[id_] = entry[6]
            if entry[4] is None:
                self._open.add(id_)

    @property
    def any_open(self) -> bool:
        """Whether any alert is open."""
        return bool(self._open)

    def open_ids(self) -> list[str]:
        """The ids of the open alerts, sorted."""
        return sorted(self._open)

    def is_open(self, id_: str) -> bool:
        """Whether an alert is open."""
        return id_ in self._open

    def open(self, kind: Kind, scope: str, home: str, now_ms: int, reason: Mapping[str, int], offset: int) -> None:
        """Open an alert; one that is open already stays as it is."""
        id_ = f"{kind}:{scope}"
        if id_ not in self._open:
            self._open.add(id_)
            self._put(id_, [kind, scope, home, now_ms, None, dict(reason), offset, self._calendar_version, None])

    def resolve(self, id_: str, now_ms: int, offset: int, by: ResolvedBy = "activity") -> None:
        """Resolve an alert, if it is open, and say by what."""
        if id_ in self._open:
            self._open.discard(id_)
            kind, scope, home, opened_ms, _, reason, _, calendar_version, _ = self._store.get(ALERT + id_.encode())
            self._put(id_, [kind, scope, home, opened_ms, now_ms, reason, offset, calendar_version, by])

    def reason(self, id_: str) -> Mapping[str, int]:
        """The numbers that an alert is based on."""
        found: Mapping[str, int] = self._store.get(ALERT + id_.encode())[5]
        return found

    def alerts(self, generation: int) -> list[Alert]:
        """The open alerts, by id."""
        return [self._alert(id_, generation) for id_ in sorted(self._open)]

    def take(self, generation: int) -> list[Alert]:
        """The alerts that opened or were resolved since they were last taken, by id."""
        changed, self._changed = self._changed, set()
        return [self._alert(id_, generation) for id_ in sorted(changed)]

    def marking_since(self, offset: int | None) -> Iterator[int]:
        """Take again what changed after a position; None: all. Yields how much work that was."""
        self._changed.update(id_ for id_, changed in self._since.items() if offset is None or changed > offset)
        yield 1

    def _put(self, id_: str, entry: list[Any]) -> None:
        self._store.put(ALERT + id_.encode(), entry)
        self._since[id_] = entry[6]
        self._changed.add(id_)

    def _alert(self, id_: str, generation: int) -> Alert:
        entry = self._store.get(ALERT + id_.encode())
        kind, scope, home, opened_ms, resolved_ms, reason, offset, calendar_version, resolved_by = entry
        return Alert(
            id=id_, kind=kind, scope=scope, home=home, opened_ms=opened_ms, resolved_ms=resolved_ms,
            resolved_by=resolved_by, reason=reason, calendar_version=calendar_version, version=[generation, offset],
        )  # fmt: skip
