"""Cuts through the logs: what was worked out is not worked out again, unless something else was asked in between."""

from pipeline.audit.database import Database
from pipeline.audit.oracle import Oracle, Rules
from tests.unit.audit.logs_of import cut_through
from tests.unit.ledger.world import NOON_MS, World, event, organisation

CALL = event("call", "c", NOON_MS, rep_id="rep-01", started_at=NOON_MS)


def test_a_cut_that_is_asked_for_again_is_there() -> None:
    """Until other positions were bound, or more was taken in."""
    world = World(partitions=1).play(organisation(), [CALL])
    with Database() as database:
        oracle = Oracle(database, Rules())
        _, _, below = cut_through(oracle, world)
        cells = database.rows("SELECT * FROM cell ORDER BY ALL")

        database.execute("DELETE FROM cell")
        oracle.cut(dict(below))
        assert database.rows("SELECT * FROM cell") == []

        oracle.bound(dict.fromkeys(below, 0))
        oracle.cut(below)
        assert database.rows("SELECT * FROM cell ORDER BY ALL") == cells
        assert len(cells) > 0

        oracle.cut(dict.fromkeys(below, 0))
        assert database.rows("SELECT * FROM cell") == []
