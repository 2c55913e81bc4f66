"""The audit over the logs of a world in memory."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pipeline.audit.database import Database
from pipeline.audit.oracle import Oracle, Rules
from pipeline.audit.positions import Positions
from pipeline.audit.records import READ, LogReader
from pipeline.audit.relay_check import check_passing_on
from tests.harness.proofs import own_records
from tests.unit.ledger.world import World

Cells = dict[tuple[str, str, int | None, int | None, str], int]


def cut_through(oracle: Oracle, world: World) -> tuple[Positions, dict[str, int], dict[str, int]]:
    """Let an oracle take in all logs and cut through them: where each is, and where it ends, of the sources too."""
    positions = Positions()
    for (topic, partition), log in sorted(world.logs.items()):
        if topic in READ:
            reader = LogReader(topic, partition, world.partitions, own_records(world.partitions))
            for record in log:
                reader.read(record)
            oracle.take_in(reader.hand_over())
            positions.logs[f"{topic}/{partition}"] = reader.transit
    oracle.settle()
    ends = {f"{topic}/{at}": log[-1].offset + 1 if log else 0 for (topic, at), log in world.logs.items()}
    below = {log: end for log, end in ends.items() if log.startswith(("crm.events", "telephony.events"))}
    oracle.cut(below)
    return positions, ends, below


@contextmanager
def audited(world: World) -> Iterator[Database]:
    """The audit's tables after a cut through whole logs."""
    with Database() as database:
        cut_through(Oracle(database, Rules(most_dated=world.roster.most_dated)), world)
        yield database


def differing(world: World) -> list[Any]:
    """Where audit and pipeline differ in a cell, and where a log does not hold what another one owes it."""
    with audited(world) as database:
        found, relayed = _cells(database), check_passing_on(database, None)[0]
    shown = folded(world)
    places = sorted((p for p in found.keys() | shown.keys() if found.get(p) != shown.get(p)), key=str)
    return [*((place, shown.get(place), found.get(place)) for place in places), *relayed]


def worked_out(world: World) -> Cells:
    """Every cell as the audit has it; of medians, how many values there are."""
    with audited(world) as database:
        return _cells(database)


def _cells(database: Database) -> Cells:
    named = "measure || CASE WHEN stage IS NULL THEN '' ELSE ':' || stage END"
    cells = database.rows(f"SELECT team, rep, day, minute, {named}, amount FROM cell")
    samples = database.rows(f"SELECT team, rep, day, minute, {named} || '~', count(*) FROM sample GROUP BY ALL")
    return {tuple(place): amount for *place, amount in cells + samples}


def folded(world: World) -> Cells:
    """The same as the pipeline has it."""
    found: Counter[tuple[str, str, int | None, int | None, str]] = Counter()
    for place, sums in world.total().items():
        for measure, amount in sums.items():
            name, tilde, _ = measure.partition("~")
            found[(*place, name + tilde)] += amount
    return {place: amount for place, amount in found.items() if amount}
