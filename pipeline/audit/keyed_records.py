"""What a compacted topic has of each key, as the audit reads it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

Record = Mapping[str, Any]


class KeyedRecord(Protocol):
    """A record as Kafka clients give it."""

    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...


def latest(
    records: Iterable[KeyedRecord], read: Callable[[str | bytes], Record | None], ids: str | tuple[str, ...] = ""
) -> dict[str, Record]:
    """By key, sorted: the record with the highest version, of equal ones the later. None of which the last is no more.

    `read` gives a record with its `version`, None of what is none. Only keys that begin with `ids` are looked at.
    """
    found: dict[str, Record] = {}
    for record in records:
        id_ = (record.key or b"").decode()
        if not id_.startswith(ids):
            continue
        if record.value is None:
            found.pop(id_, None)
            continue
        held = read(record.value)
        if held is not None and (id_ not in found or held["version"] >= found[id_]["version"]):
            found[id_] = held
    return dict(sorted(found.items()))
