"""Facts: what changed, as signed cells, packed per batch and destination partition (msgpack, version 1)."""

import msgspec

from schemas.integers import encoded, read_extension

_encode = msgspec.msgpack.Encoder().encode

Measures = dict[str, int]
Cell = tuple[str, str, int | None, int | None, Measures]
"""(team, rep, local day, minute, signed measures); see docs/architecture.md for days and minutes that are None."""


class Entry(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One part of what one source offset changed for one destination. `last` closes the offset."""

    offset: int
    part: int
    last: bool
    cells: list[Cell]


class Facts(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One record of the facts topic. Clock and feeds are maxima, so they need no position.

    `now_ms` is the largest append time of a source record so far; `feeds` maps a source system to the latest append
    time at which it was heard, `served` to the teams whose figures it changed, with the latest such append time.
    """

    version: int
    topic: str
    partition: int
    now_ms: int
    feeds: dict[str, int]
    entries: list[Entry]
    served: dict[str, dict[str, int]] = {}


_decoder = msgspec.msgpack.Decoder(Facts)
_decode_wide = msgspec.msgpack.Decoder(ext_hook=read_extension).decode


def pack(facts: Facts) -> bytes:
    """The wire form."""
    return encoded(_encode, facts)


def unpack(value: bytes) -> Facts:
    """Read what `pack` wrote; msgspec.MsgspecError or ValueError for anything else."""
    try:
        facts = _decoder.decode(value)
    except msgspec.ValidationError:  # Sums beyond 64 bits are rare; whatever else it is, this says.
        facts = msgspec.convert(_decode_wide(value), Facts)
    if facts.version != 1:
        raise ValueError(f"facts of version {facts.version}, this program knows 1")
    return facts
