"""To which partitions targets and curves are copied: to whoever shows them, for themselves or in a sum."""

from typing import Any

import pytest

from pipeline.kernel.partitioner import partition_of
from pipeline.kernel.store import Store
from pipeline.ledger.roster import Roster, RosterPolicy
from schemas import control
from tests.harness.proofs import PROOFS
from tests.unit.ledger.test_ledger import _record
from tests.unit.ledger.world import event

PARTITIONS = 4
Place = tuple[str, int]
EVERY_FACTS = {("facts", number) for number in range(PARTITIONS)}
EVERY_PARTS = {("parts", number) for number in range(PARTITIONS)}


def copies(kind: str, *told: dict[str, Any]) -> list[dict[Place, Any]]:
    """By place, what each of some events of one record sends there."""
    name = next(f"x{n}" for n in range(50) if partition_of(f"{kind}:x{n}", PARTITIONS) == 0)
    roster = Roster(0, PARTITIONS, Store(), RosterPolicy(), PROOFS)
    return [
        {
            (send.topic, send.partition): control.unpack(send.value or b"").payload
            for sends in roster.fold([_record(number, event(kind, name, 1000 + number, **data))])
            for send in sends
        }
        for number, data in enumerate(told)
    ]


def place(topic: str, home: str) -> Place:
    """Where a home lies."""
    return topic, partition_of(home, PARTITIONS)


TARGET = {"kpi": "won", "period": "month", "period_start": "2026-11-01", "value": 12}
CURVE = {"kpi": "won", "period": "month", "learnt_on": "2026-11-01", "typical": 12}


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("target", {**TARGET, "rep_id": "7"}, {place("parts", "rep:7"), *EVERY_FACTS}),
        ("target", {**TARGET, "team_id": "north"}, {place("facts", "team:north"), *EVERY_PARTS}),
        ("target", {**TARGET, "team_id": "company"}, {place("parts", "company")}),
        ("target", TARGET, set()),
        ("curve", {**CURVE, "team_id": "north"}, {place("facts", "team:north"), place("parts", "group:north")}),
        ("curve", {**CURVE, "team_id": "company"}, {place("parts", "company")}),
        ("curve", CURVE, set()),
    ],
)
def test_a_record_is_copied_to_whoever_shows_it(kind: str, data: dict[str, Any], expected: set[Place]) -> None:
    """Where it is shown for itself, and a target where it may add up; the ledgers get none."""
    (sent,) = copies(kind, data)

    assert sent.keys() == expected


def test_a_target_that_moves_is_told_as_gone_where_it_was() -> None:
    """From a rep to a team: everywhere that does not get it any more."""
    first, second = copies("target", {**TARGET, "rep_id": "7"}, {"rep_id": None, "team_id": "north"})

    gone = {at for at, payload in second.items() if payload is None}
    assert gone == first.keys() - {place("facts", "team:north"), *EVERY_PARTS}
    assert second.keys() - gone == {place("facts", "team:north"), *EVERY_PARTS}
