"""How a deal went: which stages it reached when, whether it is closed, and how often it was opened again."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec

from pipeline.kinds.deal_visits import Left, Place, Visits
from pipeline.measures import UNASSIGNED
from pipeline.objects.histories import Moment, Timeline, tellings
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.processes import DEFAULT_PROCESS, LOST, OPEN, WON, Edition, Process, Reading


class Entry(msgspec.Struct, frozen=True, gc=False):
    """The first time in a stage, and what came of it. Nothing comes of one that is `closing`.

    One that was `skipped` was reached with a further one: the deal was not told in it at that time.
    """

    process: str
    stage: str
    at_ms: int
    converted: bool
    lost: bool
    closing: bool = False
    skipped: bool = False


Turn = tuple[str, str, int]
"""A process and stage, and when a deal first turned there."""


class Course(msgspec.Struct, frozen=True, gc=False):
    """A deal's way through its processes, and where it is at the end.

    A stage counts as the process of its time reads it (`Process.read`). One that no process declares is `unassigned`:
    it leaves an open deal open and a closed one closed, and `undeclared` tells that the deal is in one. A process that
    changes without a stage takes an open deal along where it has the stage as an open one; else nothing changes until
    the next stage is told. `closed_ms` is when the won or lost run of stages began that it is in at the end; None for
    an open deal. `runs` tell from when on it was open, won or lost; before them it was open.

    `reopened` are the stages in which it was opened again after a close, each time.

    `left` are the stages that it was in and left, each once: one in which it was opened again where it was closed was
    not left meanwhile, and the time in between does not count. `fell_back` are the stages that it left for one before
    them, `came_back` those that it entered again after it had left them, each at the first time.
    """

    process: str
    stage: str
    state: str
    closed_ms: int | None
    undeclared: bool
    entries: tuple[Entry, ...]
    reopened: tuple[Turn, ...]
    runs: Timeline
    left: tuple[Left, ...] = ()
    fell_back: tuple[Turn, ...] = ()
    came_back: tuple[Turn, ...] = ()


Within = tuple[str, Process | None]
"""The process that a deal is in: the name it counts under, and what is known of it."""


class _Trail:
    """A deal's way in one process: the open stages it was told in, and the first times in those that it reached.

    A stage that was skipped was reached with the next one that was told.
    """

    __slots__ = ("_edition", "_told", "converted", "highest", "reached", "skipped")

    def __init__(self) -> None:
        self.reached: dict[str, int] = {}
        self.converted: set[str] = set()
        self.skipped: set[str] = set()
        self.highest = -1
        self._told: set[str] = set()
        self._edition: Edition | None = None

    def reach(self, read: Reading, rank: int, at_ms: int) -> None:
        """Go on to an open stage."""
        edition = self.seen_by(read.edition)
        if rank > self.highest:
            for passed in edition.open_stages[self.highest + 1 : rank]:
                if passed not in self.reached:
                    self.reached[passed] = at_ms
                    self.skipped.add(passed)
            self.highest = rank
        self.reached.setdefault(read.name, at_ms)
        self._told.add(read.name)
        for stage in self.reached.keys() - self.converted:
            known = edition.rank(stage)
            if stage not in (read.name, UNASSIGNED) and (known is None or known < rank):
                self.converted.add(stage)

    def seen_by(self, edition: Edition) -> Edition:
        """Take stages to lie as they do in an edition from now on."""
        if edition is not self._edition:
            ranks = (edition.rank(stage) for stage in self._told)
            self.highest = max((rank for rank in ranks if rank is not None), default=-1)
            self._edition = edition
        return edition


class _Way:
    """How far a deal's stages were followed; more of them are followed from there.

    `runs` are (open, won or lost; since when; in which process and stage): from one won stage to another nothing closes
    anew. `at` is the process and stage that the deal is in.
    """

    __slots__ = ("at", "followed", "runs", "trails", "visits")

    def __init__(self) -> None:
        self.followed = 0
        self.visits = Visits()
        self.runs: list[tuple[str, int, str, Reading | None]] = []
        self.trails: dict[str, _Trail] = {}
        self.at: tuple[str, Reading | None] | None = None

    def follow(self, within: Within, stages: Timeline) -> None:
        """Take in what has come since in the one process that the deal ever was in; the timeline only goes on."""
        name, process = within
        for at_ms, stage in stages[self.followed :] if self.followed else stages:
            if stage is not None:
                self._told(at_ms, name, process.read(stage, at_ms) if process is not None else None)
        self.followed = len(stages)

    def follow_through(self, moves: Mapping[Moment, Within], stages: Mapping[Moment, Any]) -> None:
        """Take in all that was told of the stage, in the processes that the deal was in from which moment on."""
        for at_ms, (name, process), stage, told in _steps(moves, stages):
            read = process.read(stage, at_ms) if process is not None else None
            if told:
                self._told(at_ms, name, read)
            else:
                self._moved(at_ms, name, read)

    def _told(self, at_ms: int, name: str, read: Reading | None) -> None:
        runs = self.runs
        if read is None:
            state = runs[-1][0] if runs else OPEN
            self._trail(name).reached.setdefault(UNASSIGNED, at_ms)
        else:
            state = read.kind
            if read.rank is not None:
                self._trail(name).reach(read, read.rank, at_ms)
        if not runs or runs[-1][0] != state:
            runs.append((state, at_ms, name, read))
        if state == OPEN:
            self.visits.enter(at_ms, name, read)
        else:
            self.visits.pause(at_ms, state)
        self.at = name, read

    def _moved(self, at_ms: int, name: str, read: Reading | None) -> None:
        """The process changed without a word of the stage: that neither closes a deal nor opens one again."""
        if self.runs and self.runs[-1][0] == OPEN and read is not None and read.rank is not None:
            self._trail(name).reach(read, read.rank, at_ms)
            self.visits.enter(at_ms, name, read)
            self.at = name, read

    def _trail(self, name: str) -> _Trail:
        trail = self.trails.get(name)
        if trail is None:
            trail = self.trails[name] = _Trail()
        return trail


def _steps(moves: Mapping[Moment, Within], stages: Mapping[Moment, Any]) -> Iterator[tuple[int, Within, str, bool]]:
    """Each stage that was told in the process of its moment, unless the same was told of that before.

    Where nothing was told with another process, the stage that the deal was in, as not told.
    """
    first, *later = moves
    within, stage, before = moves[first], None, None
    for moment in sorted({*later, *stages}):
        told, within = moment in stages, moves.get(moment, within)
        stage = stages.get(moment, stage)
        if told and (within, stage) == before:
            continue
        before = (within, stage) if told else before
        if stage is not None:
            yield moment[0], within, stage, told


def course_of(deal: Object, organisation: Organisation) -> Course:
    """The course that the deal's stages and its processes give."""
    told = deal.timeline("process_id")
    if len(told) > 1:
        return _course_through(deal, told, organisation)
    name = told[0][1] if told else None
    process, stages = organisation.process(name or DEFAULT_PROCESS), deal.timeline("stage_id")
    known: Known | None = deal.course
    way = None
    if known is not None and known[0] is process and known[1] == name:
        if known[2] == len(stages):
            return known[4]
        way = known[3]
    course, way = _course((_shown(name, process), process), stages, way)
    deal.course = (process, name, len(stages), way, course)
    return course


