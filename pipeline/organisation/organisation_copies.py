"""Copies of organisation records in a facts or parts log: each is applied once, and kept in the state."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.engine.store import Store
from pipeline.organisation.organisation import Organisation, Record
from pipeline.scores.pane_keys import ORG
from schemas.control import KIND_HEADER, Position, unpack
from schemas.control import ORG as ORG_KIND


@dataclass(frozen=True, slots=True)
class Change:
    """What a copy changed: the record of `subject` (`team:north`) before and after it, None where there is none."""

    subject: str
    old: Record | None
    new: Record | None

    def differs(self, *fields: str) -> bool:
        """Whether one of these fields did not have the same value before."""
        return any((self.old or {}).get(field) != (self.new or {}).get(field) for field in fields)

    @property
    def is_there_otherwise(self) -> bool:
        """Whether the record came to be with the change, or ceased to be."""
        return (self.old is None) != (self.new is None)


def is_copy(headers: Sequence[tuple[str, bytes]]) -> bool:
    """Whether a record with these headers is a copy of an organisation record."""
    return any(name == KIND_HEADER and kind == ORG_KIND for name, kind in headers)


class OrganisationCopies:
    """Keeps an organisation equal to the copies in one log. Positions are kept in the scalar `copies`."""

    def __init__(self, store: Store, organisation: Organisation) -> None:
        self._store = store
        self._organisation = organisation

    def restore(self, now_ms: int) -> None:
        """Called once the store was read: give the organisation everything it had."""
        self._organisation.now_ms = max(now_ms, 0)
        self._organisation.schedule.due(self._organisation.now_ms)
        for key, payload in self._store.items(ORG):
            self._organisation.put(key[1:].decode(), payload)

    def apply(self, value: bytes) -> Change | None:
        """Take in one copy; None if it changes nothing.

        A replay is dropped by its origin position, a copy sent again by its payload: most that come are of the latter.
        """
        control = unpack(value)
        positions = self._store.scalars.setdefault("copies", {})
        origin = f"{control.topic}/{control.partition}"
        if origin in positions and control.position <= Position(*positions[origin]):
            return None
        positions[origin] = [control.position.offset, control.position.part]
        key = ORG + control.subject.encode()
        payload, old = control.payload, self._organisation.get(control.subject)
        if payload == old:
            return None
        if payload is None:
            self._store.delete(key)
        else:
            self._store.put(key, payload)
        self._organisation.put(control.subject, payload)
        return Change(control.subject, old, payload)
