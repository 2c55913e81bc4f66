"""Parts of a change: its cells, cut by number and by bytes, so that no record of facts is more than a broker takes."""

from collections.abc import Iterable, Iterator

from schemas.facts import Cell, Entry, Measures

PART_BYTES = 64 * 1024
"""A part is closed before it holds more; a cell that alone holds more is cut by its measures."""
RECORD_BYTES = 300 * 1024
"""A record is closed before its parts hold more: less than a third of what a broker takes."""
ENTRY_BYTES, CELL_BYTES, MEASURE_BYTES = 16, 32, 12
"""What msgpack adds at most around a part, around the names in a cell, and to a measure's name."""
FEW_MEASURES = 200
"""A cell of no more needs no cutting: names of stages have at most 145 characters."""


def cell_bytes(cell: Cell) -> int:
    """How long a cell is when it is encoded, at most: in whatever order its measures come."""
    measures = cell[4]
    return CELL_BYTES + len(cell[0]) + len(cell[1]) + sum(map(len, measures)) + MEASURE_BYTES * len(measures)


def in_parts(cells: Iterable[Cell], most_cells: int) -> list[list[Cell]]:
    """The cells in order, in parts that follow from them alone."""
    parts: list[list[Cell]] = []
    size = PART_BYTES
    for cell in cells:
        for piece in _pieces(cell):
            adds = cell_bytes(piece)
            if size + adds > PART_BYTES or len(parts[-1]) >= most_cells:
                parts.append([])
                size = 0
            parts[-1].append(piece)
            size += adds
    return parts


def in_records(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Parts in records, at least one: how many come together is the batch's, what is in each is not."""
    packed: list[Entry] = []
    size = 0
    for entry in entries:
        adds = ENTRY_BYTES + sum(map(cell_bytes, entry.cells))
        if packed and size + adds > RECORD_BYTES:
            yield packed
            packed, size = [], 0
        packed.append(entry)
        size += adds
    yield packed


def _pieces(cell: Cell) -> Iterator[Cell]:
    """A cell as it is, or in pieces that add up to it, by the names of its measures."""
    if len(cell[4]) <= FEW_MEASURES:
        yield cell
        return
    around = cell_bytes((*cell[:4], {}))
    held: Measures = {}
    size = around
    for name in sorted(cell[4]):
        adds = len(name) + MEASURE_BYTES
        if held and size + adds > PART_BYTES:
            yield (*cell[:4], held)
            held, size = {}, around
        held[name] = cell[4][name]
        size += adds
    yield (*cell[:4], held)
