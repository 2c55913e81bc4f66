"""Parts of a change: its cells, cut by number and by bytes, so that no record of facts is more than a broker takes."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from pipeline.kernel.measure_bytes import FEW_MEASURES, cut, measure_bytes
from schemas.facts import Cell, Entry

PART_BYTES = 64 * 1024
"""A part is closed before it holds more; a cell that alone holds more is cut by its measures."""
RECORD_BYTES = 300 * 1024
"""A record is closed before its parts hold more: less than a third of what a broker takes."""
ENTRY_BYTES, CELL_BYTES = 16, 32
"""What msgpack adds at most around a part, and around the names in a cell."""

FEW_CELLS = 50
"""So few may have the longest names of teams and reps, with as many measures among them as need no cutting."""


def cell_bytes(cell: Cell) -> int:
    """How long a cell is when it is encoded, at most: in whatever order its measures come."""
    return CELL_BYTES + len(cell[0]) + len(cell[1]) + measure_bytes(cell[4])


def is_one_part(cells: Collection[Mapping[str, int]]) -> bool:
    """Whether so few cells, given by their measures, are one part, however long any of their names may be."""
    return len(cells) <= FEW_CELLS and sum(map(len, cells)) <= FEW_MEASURES


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
    *_, measures = cell
    for piece in cut(measures, PART_BYTES - CELL_BYTES - len(cell[0]) - len(cell[1])):
        yield cell if piece is measures else (*cell[:4], piece)
