"""An object as its events and links tell it: a call, a deal, a lead, a team."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from pipeline.ledger import histories, registers
from pipeline.ledger.histories import History, Timeline
from pipeline.ledger.registers import Registers
from pipeline.ledger.versions import Version
from pipeline.organisation.days import DAY_MS

HISTORY_FIELDS: Mapping[str, frozenset[str]] = {
    "deal": frozenset({"stage_id", "owner_id", "amount_minor", "currency", "expected_close_on"}),
}
"""Fields kept as histories, by kind of object; all others are registers."""
LIFE = "life"
"""The register of deletion and merge: `live`, `deleted`, or `into:<id>`."""
MENTIONED = "mentioned"
"""The register of an event that says nothing but that there is such an object."""

Links = dict[str, dict[str, tuple[int, Any]]]
"""What other objects say of this one: kind of link, key of the origin, (append time ms, payload)."""
_Form = tuple[
    list[Version],
    dict[str, tuple[int, Any]],
    dict[str, list[tuple[int, Any, str | None]]],
    Links,
    int,
]

_encode: Callable[[Any], bytes] = msgspec.msgpack.Encoder(order="sorted").encode
_decode: Callable[[bytes], _Form] = msgspec.msgpack.Decoder(_Form).decode


class Object:
    """One object: registers, histories and links, merged in any order to the same result.

    `values` are those of the registers.
    `heard_day` is the day (append time, UTC, since 1970) on which an event of it last came, kept for deals only.
    """

    __slots__ = ("_timelines", "course", "heard_day", "histories", "key", "kind", "links", "registers", "values")

    def __init__(self, key: str) -> None:
        self.key = key
        self.kind = key.partition(":")[0]
        self.registers: Registers = {}
        self.values: dict[str, Any] = {}
        self.histories: dict[str, History] = {}
        self.links: Links = {}
        self.heard_day = 0
        self.course: Any = None
        self._timelines: dict[str, Timeline] = {}

    def merge(self, version: Version, changes: Mapping[str, Any], corrects: str | None, heard_ms: int) -> bool:
        """Take in one event's changes; True when the object is another one now."""
        self.course, self._timelines = None, {}
        kept = HISTORY_FIELDS.get(self.kind)
        if kept is None:
            return registers.merge(self.registers, self.values, version, changes)
        others = {field: value for field, value in changes.items() if field not in kept}
        changed = registers.merge(self.registers, self.values, version, others)
        for field in kept & changes.keys():
            entry = (version, changes[field], corrects)
            changed |= histories.insert(self.histories.setdefault(field, []), entry)
        if heard_ms // DAY_MS > self.heard_day:
            self.heard_day = heard_ms // DAY_MS
            changed = True
        return changed

    def link(self, kind: str, origin: str, append_ms: int, payload: Any) -> bool:
        """Take in what `origin` says now, None when it takes it back; True when that is something else."""
        known = self.links.get(kind, {}).get(origin)
        if (known[1] if known else None) == payload:
            return False
        if payload is not None:
            self.links.setdefault(kind, {})[origin] = (append_ms, payload)
            return True
        del self.links[kind][origin]
        if not self.links[kind]:
            del self.links[kind]
        return True

    def get(self, field: str) -> Any:
        """The value of a register; None where absent or cleared."""
        return self.values.get(field)

    def timeline(self, field: str) -> Timeline:
        """What held from when on, of a field that is kept as a history."""
        known = self._timelines.get(field)
        if known is None:
            known = self._timelines[field] = histories.timeline(self.histories.get(field, []))
        return known

    @property
    def live(self) -> bool:
        """Whether it has events of its own and is neither deleted nor merged into another one."""
        return bool(self.registers or self.histories) and self.values.get(LIFE, "live") == "live"

    @property
    def merged_into(self) -> str | None:
        """The key of the object that goes on in its place."""
        life = self.values.get(LIFE)
        return f"{self.kind}:{life[5:]}" if life is not None and life.startswith("into:") else None

    @property
    def newest_ms(self) -> int:
        """Event time of its newest event, or append time of its newest link."""
        events = [version[0] for version, _ in self.registers.values()]
        entries = [history[-1][0][0] for history in self.histories.values()]
        linked = [append_ms for origins in self.links.values() for append_ms, _ in origins.values()]
        return max(events + entries + linked, default=0)


def encode(item: Object) -> bytes:
    """The stored form: msgpack, each version once. Equal objects have equal bytes."""
    versions = {version for version, _ in item.registers.values()}
    for history in item.histories.values():
        versions.update(entry[0] for entry in history)
    ordered = sorted(versions)
    number = {version: index for index, version in enumerate(ordered)}
    return _encode(
        (
            ordered,
            {field: (number[version], value) for field, (version, value) in item.registers.items()},
            {f: [(number[v], value, c) for v, value, c in history] for f, history in item.histories.items()},
            item.links,
            item.heard_day,
        )
    )


def decode(key: str, form: bytes) -> Object:
    """Read what `encode` wrote."""
    versions, plain, kept, links, heard_day = _decode(form)
    item = Object(key)
    item.registers = {field: (versions[index], value) for field, (index, value) in plain.items()}
    item.values = {field: value for field, (_, value) in plain.items()}
    item.histories = {f: [(versions[i], value, c) for i, value, c in entries] for f, entries in kept.items()}
    item.links = links
    item.heard_day = heard_day
    return item
