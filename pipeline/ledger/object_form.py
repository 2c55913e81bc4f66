"""The stored form of an object: msgpack, each version and each field's name once, names as numbers."""

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

import msgspec

from pipeline.ledger.objects import LIFE, MENTIONED, Links, Object
from pipeline.ledger.versions import Version
from schemas.events import CHANGES

FIELDS = (
    LIFE,
    MENTIONED,
    *dict.fromkeys(name for d in ("crm", "telephony") for model in CHANGES[d].values() for name in model.model_fields),
)
"""The names that have a number, their place here. Others, as of the organisation's zones, are written as they are."""
MOST_SHAPES = 4096

Names = bytes | list[str]
"""The names of some fields in order, numbered where all of them have one."""


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
_NUMBERS = {name: number for number, name in enumerate(FIELDS)}
_shapes: dict[tuple[str, ...], tuple[Names, Callable[[Mapping[str, Any]], tuple[Any, ...]]]] = {}


def encode(item: Object) -> bytes:
    """The stored form. Equal objects have equal bytes; what is empty, as it mostly is, is left out at the end."""
    names, values = _split(item.values)
    if not (item.older or item.history or item.links or item.heard_day):
        return _encode((names, values, item.version))
    history = [(*_split(entry), version, corrects) for version, entry, corrects in item.history]
    return _encode((names, values, item.version, item.older, history, item.links, item.heard_day))


def decode(key: str, form: bytes) -> Object:
    """Read what `encode` wrote."""
    read = _decode(form)
    item = Object(key)
    item.values = _joined(read.names, read.values)
    item.version = read.version
    if read.older:
        item.older = read.older
    if read.history:
        item.history = [(version, _joined(names, values), c) for names, values, version, c in read.history]
    if read.links:
        item.links = read.links
    item.heard_day = read.heard_day
    return item


def _split(fields: Mapping[str, Any]) -> tuple[Names, tuple[Any, ...]]:
    """Names and values in one order, whichever the fields came in."""
    given = tuple(fields)
    shape = _shapes.get(given)
    if shape is None:
        if len(_shapes) >= MOST_SHAPES:
            _shapes.clear()
        shape = _shapes[given] = _shape_of(given)
    names, values = shape
    return names, values(fields)


def _shape_of(given: tuple[str, ...]) -> tuple[Names, Callable[[Mapping[str, Any]], tuple[Any, ...]]]:
    ordered = sorted(given)
    numbered = all(name in _NUMBERS for name in given)
    names: Names = bytes(_NUMBERS[name] for name in ordered) if numbered else ordered
    if len(given) > 1:
        return names, itemgetter(*ordered)
    return names, lambda fields: tuple(fields.values())


def _joined(names: Names, values: list[Any]) -> dict[str, Any]:
    spelled = [FIELDS[number] for number in names] if isinstance(names, bytes) else names
    return dict(zip(spelled, values, strict=True))
