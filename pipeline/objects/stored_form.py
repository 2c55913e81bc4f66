"""The stored form of an object: msgpack, each version and each field's name once, names as numbers."""

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

import msgspec

from pipeline.objects.block_index import Address, BlockIndex, Runs, numbers_in, runs_of
from pipeline.objects.field_numbers import COMMON, Numbers
from pipeline.objects.firsts import Told
from pipeline.objects.histories import History
from pipeline.objects.object import Links, Object
from pipeline.objects.versions import Version

MOST_SHAPES = 4096

Names = bytes | list[int | str]
"""The names of some fields in order: bytes where all are numbered, else a list in which some are as they are."""


_StoredVersion = tuple[Any, ...]
"""(event time ms, sequence, source, digest of the id, digest of the bytes), and `ingested` where there is one."""
_Entry = tuple[Names, list[Any], _StoredVersion, int | None]


class _Form(msgspec.Struct, array_like=True, gc=False):
    names: Names
    values: list[Any]
    version: _StoredVersion | None
    older: dict[str, _StoredVersion] = {}
    history: list[_Entry] = []
    links: Links = {}
    heard_day: int = 0
    history_blocks: Runs = []
    link_blocks: Runs = []


_encode_into: Callable[[Any, bytearray], None] = msgspec.msgpack.Encoder(order="sorted").encode_into
_encoded = bytearray()
_decode: Callable[[bytes], _Form] = msgspec.msgpack.Decoder(_Form).decode
_decode_entries: Callable[[bytes], list[_Entry]] = msgspec.msgpack.Decoder(list[_Entry]).decode
_decode_links: Callable[[bytes], list[tuple[str, str, int, Any]]] = msgspec.msgpack.Decoder(
    list[tuple[str, str, int, Any]]
).decode


def _encode(value: Any) -> bytes:
    """The bytes alone: those that an encoder gives keep some of the room that it took for them, as long as they are."""
    _encode_into(value, _encoded)
    return bytes(_encoded)


def _stored(version: Version | None) -> _StoredVersion | None:
    """A version as it is stored: `ingested`, which most events do not tell, takes no byte without being told."""
    if version is None:
        return None
    told = version[:2] + version[3:]
    return (*told, version[2]) if version[2] else told


def _stored_each(older: Mapping[str, Version]) -> Mapping[str, _StoredVersion | None]:
    return {field: _stored(version) for field, version in older.items()} if older else older


def _version(stored: _StoredVersion) -> Version:
    time_ms, sequence, source, event_id, value, *ingested = stored
    return (time_ms, sequence, ingested[0] if ingested else 0, source, event_id, value)