Known = tuple[Any, str | None, int, _Way | None, Course]
"""The course as it was: of which process or processes, by the name of the first, of how much that was told."""


def _course(within: Within, stages: Timeline, way: _Way | None) -> tuple[Course, _Way | None]:
    """The course in the one process that a deal ever was in, and the way on which it can go on."""
    if len(stages) == 1:
        course = _just_begun(*within, *stages[0])
        if course is not None:
            return course, None
    way = way or _Way()
    way.follow(within, stages)
    return _at_the_end_of(way, within[0]), way


def _course_through(deal: Object, told: Timeline, organisation: Organisation) -> Course:
    """The course through several processes; what was told again of a stage may be of another one of them."""
    processes = tuple(organisation.process(name or DEFAULT_PROCESS) for _, name in told)
    known: Known | None = deal.course
    if known is not None and known[0] == processes and known[2] == len(deal.history):
        return known[4]
    way = _Way()
    way.follow_through(_moves(deal, organisation), dict(tellings(deal.history, "stage_id")))
    course = _at_the_end_of(way, _shown(told[-1][1], processes[-1]))
    deal.course = (processes, told[0][1], len(deal.history), None, course)
    return course


def _moves(deal: Object, organisation: Organisation) -> dict[Moment, Within]:
    """From which moment on the deal is in which process, in order; the first holds before it too."""
    moves: dict[Moment, Within] = {}
    for name, told in groupby(tellings(deal.history, "process_id"), key=itemgetter(1)):
        process = organisation.process(name or DEFAULT_PROCESS)
        moves[next(told)[0]] = _shown(name, process), process
    return moves


