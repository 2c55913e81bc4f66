"""Append times that are wrong."""

from schemas.control import Answer
from tests.findings.floor import NOW, TODAY, Floor, call, deal
from tests.unit.audit.logs_of import audited
from tests.unit.ledger.world import DAY, LOGS, MINUTE, event


def test_one_append_time_far_ahead_moves_nothing() -> None:
    """A tick is stamped 500 days ahead; a minute later two calls are of the last 24 hours, and nothing is over.

    A worker halts at the tick. This is what holds once an operator has let it count as the record before it.
    """
    floor = Floor().at(NOW, call("c", NOW), deal("d", NOW, "won", amount_minor=100_00))
    floor.world.now_ms = NOW + 500 * DAY
    floor.world.tick()
    floor.world.now_ms = later = NOW + MINUTE
    for topic in LOGS:
        jumped = len(floor.world.logs[topic, 0]) - 1
        floor.world.answer(topic, 0, Answer(jumped, jumped, NOW))
    floor.at(later, call("c2", later), event("deal", "d", later, verb="deleted"))

    assert floor.world.reasons() == []
    assert floor.value("24h", "dials") == 2
    assert floor.value(TODAY, "won") == 0
    with audited(floor.world) as database:
        assert database.rows("SELECT max(append_ms) FROM appended WHERE log <> 'facts/0'") == [(later,)]
