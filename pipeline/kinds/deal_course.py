"""How a deal went: which stages it reached when, whether it is closed, and how often it was opened again."""

import msgspec

from pipeline.measures import UNASSIGNED
from pipeline.objects.histories import Timeline
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.processes import DEFAULT_PROCESS, LOST, OPEN, WON, Process


class Entry(msgspec.Struct, frozen=True, gc=False):
    """The first time in a stage, and what came of it."""

    stage: str
    at_ms: int
    converted: bool
    lost: bool


class Course(msgspec.Struct, frozen=True, gc=False):
    """A deal's way through its process. A deal in an unknown process or stage is open, in stage `unassigned`.

    `closed_ms` is when the won or lost run of stages began that it is in at the end; None for an open deal.
    """

    process: str
    stage: str
    state: str
    closed_ms: int | None
    qualified: bool
    entries: tuple[Entry, ...]
    reopened_ms: tuple[int, ...]


def course_of(deal: Object, organisation: Organisation) -> Course:
    """The course that the deal's stage history and its process give."""
    name = deal.get("process_id") or DEFAULT_PROCESS
    process = organisation.process(name)
    known: tuple[Process | None, Course] | None = deal.course
    if known is None or known[0] is not process:
        known = deal.course = (process, _course(deal, name, process))
    return known[1]


def _course(deal: Object, name: str, process: Process | None) -> Course:
    history = [(at_ms, stage) for at_ms, stage in deal.timeline("stage_id") if stage is not None]
    if process is None:
        entries = (Entry(UNASSIGNED, history[0][0], False, False),) if history else ()
        shown = DEFAULT_PROCESS if deal.get("process_id") is None else UNASSIGNED
        return Course(shown, UNASSIGNED, OPEN, None, False, entries, ())
    if len(history) == 1 and (rank := process.rank(history[0][1])) is not None:
        return _just_begun(name, process, rank, *history[0])
    runs = _runs(history, process)
    state, since_ms = runs[-1] if runs else (OPEN, 0)
    last = history[-1][1] if history else None
    return Course(
        process=name,
        stage=last if last is not None and process.kind(last) else UNASSIGNED,
        state=state,
        closed_ms=None if state == OPEN else since_ms,
        qualified=process.qualified(last),
        entries=tuple(_entries(history, process, state, since_ms)),
        reopened_ms=tuple(at_ms for state, at_ms in runs[1:] if state == OPEN),
    )


def _just_begun(name: str, process: Process, rank: int, at_ms: int, stage: str) -> Course:
    """The course of a deal that has only been in one stage, an open one: as of most."""
    entries = [Entry(passed, at_ms, True, False) for passed in process.open_stages[:rank]]
    entries.append(Entry(stage, at_ms, False, False))
    return Course(name, stage, OPEN, None, process.qualified(stage), tuple(entries), ())


def _runs(history: Timeline, process: Process) -> list[tuple[str, int]]:
    """(open, won or lost, since when): moving from one won stage to another does not close anew."""
    runs: list[tuple[str, int]] = []
    for at_ms, stage in history:
        state = process.kind(stage) or OPEN
        if not runs or runs[-1][0] != state:
            runs.append((state, at_ms))
    return runs


def _entries(history: Timeline, process: Process, state: str, since_ms: int) -> list[Entry]:
    """First entries, in the order of the process: of the stages seen, and of those skipped, by whatever lies behind.

    A won deal has passed all open stages. Closing stages count as they stand at the end.
    """
    reached: dict[str, int] = {}
    highest = -1
    for at_ms, stage in history:
        rank = process.rank(stage)
        if rank is not None:
            for passed in process.open_stages[highest + 1 : rank + 1]:
                reached[passed] = at_ms
            highest = max(highest, rank)
        elif process.kind(stage) is None:
            reached.setdefault(UNASSIGNED, at_ms)
    if state == WON:
        for passed in process.open_stages[highest + 1 :]:
            reached[passed] = since_ms
    entries = [Entry(stage, at_ms, *_outcome(process.rank(stage), highest, state)) for stage, at_ms in reached.items()]
    if state != OPEN:
        closing = next(stage for at_ms, stage in history if at_ms == since_ms)
        entries.append(Entry(closing, since_ms, False, False))
    return entries


def _outcome(rank: int | None, highest: int, state: str) -> tuple[bool, bool]:
    if rank is None:
        return False, False
    converted = state == WON or rank < highest
    return converted, state == LOST and not converted
