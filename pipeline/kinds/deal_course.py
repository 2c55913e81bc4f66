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


class _Way:
    """How far a deal's stages were followed in a process; more of them are followed from there.

    `runs` are (open, won or lost; since when; by which stage): from one won stage to another nothing closes anew.
    `reached` are the first times in stages, of those skipped by whatever lies behind.
    """

    __slots__ = ("followed", "highest", "last", "name", "process", "reached", "runs")

    def __init__(self, name: str, process: Process) -> None:
        self.name = name
        self.process = process
        self.followed = 0
        self.runs: list[tuple[str, int, str]] = []
        self.reached: dict[str, int] = {}
        self.highest = -1
        self.last: str | None = None

    def follow(self, stages: Timeline) -> None:
        """Take in what has come since; the timeline only goes on."""
        process, runs = self.process, self.runs
        for at_ms, stage in stages[self.followed :] if self.followed else stages:
            if stage is None:
                continue
            kind = process.kind(stage)
            state = kind or OPEN
            if not runs or runs[-1][0] != state:
                runs.append((state, at_ms, stage))
            if kind is None:
                self.reached.setdefault(UNASSIGNED, at_ms)
            elif kind == OPEN:
                self._reach(process.rank(stage), at_ms)
            self.last = stage
        self.followed = len(stages)

    def _reach(self, rank: int | None, at_ms: int) -> None:
        if rank is not None and rank > self.highest:
            for passed in self.process.open_stages[self.highest + 1 : rank + 1]:
                self.reached[passed] = at_ms
            self.highest = rank


def course_of(deal: Object, organisation: Organisation) -> Course:
    """The course that the deal's stage history and its process give."""
    name = deal.get("process_id") or DEFAULT_PROCESS
    process = organisation.process(name)
    stages = deal.timeline("stage_id")
    known: tuple[Process | None, str, int, _Way | None, Course] | None = deal.course
    if known is not None and known[0] is process and known[1] == name:
        if known[2] == len(stages):
            return known[4]
        way = known[3]
    else:
        way = None
    course, way = _course(deal, name, process, stages, way)
    deal.course = (process, name, len(stages), way, course)
    return course


def _course(
    deal: Object, name: str, process: Process | None, stages: Timeline, way: _Way | None
) -> tuple[Course, _Way | None]:
    """The course, and the way on which it can go on."""
    if process is None:
        first = next(((at_ms, stage) for at_ms, stage in stages if stage is not None), None)
        entries = (Entry(UNASSIGNED, first[0], False, False),) if first is not None else ()
        shown = DEFAULT_PROCESS if deal.get("process_id") is None else UNASSIGNED
        return Course(shown, UNASSIGNED, OPEN, None, False, entries, ()), None
    if len(stages) == 1 and stages[0][1] is not None and (rank := process.rank(stages[0][1])) is not None:
        return _just_begun(name, process, rank, *stages[0]), None
    way = way or _Way(name, process)
    way.follow(stages)
    return _at_the_end_of(way), way


def _at_the_end_of(way: _Way) -> Course:
    process, last = way.process, way.last
    state, since_ms, _ = way.runs[-1] if way.runs else (OPEN, 0, "")
    return Course(
        process=way.name,
        stage=last if last is not None and process.kind(last) else UNASSIGNED,
        state=state,
        closed_ms=None if state == OPEN else since_ms,
        qualified=process.qualified(last),
        entries=tuple(_entries(way, state, since_ms)),
        reopened_ms=tuple(at_ms for state, at_ms, _ in way.runs[1:] if state == OPEN),
    )


def _just_begun(name: str, process: Process, rank: int, at_ms: int, stage: str) -> Course:
    """The course of a deal that has only been in one stage, an open one: as of most."""
    entries = [Entry(passed, at_ms, True, False) for passed in process.open_stages[:rank]]
    entries.append(Entry(stage, at_ms, False, False))
    return Course(name, stage, OPEN, None, process.qualified(stage), tuple(entries), ())


def _entries(way: _Way, state: str, since_ms: int) -> list[Entry]:
    """First entries, in the order of the process: of the stages seen, and of those skipped, by whatever lies behind.

    A won deal has passed all open stages. Closing stages count as they stand at the end.
    """
    process, highest = way.process, way.highest
    reached = dict(way.reached)
    if state == WON:
        for passed in process.open_stages[highest + 1 :]:
            reached[passed] = since_ms
    entries = [Entry(stage, at_ms, *_outcome(process.rank(stage), highest, state)) for stage, at_ms in reached.items()]
    if state != OPEN:
        entries.append(Entry(way.runs[-1][2], since_ms, False, False))
    return entries


def _outcome(rank: int | None, highest: int, state: str) -> tuple[bool, bool]:
    if rank is None:
        return False, False
    converted = state == WON or rank < highest
    return converted, state == LOST and not converted
