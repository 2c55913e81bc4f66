"""Parts: a child scope's changed panes, absolute, for a larger scope (msgpack, version 1)."""

import msgspec

from schemas.facts import Measures
from schemas.integers import encoded, read_extension


class Pane(msgspec.Struct, array_like=True, frozen=True):
    """One pane of `child` as it stands at `offset` of the facts log; empty measures take it back.

    `home` is the larger scope that takes it in (`company`, `group:emea`, `rep:7`), `child` the scope it belongs to
    (`team:north`, `rep:7@north`). A day and no minute is a day pane, a minute and no day a minute pane, neither the
    standing pane. Of two records of one pane the one with the higher `(generation, offset)` holds. A pane too long for
    one record comes in several: the first as any pane, each later `piece`, numbered, with measures to add to it.
    `changed_ms` is now of its last change, `first_ms` of the first one of a day pane.
    """

    home: str
    child: str
    day: int | None
    minute: int | None
    offset: int
    changed_ms: int
    measures: Measures
    piece: int = 0
    first_ms: int = 0


class Parts(msgspec.Struct, array_like=True, frozen=True):
    """One record of the parts topic: `partition` and `generation` are those of the scoreboard that sent it."""

    version: int
    partition: int
    generation: int
    now_ms: int
    panes: list[Pane]


_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(Parts)
_decode_wide = msgspec.msgpack.Decoder(ext_hook=read_extension).decode


def pack(parts: Parts) -> bytes:
    """The wire form."""
    return encoded(_encode, parts)


def unpack(value: bytes) -> Parts:
    """Read what `pack` wrote; msgspec.MsgspecError or ValueError for anything else."""
    try:
        parts = _decoder.decode(value)
    except msgspec.ValidationError:  # As with facts: sums beyond 64 bits, or no parts at all.
        parts = msgspec.convert(_decode_wide(value), Parts)
    if parts.version != 1:
        raise ValueError(f"parts of version {parts.version}, this program knows 1")
    return parts
