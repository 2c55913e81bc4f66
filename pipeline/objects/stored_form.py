"""The stored form of an object: msgpack, each version and each field's name once, names as numbers."""

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

import msgspec

from pipeline.objects.field_numbers import COMMON, Numbers
from pipeline.objects.object import Links, Object
from pipeline.objects.versions import Version

MOST_SHAPES = 4096

Names = bytes | list[int | str]
"""The names of some fields in order: bytes where all are numbered, else a list in which some are as they are."""


class _Form(msgspec.Struct, array_like=True, gc=False):
    names: Names
    values: list[Any]
    version: Version | None
    older: dict[str, Version] = {}
    history: list[tuple[Names, list[Any], Version, str | None]] = []
    links: Links = {}
    heard_day: int = 0


_encode: Callable[[Any], bytes] = msgspec.msgpack.Encoder(order="sorted").encode
_decode: Callable[[bytes], _Form] = msgspec.msgpack.Decoder(_Form).decode


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
            return _encode((names, values, item.version))
        history = [(*self._split(entry), version, corrects) for version, entry, corrects in item.history]
        return _encode((names, values, item.version, item.older, history, item.links, item.heard_day))

    def decode(self, item: Object, form: bytes) -> Object:
        """Fill an empty object with what `encode` wrote. KeyError for a number that no field has."""
        read = _decode(form)
        item.values = self._joined(read.names, read.values)
        item.version = read.version
        if read.older:
            item.older = read.older
        if read.history:
            item.history = [(version, self._joined(names, values), c) for names, values, version, c in read.history]
        if read.links:
            item.links = read.links
        item.heard_day = read.heard_day
        return item

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
        """The stored form of an object of any kind."""
        return self._forms.get(item.kind, self._other).encode(item)

    def decode(self, key: str, form: bytes) -> Object:
        """Read what `encode` wrote."""
        item = Object(key)
        return self._forms.get(item.kind, self._other).decode(item, form)
