"""`salespulse append-time`: an operator's answer to append times that are far ahead, at which a worker has halted."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.letter_options import TopicName
from pipeline.cli.options import Brokers, Namespace, SettingsFile, say, settings_of, tell

if TYPE_CHECKING:
    from pipeline.sending.answer import Proposal

LOOK_BACK = 1000
"""The record before is looked for among so many offsets: a transaction's own take some."""


def append_time(
    topic: Annotated[TopicName, typer.Argument(help="Source topic, as the worker's last line names it.")],
    partition: Annotated[int, typer.Argument(min=0, help="Its partition.")],
    offset: Annotated[int, typer.Argument(min=0, help="The first record whose append time is ahead.")],
    passes: Annotated[bool, typer.Option("--pass", help="The append times are right: let the records pass.")] = False,
    before: Annotated[
        bool, typer.Option("--before", help="They are wrong: count the records as appended with the one before.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written; write nothing.")] = False,
    brokers: Brokers = None,
    namespace: Namespace = None,
    settings_file: SettingsFile = None,
) -> None:
    """Answer a worker that halts at an append time far ahead, for that record and all like it that follow."""
    from pipeline.clock import now_ms
    from pipeline.config.settings import SetupError
    from pipeline.sending.answer import Stretch, propose
    from pipeline.sending.source_log import SourceLog

    if passes == before:
        raise typer.BadParameter("give either --pass or --before")
    settings = settings_of(settings_file, brokers=brokers, namespace=namespace)
    log = f"{topic}/{partition}"
    with SourceLog(settings, topic, partition) as source:
        if source.committed() > offset:
            raise SetupError(f"{log}, offset {offset} was counted already; an answer would change what a replay counts")
        stretch = Stretch(log, source.records(offset - LOOK_BACK), source.seal)
        proposal = propose(stretch, offset, settings.append_jump_hours * 3_600_000, now_ms(), before=before)
        tell(_told(log, proposal))
        if not dry_run:
            tell(f"written to {log} at offset {source.append(proposal.answer)}; start the worker")
    if proposal.to_the_end:
        say("the last record of the log is as far ahead: make sure that the broker's clock is right before you go on")


def _told(log: str, proposal: "Proposal") -> str:
    from pipeline.kernel.append_times import utc

    answer = proposal.answer
    which = f"{log}: {proposal.records} records from offset {answer.first} to {answer.last}"
    stamped = f"appended {utc(proposal.first_ms)} to {utc(proposal.last_ms)}"
    count = "as they are" if answer.counts_as_ms is None else f"as appended {utc(answer.counts_as_ms)}"
    return f"{which}, {stamped}, will count {count}"
