"""Ids: as a source writes them, any printable text, and as the pipeline keeps them, safe in keys and labels.

A kept id has letters of ASCII, digits, `_`, `.` and `-`. Any other character is kept as the bytes of its UTF-8, `%40`
for `@`, so that two ids never become one and a person can read what was written. An id that would be longer than 64
characters is cut, and ends with `~` and a hash of all of it.
"""

import re
from hashlib import sha256
from urllib.parse import quote, unquote

LONGEST_BYTES = 512
"""Of an id as a source writes it, in UTF-8."""
LONGEST_KEPT = 64
HASH_LETTERS = 20
KEPT_PATTERN = rf"(?=.{{1,{LONGEST_KEPT}}}\Z)(?:[A-Za-z0-9_.-]|%[0-9A-F]{{2}})+(?:~[0-9a-f]{{{HASH_LETTERS}}})?"
"""What a kept id looks like: for checks of what the pipeline itself wrote."""
ALLOWED = f"a text of 1 to {LONGEST_BYTES} bytes without control characters"

PLAIN = re.compile(rf"[A-Za-z0-9_.-]{{1,{LONGEST_KEPT}}}").fullmatch
"""Whether an id is kept as it is written."""
KEPT = re.compile(KEPT_PATTERN).fullmatch
"""Whether an id may be one that is kept already."""
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]").search
"""Control characters and what ends a line: a closed list, so that no release of Unicode changes a verdict."""


def printable(given: str) -> str:
    """The text itself; ValueError for one that is empty, too long or holds control characters."""
    if not given or _UNPRINTABLE(given) or len(given.encode()) > LONGEST_BYTES:
        raise ValueError(f"allowed is {ALLOWED}")
    return given


def kept_id(given: str) -> str:
    """An id as the pipeline keeps it; ValueError for a text that is none."""
    if PLAIN(given):
        return given
    escaped = quote(printable(given), safe="").replace("~", "%7E")
    if len(escaped) <= LONGEST_KEPT:
        return escaped
    digest = sha256(given.encode()).hexdigest()[:HASH_LETTERS]
    return f"{_whole(escaped[: LONGEST_KEPT - HASH_LETTERS - 1])}~{digest}"


def written_id(kept: str) -> str:
    """A kept id as its source writes it; of one that was cut what is left of it, with its hash."""
    return unquote(kept, errors="replace") if "%" in kept else kept


def kept_scope(given: str) -> str:
    """A scope with its ids as they are kept, each written either way: `rep:Zoë@north` is `rep:Zo%C3%AB@north`.

    The last `@` of a rep parts the rep from the team. ValueError for a text that is no scope.
    """
    kind, colon, written = given.partition(":")
    if not colon:
        if given != "company":
            raise ValueError("allowed is company, or a kind and an id, such as team:north")
        return given
    rep, at, team = written.rpartition("@") if kind == "rep" else ("", "", written)
    return f"{kind}:{_kept(rep)}@{_kept(team)}" if at else f"{kind}:{_kept(team)}"


def _kept(given: str) -> str:
    return given if KEPT(given) else kept_id(given)


def _whole(cut: str) -> str:
    """Without the beginning of an escape that was cut in its middle."""
    at = cut.rfind("%")
    return cut[:at] if at >= len(cut) - 2 and at >= 0 else cut
