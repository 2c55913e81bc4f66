"""The audit over the logs of a world in memory."""

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.audit.database import Database
from pipeline.audit.oracle import Oracle, Rules
from pipeline.audit.positions import Positions
from pipeline.audit.records import READ, LogReader
from tests.unit.ledger.world import World


def cut_through(oracle: Oracle, world: World) -> tuple[Positions, dict[str, int], dict[str, int]]:
    """Let an oracle take in all logs and cut through them: where each is, and where it ends, of the sources too."""
    positions = Positions()
    for (topic, partition), log in sorted(world.logs.items()):
        if topic in READ:
            reader = LogReader(topic, partition, world.partitions)
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