def _shown(name: str | None, process: Process | None) -> str:
    """What a process counts under: `unassigned` where there is none of the name that was told."""
    if process is not None:
        return process.name
    return DEFAULT_PROCESS if name is None else UNASSIGNED


def _just_begun(name: str, process: Process | None, at_ms: int, stage: str | None) -> Course | None:
    """The course of a deal that has only been in one stage, an open one: as of most. None for any other."""
    read = None if process is None or stage is None else process.read(stage, at_ms)
    if read is None or read.rank is None:
        return None
    passed_by = read.edition.open_stages[: read.rank]
    entries = [Entry(name, passed, at_ms, True, False, skipped=True) for passed in passed_by]
    entries.append(Entry(name, read.name, at_ms, False, False))
    return Course(name, read.name, OPEN, None, False, tuple(entries), (), [(at_ms, OPEN)])


def _at_the_end_of(way: _Way, process: str) -> Course:
    at, read = way.at or (process, None)
    state, since_ms, *_ = way.runs[-1] if way.runs else (OPEN, 0)
    return Course(
        process=at,
        stage=UNASSIGNED if read is None else read.name,
        state=state,
        closed_ms=None if state == OPEN else since_ms,
        undeclared=way.at is not None and read is None,
        entries=tuple(_entries(way)),
        reopened=tuple(_reopened(way)),
        runs=[(at_ms, state) for state, at_ms, _, _ in way.runs],
        left=tuple(way.visits.left()),
        fell_back=_turns(way.visits.fell_back),
        came_back=_turns(way.visits.came_back),
    )


def _reopened(way: _Way) -> Iterator[Turn]:
    for state, at_ms, process, read in way.runs[1:]:
        if state == OPEN and read is not None:
            yield process, read.name, at_ms


def _turns(found: Mapping[Place, int]) -> tuple[Turn, ...]:
    return tuple((process, stage, at_ms) for (process, stage), at_ms in found.items())


def _entries(way: _Way) -> Iterator[Entry]:
    """First entries. Whoever wins has passed all stages. Closing stages count as they stand at the end."""
    state, since_ms, closing_in, closed_by = way.runs[-1] if way.runs else (OPEN, 0, "", None)
    for name, trail in way.trails.items():
        won_by = closed_by if state == WON and name == closing_in else None
        for stage, at_ms, skipped in _reached(trail, won_by, since_ms):
            converted = stage != UNASSIGNED and (state == WON or stage in trail.converted)
            lost = stage != UNASSIGNED and state == LOST and not converted
            yield Entry(name, stage, at_ms, converted, lost, skipped=skipped)
    if state == WON and closed_by is not None and closing_in not in way.trails:
        for stage in closed_by.edition.open_stages:
            yield Entry(closing_in, stage, since_ms, True, False, skipped=True)
    if state != OPEN and closed_by is not None:
        yield Entry(closing_in, closed_by.name, since_ms, False, False, closing=True)


def _reached(trail: _Trail, won_by: Reading | None, won_ms: int) -> Iterator[tuple[str, int, bool]]:
    """What was reached in a process, and with a win in it all that lies ahead, and whether it was skipped.

    The trail is left as it is.
    """
    for stage, at_ms in trail.reached.items():
        yield stage, at_ms, stage in trail.skipped
    if won_by is not None:
        edition = trail.seen_by(won_by.edition)
        for passed in edition.open_stages[trail.highest + 1 :]:
            if passed not in trail.reached:
                yield passed, won_ms, True
