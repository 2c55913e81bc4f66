"""Parts of a change: cut by bytes, the same whatever batch they come in."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.ledger.ledger import Ledger
from pipeline.ledger.ledger_policy import LedgerPolicy
from pipeline.ledger.outbox import Outbox
from pipeline.ledger.parts import PART_BYTES, RECORD_BYTES, cell_bytes, in_parts, in_records, is_one_part
from schemas import facts
from schemas.facts import Cell, Entry, Facts
from tests.harness.proofs import PROOFS
from tests.unit.ledger.world import DAY, HOUR, NOON_MS, LogRecord, World, event, organisation

BROKER_BYTES = 1_048_588
LONG = "n" * 64
NAMES = st.text("abcXYZ._-09", min_size=1, max_size=64)
STAGES = st.builds("stage_entered:{}:{}".format, NAMES, NAMES)
AMOUNTS = st.integers(-(2**63), 2**63 - 1)
CELLS = st.tuples(
    NAMES, NAMES, st.none() | st.integers(0, 10**6), st.none() | st.integers(0, 10**8),
    st.dictionaries(STAGES, AMOUNTS, min_size=1, max_size=8),
)  # fmt: skip


def long_cell(number: int, measures: int) -> Cell:
    """A cell of so many stages with the longest names."""
    names = (f"stage_converted:{LONG}:{stage:064}" for stage in range(measures))
    return LONG, LONG, 739_000, number, {name: (-1) ** stage * 2**63 for stage, name in enumerate(names)}


def wide_cells(counts: list[int]) -> list[Cell]:
    """Cells with so many measures each."""
    return [long_cell(number, count) for number, count in enumerate(counts)]


def summed(parts: list[list[Cell]]) -> dict[tuple[Any, ...], dict[str, int]]:
    """What parts add up to, by place."""
    total: dict[tuple[Any, ...], dict[str, int]] = {}
    for *place, measures in (cell for part in parts for cell in part):
        assert not total.setdefault(tuple(place), {}).keys() & measures.keys()
        total[tuple(place)].update(measures)
    return total


@given(CELLS)
def test_a_cell_is_never_longer_than_it_is_counted(cell: Cell) -> None:
    """What parts are cut by is at least what the wire holds."""
    empty = len(facts.pack(Facts(1, "t", 0, 0, {}, [])))
    assert len(facts.pack(Facts(1, "t", 0, 0, {}, [Entry(1, 0, True, [cell])]))) - empty <= cell_bytes(cell) + 16


@given(st.lists(st.integers(1, 8), min_size=1, max_size=60) | st.lists(st.integers(1, 210), min_size=1, max_size=2))
def test_few_cells_are_one_part_whatever_their_names(counts: list[int]) -> None:
    """So they need no look at how long they are."""
    cells = wide_cells(counts)

    assert is_one_part([cell[4] for cell in cells]) <= (in_parts(cells, 256) == [cells])
    assert is_one_part([cell[4] for cell in cells]) == (len(counts) <= 50 and sum(counts) <= 200)


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=12), st.integers(1, 256))
def test_parts_hold_everything_and_no_part_is_too_large(counts: list[int], most_cells: int) -> None:
    """Cells with up to 3,000 stages are cut too; the parts add up to what was there."""
    cells = wide_cells(counts)
    parts = in_parts(cells, most_cells)

    assert summed(parts) == {tuple(place): measures for *place, measures in cells}
    assert all(0 < len(part) <= most_cells for part in parts)
    assert all(sum(map(cell_bytes, part)) <= PART_BYTES for part in parts)


@given(st.lists(st.lists(st.integers(1, 400), min_size=1, max_size=4), min_size=1, max_size=30))
def test_records_hold_all_parts_and_fit_a_broker(changes: list[list[int]]) -> None:
    """However the parts of a batch fall together, no record is more than a third of what a broker takes."""
    entries = [
        Entry(offset, number, number == len(parts) - 1, part)
        for offset, counts in enumerate(changes)
        for parts in [in_parts(wide_cells(counts), 256)]
        for number, part in enumerate(parts)
    ]
    records = list(in_records(entries))

    assert [entry for record in records for entry in record] == entries
    assert all(len(facts.pack(Facts(1, "crm.events", 0, 0, {}, record))) <= RECORD_BYTES for record in records)


@given(st.lists(st.integers(1, 900), min_size=1, max_size=20), st.data())
def test_an_offset_comes_in_the_same_parts_whatever_the_batch(counts: list[int], data: st.DataObject) -> None:
    """Offsets flushed one by one, all at once or in any batches between: the same (offset, part, last, cells)."""
    ends = data.draw(st.sets(st.integers(1, len(counts))))

    def sent(flushed: set[int]) -> list[Entry]:
        box = Outbox("crm.events", 0, 1, 256, PROOFS)
        found: list[Entry] = []
        for offset, count in enumerate(counts, 1):
            box.record = LogRecord(offset, NOON_MS, None, None, ())
            team, rep, day, minute, measures = long_cell(offset, count)
            box.last_cells({(team, rep, day, minute): measures})
            if box.begun:
                box.close()
            if offset in flushed or offset == len(counts):
                found += [entry for send in box.flush(0) for entry in facts.unpack(send.value or b"").entries]
        return found

    assert sent(ends) == sent(set()) == sent(set(range(len(counts))))


def test_deals_in_a_process_of_50_stages_with_the_longest_names_come_in_the_same_parts() -> None:
    """200 deals in the last stage, and then a process with other names: no record is large, whatever the batches."""
    stages = [f"{number:02}".ljust(64, "s") for number in range(48)]
    closing = [{"id": "won", "kind": "won"}, {"id": "lost", "kind": "lost"}]

    def process(sequence: int, names: list[str]) -> dict[str, Any]:
        return event("process", LONG, 1001 + sequence, stages=[*({"id": name} for name in names), *closing])

    world = World(partitions=1).play(organisation(), [process(0, stages)])
    world.now_ms += HOUR
    told: dict[str, Any] = {"owner_id": "rep-01", "stage_id": stages[-1], "process_id": LONG}
    created = (NOON_MS - DAY + number * 60_000 for number in range(200))
    deals = [event("deal", f"d{n}", at_ms, created_at=at_ms, **told) for n, at_ms in enumerate(created)]
    world.play(deals, [process(1, stages[1:])])
    whole = [entry for *_, entry in world.entries()]

    assert max(len(record.value or b"") for record in world.logs["facts", 0]) < BROKER_BYTES
    assert world.total() == world.stated()
    for batch in (1, 7, 1000):
        again = World(partitions=1, policy=LedgerPolicy(), batch=batch)
        fold(again, world.logs["crm.events", 0], batch)
        assert [entry for *_, entry in again.entries()] == whole


def fold(world: World, log: list[LogRecord], batch: int) -> None:
    """Fold a log anew, so many records at a time."""
    stage = world.stages["crm.events", 0]
    assert isinstance(stage, Ledger)
    for start in range(0, len(log), batch):
        for sends in stage.fold(log[start : start + batch]):
            world.deliver(send for send in sends if send.topic == "facts")
