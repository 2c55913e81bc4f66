"""Copies of organisation records in a facts or parts log: each is applied once, and kept in the state."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.kernel.stage import Record as StageRecord
from pipeline.kernel.state_keys import ORG
from pipeline.kernel.store import Store
from pipeline.organisation.organisation import Organisation, Record, is_there
from schemas import blocks, control, copies
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

    def said(self, field: str) -> set[str]:
        """What the field says after the change, and what it said before; nothing of one that says nothing."""
        return {record[field] for record in (self.old, self.new) if record and record.get(field)}

    @property
    def is_there_otherwise(self) -> bool:
        """Whether what the record is of came to be with the change, or ceased to be."""
        return is_there(self.old) != is_there(self.new)


Copy = tuple[str, Record | None]
"""The subject of an organisation record, and the whole of it; None where it is gone."""


def is_copy(headers: Sequence[tuple[str, bytes]]) -> bool:
    """Whether a record with these headers is a copy of an organisation record, or a block of them."""
    return control_kind(headers) in (ORG_KIND, BLOCK)


Refuse = Callable[[StageRecord, ValueError], None]
"""Called with a record that is, or holds, no copy of an organisation record, and why."""


def end(_: StageRecord, why: ValueError) -> None:
    """Raises: in a log that none but the pipeline writes to, a copy that is none is a record of a stranger."""
    raise why


Require = Callable[[StageRecord, Control | Block], None]
"""Called with what a record says; raises ValueError where that cannot come from where it says."""


def anything(_: StageRecord, __: Control | Block) -> None:
    """For a log that none but the pipeline writes to."""


class OrganisationCopies:
    """Keeps an organisation equal to the copies in one log. Positions are kept in the scalar `copies`."""

    def __init__(
        self, store: Store, organisation: Organisation, refuse: Refuse = end, require: Require = anything
    ) -> None:
        self._store = store
        self._organisation = organisation
        self._refuse = refuse
        self._require = require

    def restore(self, now_ms: int, entries: Iterable[tuple[bytes, Record]]) -> Iterator[int]:
        """Called once the store was read: give the organisation everything it had, record by record.

        Yields how much work each was: the caller lets others have their turn, and comes to the end.
        """
        self._organisation.now_ms = max(now_ms, 0)
        self._organisation.schedule.due(self._organisation.now_ms)
        for key, payload in entries:
            self._organisation.put(key[1:].decode(), payload)
            yield 1

    def apply(self, record: StageRecord) -> Iterator[Change]:
        """Take in one copy or a block of them, and give what it changes, as soon as that is put.

        A replay is dropped by its origin position, a copy sent again by its payload: most that come are of the latter.
        Of a block all that is right is taken in; what is wrong in it is refused once.
        """
        try:
            said, found = _read(record)
            self._require(record, said)
        except ValueError as why:
            self._refuse(record, why)
            return
        if not self._first_time(said):
            return
        news = [(subject, payload) for subject, payload in found if self._organisation.get(subject) != payload]
        for subject, payload in self._right(record, news):
            old = self._organisation.get(subject)
            if payload != old:
                self._put(subject, payload)
                yield Change(subject, old, payload)

    def _right(self, record: StageRecord, news: Sequence[Copy]) -> list[Copy]:
        """Those that can be a record of their subject; the record is refused for the others."""
        right, wrong = [], None
        for subject, payload in news:
            try:
                copies.check(subject, payload)
            except ValueError as why:
                wrong = why
            else:
                right.append((subject, payload))
        if wrong is not None:
            self._refuse(record, wrong)
        return right

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


def _read(record: StageRecord) -> tuple[Control | Block, Sequence[Copy]]:
    """What a record is, and the copies it holds; ValueError where it is neither a copy nor a block of them."""
    value = record.value or b""
    if control_kind(record.headers) == BLOCK:
        block = blocks.unpack(value)
        return block, block.records()
    copy = control.unpack(value)
    copies.check(copy.subject, copy.payload)
    return copy, [(copy.subject, copy.payload)]
