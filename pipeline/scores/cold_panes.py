"""Cold panes: those of days and minutes that hardly change any more, packed into bytes until they do.

A pane of 17 measures takes 110 bytes so and 900 as lists and dicts. The bytes are msgpack,
`[offset, changed_ms, first_ms or nil, {number or name: value}, …]`: what stands behind the measures is the owner's.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from pipeline.scores.measure_numbers import NUMBERED, NUMBERS
from schemas.integers import encoded, read_extension

Pane = list[Any]
"""`[offset, changed_ms, {measure: int}]`: position and now of the last change, and the measures that are not zero.

A pane of a day has a fourth, now of its first change. A pane that became empty stays until it expires, so that its
changes are known.
"""
Kept = Pane | bytes
"""A pane as it is kept: warm, or packed."""
Measures = dict[str, int]

WARM_MINUTES = 15
"""A minute that is older than this is cold, a day before yesterday too: what comes for it later unpacks it for once."""


class _Packed(msgspec.Struct, array_like=True, gc=False):
    offset: int
    changed_ms: int
    first_ms: int | None
    measures: dict[int | str, int]


class _Head(msgspec.Struct, array_like=True, gc=False):
    offset: int
    changed_ms: int
    first_ms: int | None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Packed).decode
_decode_wide = msgspec.msgpack.Decoder(ext_hook=read_extension).decode
_decode_head = msgspec.msgpack.Decoder(_Head).decode
_decode_all = msgspec.msgpack.Decoder(ext_hook=read_extension, strict=False).decode
_NAMES: dict[int | str, Any] = dict(enumerate(NUMBERED))


def pack(pane: Pane, *behind: int) -> bytes:
    """A warm pane as bytes, with what its owner keeps behind it."""
    measures = {NUMBERS.get(name, name): value for name, value in pane[2].items()}
    return encoded(_encode, [pane[0], pane[1], pane[3] if len(pane) > 3 else None, measures, *behind])


def unpack(packed: bytes) -> Pane:
    """The warm pane that `pack` made bytes of, without what stood behind it."""
    found = _read(packed)
    pane = [found.offset, found.changed_ms, _named(found.measures)]
    if found.first_ms is not None:
        pane.append(found.first_ms)
    return pane


def _read(packed: bytes) -> _Packed:
    try:
        return _decode(packed)
    except msgspec.ValidationError:  # Sums beyond 64 bits are rare.
        return _Packed(*_decode_wide(packed)[:4])


def _named(numbered: dict[int | str, int]) -> Measures:
    named = _NAMES.get
    return {named(number, number): value for number, value in numbered.items()}


def merge(into: dict[Any, int], measures: Mapping[Any, int]) -> None:
    """Add measures to measures; those that become zero are dropped."""
    for name, value in measures.items():
        if name in into:
            total = into[name] + value
            if total:
                into[name] = total
            else:
                del into[name]
        elif value:
            into[name] = value


def sum_of(panes: Iterable[Kept]) -> Measures:
    """The sum of the measures of panes, however each is kept."""
    numbered: dict[int | str, int] = {}
    warm_ones = []
    for kept in panes:
        if isinstance(kept, bytes):
            merge(numbered, _read(kept).measures)
        else:
            warm_ones.append(kept)
    found = _named(numbered)
    for pane in warm_ones:
        merge(found, pane[2])
    return found


def together(panes: Sequence[Kept]) -> Pane:
    """The sum of panes, to be read, with the last offset and change of them, and the first change of a day."""
    packed = [_read(kept) for kept in panes if isinstance(kept, bytes)]
    others = [kept for kept in panes if isinstance(kept, list)]
    offset = max([each.offset for each in packed] + [each[0] for each in others])
    changed_ms = max([each.changed_ms for each in packed] + [each[1] for each in others])
    first_ms = [each.first_ms for each in packed if each.first_ms is not None] + [
        each[3] for each in others if each[3:]
    ]
    return [offset, changed_ms, sum_of(panes), *([min(first_ms)] if first_ms else [])]


def packed_together(panes: Sequence[Kept]) -> Kept:
    """The sum of panes of one slot, packed if all of them are; of one pane it is that pane, or a copy."""
    packed = [kept for kept in panes if isinstance(kept, bytes)]
    if len(packed) < len(panes):
        return together(panes)
    if len(packed) == 1:
        return packed[0]
    read = [_read(kept) for kept in packed]
    sums = read[0].measures
    for each in read[1:]:
        merge(sums, each.measures)
    first_ms = min([each.first_ms for each in read if each.first_ms is not None], default=None)
    last = [max([each.offset for each in read]), max([each.changed_ms for each in read])]
    return encoded(_encode, [*last, first_ms, sums])


def behind(packed: bytes) -> list[int]:
    """What the owner keeps behind a packed pane."""
    found: list[int] = _decode_all(packed)[4:]
    return found


def warm(kept: Kept) -> Pane:
    """A pane to be read, however it is kept."""
    return unpack(kept) if isinstance(kept, bytes) else kept


def measures_of(kept: Kept) -> Measures:
    """The measures of a pane, to be read."""
    found: Measures = warm(kept)[2]
    return found


def offset_of(kept: Kept) -> int:
    """The position of the last change of a pane."""
    return _decode_head(kept).offset if isinstance(kept, bytes) else int(kept[0])


def first_ms_of(kept: Kept) -> int:
    """Now of the first change of a pane of a day."""
    if isinstance(kept, bytes):
        first_ms = _decode_head(kept).first_ms
        assert first_ms is not None
        return first_ms
    return int(kept[3])
