"""Keys of panes in the state: compact, and sorted by home, scope and time."""

import struct

PANE, FAMILIES, ORG, LINK, ALERT, QUIET = b"p", b"f", b"o", b"l", b"a", b"q"
"""First byte of every key: a pane, the families of a home, an organisation record, links to larger scopes, an alert,
whether a home misses a feed."""

_slot = struct.Struct(">i")


def pane_key(home: str, member: str, slot: int) -> bytes:
    """The key of one pane of a member of a home."""
    return b"".join((PANE, home.encode(), b"\0", member.encode(), b"\0", _slot.pack(slot)))


def read_pane_key(key: bytes) -> tuple[str, str, int]:
    """The home, member and slot of a pane's key."""
    home, member, slot = key[1:].split(b"\0", 2)
    return home.decode(), member.decode(), int(_slot.unpack(slot)[0])
