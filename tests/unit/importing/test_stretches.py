"""Rows judged by several processes: what comes of them is the same, and a process that is lost is told."""

import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from pipeline.config.settings import SetupError
from pipeline.importing.checking import Check
from pipeline.importing.faults import Fault, Place, RowError
from pipeline.importing.field_map import FieldMap
from pipeline.importing.judging import Placed
from pipeline.importing.spool import Spool
from pipeline.importing.summaries import complaints_of, json_of
from pipeline.importing.verdicts import Memory
from tests.unit.importing.checked import NOW_MS, table

ROWS = 9_000
MAP = FieldMap.model_validate(
    {
        "source": "crm",
        "zone": "Europe/Berlin",
        "locale": "de",
        "lookups": {"owner": {"file": "x.csv", "key": "key", "value": "value"}},
        "event": [
            {
                "type": "org.team.changed",
                "subject": "team:{team|slug}",
                "time": "2026-01-01",
                "data": {"time_zone": "Europe/Berlin"},
            },
            {
                "type": "crm.deal.changed",
                "subject": "deal:{id}",
                "time": {"column": "at"},
                "sequence": {"column": "number"},
                "when": [{"column": "kind", "is": "deal"}],
                "data": {
                    "stage_id": {"column": "stage"},
                    "amount_minor": {"column": "amount", "parse": "money"},
                    "currency": "EUR",
                    "owner_id": {"column": "owner", "lookup": "owner"},
                    "created_at": {"event": "earliest"},
                },
            },
            {
                "type": "telephony.call.changed",
                "subject": "call:{number}",
                "time": {"column": "at", "plus": [{"column": "talk"}]},
                "when": [{"column": "kind", "is": "call"}],
                "data": {
                    "state": "ended",
                    "direction": "outbound",
                    "started_at": {"column": "at", "parse": "instant"},
                    "ended_at": {"column": "ended", "parse": "instant"},
                    "talk_seconds": {"column": "talk", "parse": "seconds"},
                },
            },
        ],
    }
)


def rows(random: Random) -> Iterator[Placed]:
    """Deals and calls, of which some are refused, too old, told twice or end before they began."""
    for number in range(2, ROWS + 2):
        at = f"2026-{random.choice((1, 3, 3, 9)):02}-0{random.randrange(1, 9)} {random.randrange(10, 24)}:30"
        row = {
            "id": str(random.randrange(900)), "number": str(number // 2), "at": at, "ended": at.replace("-0", "-1", 1),
            "kind": random.choice(("deal", "call")), "team": random.choice(("Nord", "Süd", "nord", "O,st")),
            "stage": random.choice(("new", "won")), "owner": random.choice(("a", "b", "b", "nobody")),
            "amount": random.choice(("1.234,50", "12", "1,234.50", "")), "talk": random.choice(("90", "1:30", "x", "")),
        }  # fmt: skip
        yield Place(number), row if random.random() < 0.99 else RowError(Fault("", "is not CSV"))


def said(folder: Path, processes: int, seed: int) -> tuple[list[bytes], list[str], object, object]:
    """All that is sent, and all that is said."""
    folder.mkdir()
    with Spool(folder) as spool:
        check = Check(MAP, Memory(120, 200, 800), spool, NOW_MS, show=3)
        summary = check.read(
            rows(Random(seed)), {"owner": table({"a": "rep-1", "b": "rep-2"})}, None, processes=processes
        )
        return list(spool.events()), list(complaints_of(summary)), json_of(summary, summary.events), summary.shown


def test_several_processes_judge_as_one_does(tmp_path: Path) -> None:
    """Events and their order, causes and the rows they are shown with, and every finding."""
    alone, together = said(tmp_path / "alone", 1, 7), said(tmp_path / "together", 2, 7)

    assert alone == together
    assert len(alone[0]) > ROWS / 4
    assert len(alone[1]) > 6


def test_a_process_that_is_lost_is_told(tmp_path: Path) -> None:
    """In one line; nothing is taken for read that was not."""

    def killing() -> Iterator[Placed]:
        for number, each in enumerate(rows(Random(1))):
            if number == ROWS - 1:
                for process in multiprocessing.active_children():
                    process.kill()
            yield each

    with Spool(tmp_path) as spool, pytest.raises(SetupError, match="ended by the system; is there memory for it"):
        Check(MAP, Memory(120, 200, 800), spool, NOW_MS).read(
            killing(), {"owner": table({"a": "rep-1"})}, None, processes=2
        )
