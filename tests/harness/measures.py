"""All measures: those that many kinds count, and those that one kind has of its own."""

import zlib

from pipeline import measures
from pipeline.kinds import KINDS

SHARED = sorted({value for name, value in vars(measures).items() if name.isupper()} - {"unassigned", "company"})
OWN = sorted(name for kind in KINDS for name in kind.measures)


def amounts() -> dict[str, int]:
    """Each measure once, with some amount, which depends on its name alone: a new measure changes no other."""
    named = {":": "default:new", "~": "12"}
    return {stem + named.get(stem[-1], ""): zlib.crc32(stem.encode()) % 11 + 1 for stem in (*SHARED, *OWN)}
