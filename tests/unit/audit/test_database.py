"""The audit's tables: what they cannot take is named, and they never take more memory than they may."""

from typing import Any

import pytest

from pipeline.audit.database import Database
from pipeline.audit.oracle import Oracle, Rules
from pipeline.audit.records import LogReader, RecordError
from pipeline.config.settings import SetupError
from tests.harness.proofs import own_records
from tests.unit.ledger.world import NOON_MS, LogRecord, World, organisation


def test_a_row_that_a_table_does_not_take_is_named_by_log_and_offset() -> None:
    """Of many rows that go together, the one at fault."""
    rows: list[dict[str, Any]] = [{"log": "facts/0", "pos": pos, "append_ms": NOON_MS} for pos in range(100)]
    rows[73]["append_ms"] = "noon"

    with Database() as database:
        Oracle(database, Rules())
        with pytest.raises(RecordError, match=r"^facts/0, offset 73: "):
            database.fill("appended", rows)


def test_a_record_that_breaks_the_reader_is_named() -> None:
    """Whatever no schema foresees; here a record whose headers are none."""
    record = LogRecord(12, NOON_MS, None, b"{}", headers=(1,))  # type: ignore[arg-type]

    with pytest.raises(RecordError, match=r"^crm\.events/3, offset 12: TypeError"):
        LogReader("crm.events", 3, 4, own_records(4)).read(record)


def test_rows_are_handed_over_once() -> None:
    """However often one asks, together they are the rows of the log."""
    world = World(partitions=1).play(organisation())
    log = world.logs["org.changes", 0]
    whole, parted = (LogReader("org.changes", 0, 1, own_records(1)) for _ in range(2))
    found = []
    for record in log:
        whole.read(record)
        parted.read(record)
        found += parted.hand_over().event

    assert found == whole.hand_over().event
    assert len(parted.rows) == len(whole.rows) == 0


def test_what_does_not_fit_into_memory_goes_to_disk() -> None:
    """Telling eight million numbers apart takes more than 256 MiB; the folder is gone afterwards."""
    with Database(256) as database:
        folder = database.folder
        assert database.rows("SELECT count(*) FROM (SELECT DISTINCT hash(range) FROM range(8_000_000))") == [
            (8_000_000,)
        ]

    assert not folder.exists()


def test_a_step_that_needs_more_memory_names_the_setting() -> None:
    """One value of 800 MB does not go to disk in parts."""
    with Database(256) as database, pytest.raises(SetupError, match=r"^SALESPULSE_AUDIT_MEMORY_MB: "):
        database.rows("SELECT len(list(range)) FROM range(100_000_000)")
