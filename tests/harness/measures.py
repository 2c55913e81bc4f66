"""All measures: those that many kinds count, and those that one kind has of its own."""

import zlib

from pipeline import measures
from pipeline.kinds import KINDS

SHARED = sorted({value for name, value in vars(measures).items() if name.isupper()} - {"unassigned", "company"})
OWN = sorted(name for kind in KINDS for name in kind.measures)


def amounts() -> dict[str, int]:
    """Each measure once, with some amount; what a measure of one kind has depends on its name alone."""
    named = {":": "default:new", "~": "12"}
    shared = {stem + named.get(stem[-1], ""): (7 * number + 3) % 11 + 1 for number, stem in enumerate(SHARED)}
    return {**shared, **{name + named.get(name[-1], ""): zlib.crc32(name.encode()) % 11 + 1 for name in OWN}}
