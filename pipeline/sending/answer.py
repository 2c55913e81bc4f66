"""An operator's answer to append times that are far ahead: which records it is of, what they will count as. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.config.settings import SetupError
from pipeline.kernel.append_times import JUMP_MS, Answers, is_jump, utc
from pipeline.kernel.proofs import Seal
from pipeline.kernel.stage import Record
from schemas.control import Answer


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a record of the log was appended, by the broker's clock."""

    offset: int
    timestamp: int


class Stretch:
    """A partition's log from somewhere before a record to its end: the stamps, and the answers among them."""

    def __init__(self, log: str, records: Iterable[Record], seal: Seal) -> None:
        self.log = log
        self.stamps: list[Stamp] = []
        self.answers = Answers(seal)
        for record in records:
            self.answers.read(record)
            self.stamps.append(Stamp(record.offset, record.timestamp))

    def counted_ms(self, stamp: Stamp) -> int:
        """What a record counts as, by the answers that there are."""
        answer = self.answers.about(stamp.offset)
        if answer is None or answer.counts_as_ms is None:
            return stamp.timestamp
        return answer.counts_as_ms


@dataclass(frozen=True, slots=True)
class Proposal:
    """An answer that is not written yet. `to_the_end`: the last record of the log is still as far ahead."""

    answer: Answer
    records: int
    first_ms: int
    last_ms: int
    to_the_end: bool


def propose(stretch: Stretch, offset: int, limit_ms: int, now_ms: int, *, before: bool) -> Proposal:
    """The answer about the record at `offset` and all that follow and are as far ahead.

    With `before` they count as the record before them, and at the head of a log as appended `now_ms`; otherwise as they
    are. SetupError for a record at which no worker halts, or that was answered.
    """
    stamps = stretch.stamps
    index = next((n for n, stamp in enumerate(stamps) if stamp.offset == offset), None)
    if index is None:
        raise SetupError(f"{stretch.log} holds no record at offset {offset}")
    before_ms = stretch.counted_ms(stamps[index - 1]) if index else None
    _require_halt(stretch, stamps[index], before_ms, now_ms + limit_ms)
    base_ms = now_ms if before_ms is None else before_ms
    run = _run(stretch, stamps[index:], base_ms)
    answer = Answer(offset, run[-1].offset, base_ms if before else None)
    return Proposal(answer, len(run), run[0].timestamp, run[-1].timestamp, run[-1] == stamps[-1])


def _require_halt(stretch: Stretch, stamp: Stamp, before_ms: int | None, latest_ms: int) -> None:
    place = f"{stretch.log}, offset {stamp.offset}"
    if stretch.answers.about(stamp.offset) is not None:
        raise SetupError(f"{place} was answered already")
    if not is_jump(stamp.timestamp, before_ms):
        raise SetupError(f"{place}: {utc(stamp.timestamp)} is not ahead of the record before; give the first that is")
    if stamp.timestamp <= latest_ms:
        raise SetupError(f"{place}: no worker with a right clock halts at {utc(stamp.timestamp)}; start the worker")


def _run(stretch: Stretch, stamps: Sequence[Stamp], base_ms: int) -> list[Stamp]:
    """The records from the first on that are about as far ahead: each of them would be a jump after the one before."""
    run: list[Stamp] = []
    for stamp in stamps:
        as_far = stamp.timestamp >= stamps[0].timestamp - JUMP_MS and is_jump(stamp.timestamp, base_ms)
        if not as_far or stretch.answers.about(stamp.offset) is not None:
            break
        run.append(stamp)
    return run
