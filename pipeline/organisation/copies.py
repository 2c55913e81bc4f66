"""Copies of organisation records in a facts or parts log: each is applied once, and kept in the state."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.kernel.stage import Record as StageRecord
from pipeline.kernel.state_keys import ORG
from pipeline.kernel.store import Store
from pipeline.organisation.organisation import Organisation, Record
from schemas import blocks, control
from schemas.blocks import Block
from schemas.control import BLOCK, Control, Position, control_kind
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
    """Whether a record with these headers is a copy of an organisation record, or a block of them."""
    return control_kind(headers) in (ORG_KIND, BLOCK)


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

    def apply(self, record: StageRecord) -> Iterator[Change]:
        """Take in one copy or a block of them, and give what it changes, as soon as that is put.

        A replay is dropped by its origin position, a copy sent again by its payload: most that come are of the latter.
        """
        value = record.value or b""
        if control_kind(record.headers) == BLOCK:
            block = blocks.unpack(value)
            copies: Iterable[tuple[str, Record | None]] = block.records() if self._first_time(block) else ()
        else:
            copy = control.unpack(value)
            copies = [(copy.subject, copy.payload)] if self._first_time(copy) else ()
        for subject, payload in copies:
            old = self._organisation.get(subject)
            if payload != old:
                self._put(subject, payload)
                yield Change(subject, old, payload)

    def _first_time(self, said: Control | Block) -> bool:
        positions = self._store.scalars.setdefault("copies", {})
        origin = f"{said.topic}/{said.partition}"
        if origin in positions and said.position <= Position(*positions[origin]):
            return False
        positions[origin] = [said.position.offset, said.position.part]
        return True

    def _put(self, subject: str, payload: Record | None) -> None:
        key = ORG + subject.encode()
        if payload is None:
            self._store.delete(key)
        else:
            self._store.put(key, payload)
        self._organisation.put(subject, payload)
