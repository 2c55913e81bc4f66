"""How long measures are on a wire, and how they are cut where they are too long for one record."""

from collections.abc import Iterator, Mapping

MEASURE_BYTES = 12
"""What msgpack adds at most to a measure's name: around it, and for a sum of 64 bits."""
FEW_MEASURES = 200
"""So few need no cutting: names of stages have at most 145 characters."""


def measure_bytes(measures: Mapping[str, int]) -> int:
    """How long measures are, in whatever order; a sum beyond 64 bits is twice as long as it is counted."""
    return sum(map(len, measures)) + MEASURE_BYTES * len(measures)


def cut(measures: dict[str, int], most_bytes: int) -> Iterator[dict[str, int]]:
    """The measures in at least one piece, by name; few of them, or of none, are given as they are."""
    if len(measures) <= FEW_MEASURES:
        yield measures
        return
    held: dict[str, int] = {}
    size = 0
    for name in sorted(measures):
        adds = len(name) + MEASURE_BYTES
        if held and size + adds > most_bytes:
            yield held
            held, size = {}, 0
        held[name] = measures[name]
        size += adds
    yield held
