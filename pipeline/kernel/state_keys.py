"""Keys in the state of a board, by their first byte; those of panes are compact, sorted by home, scope and time."""

import struct

PANE, MEASURES, ORG, ANCESTORS, ALERT, QUIET, GONE, REDRAWN = b"p", b"m", b"o", b"l", b"a", b"q", b"g", b"r"
FEED, FEED_TEAM = b"f", b"t"
HOURS = b"h"
RECOGNISED, CONTEST_DAY, ACHIEVED = b"w", b"c", b"n"
STRETCHES = b"s"
"""First byte of every key: a pane, the measures of a home, an organisation record, links to larger scopes, an alert,
whether a home misses a feed, a window that is gone, a home whose windows all begin at other instants; a feed, and a
team that it serves; a day of a member's activities by the quarter-hour; what was told of recognition, and what
counts on a day for somebody who takes part in a contest, and the total of somebody whose bests or milestones are
told, or what was told of days that are gone; an hour of a member's timeline."""

_slot = struct.Struct(">i")


def pane_prefix(home: str, member: str) -> bytes:
    """What the keys of all panes of a member of a home begin with."""
    return b"".join((PANE, home.encode(), b"\0", member.encode(), b"\0"))


def pane_key(prefix: bytes, slot: int) -> bytes:
    """The key of one pane."""
    return prefix + _slot.pack(slot)


def hours_key(prefix: bytes, day: int) -> bytes:
    """The key of a day of activities by the quarter-hour, of a member whose keys of panes begin with `prefix`."""
    return HOURS + prefix[1:] + _slot.pack(day)


def stretches_key(prefix: bytes, hour: int) -> bytes:
    """The key of an hour of the timeline of a member whose keys of panes begin with `prefix`, by its first minute."""
    return STRETCHES + prefix[1:] + _slot.pack(hour)


def contest_day_key(child: str, day: int) -> bytes:
    """The key of a day of somebody who takes part in a contest."""
    return b"".join((CONTEST_DAY, child.encode(), b"\0", _slot.pack(day)))


def read_contest_day_key(key: bytes) -> tuple[str, int]:
    """Who took part, and the day."""
    return key[1:-5].decode(), int(_slot.unpack_from(key, len(key) - 4)[0])


def cut_pane_key(key: bytes) -> tuple[bytes, int]:
    """What the key of a pane begins with, and its slot."""
    return key[:-4], int(_slot.unpack_from(key, len(key) - 4)[0])


def read_pane_prefix(prefix: bytes) -> tuple[str, str]:
    """The home and member of what the keys of panes begin with."""
    home, member, _ = prefix[1:].split(b"\0", 2)
    return home.decode(), member.decode()