class ObjectForm:
    """Writes and reads the objects of one kind, whose fields have these numbers."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self._names: Mapping[int | str, str] = {number: name for name, number in numbers.items()}
        self._shapes: dict[tuple[str, ...], tuple[Names, Callable[[Mapping[str, Any]], tuple[Any, ...]]]] = {}

    def encode(self, item: Object) -> bytes:
        """The stored form. Equal objects have equal bytes; what is empty, as it mostly is, is left out at the end."""
        names, values = self._split(item.values)
        if not (item.older or item.history or item.links or item.heard_day):
            return _encode((names, values, _stored(item.version)))
        if item.apart is not None:
            return self._rest(item, item.apart)
        history = self._entries(item.history)
        older = _stored_each(item.older)
        return _encode((names, values, _stored(item.version), older, history, item.links, item.heard_day))

    def _rest(self, item: Object, apart: BlockIndex) -> bytes:
        """The stored form of what is left in an object of which some lies apart."""
        history, links = self._entries(item.history[apart.held :]), nested(apart.near)
        blocks = runs_of(apart.history), runs_of(sorted(apart.members))
        split = self._split(item.values)
        older = _stored_each(item.older)
        return _encode((*split, _stored(item.version), older, history, links, item.heard_day, *blocks))

    def decode(self, item: Object, form: bytes) -> Object:
        """Fill an empty object with what `encode` wrote. KeyError for a number that no field has."""
        read = _decode(form)
        item.values = self._joined(read.names, read.values)
        item.version = None if read.version is None else _version(read.version)
        if read.older:
            item.older = {field: _version(stored) for field, stored in read.older.items()}
        if read.history:
            item.history = self._history(read.history)
        if read.links:
            item.links = read.links
        item.heard_day = read.heard_day
        if read.history_blocks or read.link_blocks:
            item.apart = BlockIndex(item.links)
            item.apart.missing = numbers_in(read.history_blocks), numbers_in(read.link_blocks)
        return item

    def encode_entries(self, history: History) -> bytes:
        """The stored form of a block of a history."""
        return _encode(self._entries(history))

    def decode_entries(self, form: bytes) -> History:
        """Read what `encode_entries` wrote."""
        return self._history(_decode_entries(form))

    def _entries(self, history: History) -> list[tuple[Any, ...]]:
        return [(*self._split(entry), _stored(version), corrects) for version, entry, corrects in history]

    def _history(self, entries: list[_Entry]) -> History:
        return [(_version(stored), self._joined(names, values), c) for names, values, stored, c in entries]

    def _split(self, fields: Mapping[str, Any]) -> tuple[Names, tuple[Any, ...]]:
        """Names and values in one order, whichever the fields came in."""
        given = tuple(fields)
        shape = self._shapes.get(given)
        if shape is None:
            if len(self._shapes) >= MOST_SHAPES:
                self._shapes.clear()
            shape = self._shapes[given] = self._shape_of(given)
        names, values = shape
        return names, values(fields)

    def _shape_of(self, given: tuple[str, ...]) -> tuple[Names, Callable[[Mapping[str, Any]], tuple[Any, ...]]]:
        ordered = sorted(given)
        names: Names = [self._numbers.get(name, name) for name in ordered]
        if all(name in self._numbers for name in ordered):
            names = bytes(self._numbers[name] for name in ordered)
        if len(given) > 1:
            return names, itemgetter(*ordered)
        return names, lambda fields: tuple(fields.values())

    def _joined(self, names: Names, values: list[Any]) -> dict[str, Any]:
        known = self._names
        spelled = [each if isinstance(each, str) else known[each] for each in names]
        return dict(zip(spelled, values, strict=True))


class Forms:
    """Writes and reads objects of some kinds, each with the numbers of its own fields. One of another kind has none."""

    def __init__(self, fields: Mapping[str, Numbers]) -> None:
        self.numbers: Mapping[str, Numbers] = {kind: {**COMMON, **numbers} for kind, numbers in fields.items()}
        self._forms = {kind: ObjectForm(numbers) for kind, numbers in self.numbers.items()}
        self._other = ObjectForm(COMMON)

    def encode(self, item: Object) -> bytes:
        """The stored form of an object of any kind, without what lies apart."""
        return self._forms.get(item.kind, self._other).encode(item)

    def decode(self, key: str, form: bytes) -> Object:
        """Read what `encode` wrote. Of an object in a store only its registers are whole then: see `storage.py`."""
        item = Object(key)
        return self._forms.get(item.kind, self._other).decode(item, form)

    def encode_entries(self, kind: str, history: History) -> bytes:
        """The stored form of a block of the history of an object of this kind."""
        return self._forms.get(kind, self._other).encode_entries(history)

    def decode_entries(self, kind: str, form: bytes) -> History:
        """Read what `encode_entries` wrote."""
        return self._forms.get(kind, self._other).decode_entries(form)


def encode_links(links: Mapping[Address, Told]) -> bytes:
    """The stored form of a block of links; equal links have equal bytes."""
    return _encode([(kind, origin, *told) for (kind, origin), told in sorted(links.items(), key=itemgetter(0))])


def decode_links(form: bytes) -> dict[Address, Told]:
    """Read what `encode_links` wrote."""
    return {(kind, origin): (append_ms, payload) for kind, origin, append_ms, payload in _decode_links(form)}


def nested(links: Mapping[Address, Told]) -> Links:
    """Links by kind, as an object holds them."""
    found: Links = {}
    for (kind, origin), told in links.items():
        found.setdefault(kind, {})[origin] = told
    return found
