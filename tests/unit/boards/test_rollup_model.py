"""Larger scopes equal the direct sum of their teams' cells, whatever the tree of teams went through."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.boards.rollup import Rollup
from pipeline.boards.scoreboard import Scoreboard
from pipeline.kernel.partitioner import partition_of
from pipeline.kernel.store import Store
from schemas import parts
from schemas.facts import Cell
from tests.unit.boards.logs import FactsLog, LogRecord, at, fold, reread

PARTITIONS = 2
TEAMS = ("north", "south", "emea", "world")
START_MS = at("2026-11-23 10:00")
MINUTE = 60_000


class Pipeline:
    """Two scoreboards and two rollups, with their logs."""

    def __init__(self) -> None:
        self.boards = [Scoreboard(n, Store(), PARTITIONS) for n in range(PARTITIONS)]
        self.rollups = [Rollup(n, Store(), PARTITIONS) for n in range(PARTITIONS)]
        self.facts = [FactsLog() for _ in range(PARTITIONS)]
        self.parts: list[list[LogRecord]] = [[] for _ in range(PARTITIONS)]
        for number, board in enumerate(self.boards):
            board.board.generation = 1
            fold(board, [self.facts[number].add(START_MS)])

    def cells(self, now_ms: int, cells: list[Cell]) -> None:
        """Facts for whoever owns the team, and the clock for everybody."""
        for number, board in enumerate(self.boards):
            own = [cell for cell in cells if partition_of(f"team:{cell[0]}", PARTITIONS) == number]
            fold(board, [self.facts[number].add(now_ms, *own)])

    def parent(self, team: str, parent: str | None) -> None:
        """A team moves; every scoreboard and rollup gets a copy."""
        record: dict[str, Any] = {"time_zones": [], "parent_id": parent}
        for number, board in enumerate(self.boards):
            fold(board, [self.facts[number].organise(f"team:{team}", record)])
        for number, stage in enumerate(self.rollups):
            copy = self.facts[0].records[-1]
            log = self.parts[number]
            log.append(LogRecord(len(log), copy.value, headers=copy.headers))
            fold(stage, log[-1:])

    def send(self, number: int) -> None:
        """One scoreboard sends its parts, the rollups take them in."""
        for sent in self.boards[number].take_parts():
            log = self.parts[sent.partition]
            log.append(LogRecord(len(log), sent.value))
            fold(self.rollups[sent.partition], log[-1:])

    def restart(self, number: int) -> None:
        """Scoreboard and rollup go on elsewhere; the scoreboard sends everything again."""
        self.boards[number] = Scoreboard(number, reread(self.boards[number].store), PARTITIONS)
        list(self.boards[number].restore())
        self.boards[number].board.generation = 1
        self.boards[number].mark_parts_since(None)
        self.rollups[number] = Rollup(number, reread(self.rollups[number].store), PARTITIONS)
        list(self.rollups[number].restore())

    def values(self) -> dict[tuple[str, str], Any]:
        """Calls by scope and window, of what is current; scopes without any are left out."""
        figures = [figure for stage in self.rollups for figure in stage.board.current()]
        found = {(f.scope, f.window): f.kpis.get("calls", {}).get("value") for f in figures if f.window in WINDOWS}
        assert {f.scope for f in figures} == {
            home for stage in self.rollups for home in stage.board.homes()
        } - self.hidden
        return {key: value for key, value in found.items() if value}

    @property
    def hidden(self) -> set[str]:
        """Groups that are none any more."""
        return {f"group:{team}" for team in TEAMS if not self.rollups[0].organisation.children(team)}


WINDOWS = ("15m", "24h", "day:2026-11-23", "year:2026")


def expected(cells: list[Cell], parents: dict[str, str | None], now_ms: int) -> dict[tuple[str, str], int]:
    """The same, added up directly."""
    found: dict[tuple[str, str], int] = {}
    for team, rep, day, minute, measures in cells:
        scopes = ["company"]
        if team != "company":
            scopes += [f"group:{above}" for above in groups(team, parents)] + ([f"rep:{rep}"] if rep else [])
        for scope in scopes:
            for window in WINDOWS:
                if inside(window, day, minute, now_ms):
                    found[scope, window] = found.get((scope, window), 0) + measures["calls"]
    return {key: value for key, value in found.items() if value}


def groups(team: str, parents: dict[str, str | None]) -> list[str]:
    """The teams above, and itself if it is above any."""
    found, above = ([team] if team in parents.values() else []), parents.get(team)
    while above is not None and above != team and above not in found:
        found.append(above)
        above = parents.get(above)
    return found


def inside(window: str, day: int | None, minute: int | None, now_ms: int) -> bool:
    """Whether a cell lies in a window; the test stays within one day."""
    if window in {"15m", "24h"}:
        return minute is not None and minute >= now_ms // MINUTE - {"15m": 15, "24h": 1440}[window]
    return day is not None


cells = st.tuples(
    st.sampled_from([*TEAMS, "company"]), st.sampled_from(["", "1", "2"]), st.integers(0, 40), st.integers(-2, 3)
)
steps = st.one_of(
    st.tuples(st.just("facts"), st.integers(0, 20), st.lists(cells, min_size=1, max_size=4)),
    st.tuples(st.just("parent"), st.sampled_from(TEAMS[:3]), st.sampled_from([None, *TEAMS[2:]])),
    st.tuples(st.just("send"), st.integers(0, 1), st.none()),
    st.tuples(st.just("restart"), st.integers(0, 1), st.none()),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(steps, min_size=1, max_size=16))
def test_larger_scopes_equal_the_direct_sum(plan: list[tuple[str, Any, Any]]) -> None:
    """Teams move, scoreboards restart and send again: at rest company, groups and reps are the sum of the cells."""
    pipeline, now_ms = Pipeline(), START_MS
    applied: list[Cell] = []
    parents: dict[str, str | None] = {}
    for team in TEAMS:
        pipeline.parent(team, None)
    for kind, what, more in plan:
        if kind == "facts":
            now_ms += what * MINUTE
            made: list[Cell] = []
            for team, rep, age, calls in more:
                minute = now_ms // MINUTE - age
                made.append((team, rep if team != "company" else "", START_DAY, minute, {"calls": calls}))
            applied += made
            pipeline.cells(now_ms, made)
        elif kind == "parent" and what != more:
            parents[what] = more
            pipeline.parent(what, more)
        elif kind == "send":
            pipeline.send(what)
        elif kind == "restart":
            pipeline.restart(what)
    pipeline.cells(now_ms + 5000, [])
    for number in range(PARTITIONS):
        pipeline.send(number)

    assert pipeline.values() == expected(applied, parents, now_ms)


START_DAY = START_MS // 86_400_000 + 719_163


def test_a_group_is_gone_with_the_last_team_below_it() -> None:
    """Its windows become tombstones, those without activity too, and come back with their sums when a team does."""
    pipeline = Pipeline()
    pipeline.parent("emea", None)
    pipeline.parent("north", "emea")
    pipeline.cells(START_MS, [("north", "7", START_DAY - 400, None, {"calls": 1})])
    pipeline.cells(START_MS, [("north", "7", START_DAY, START_MS // MINUTE, {"calls": 2})])
    owner = pipeline.rollups[partition_of("group:emea", PARTITIONS)].board

    def taken() -> dict[str, Any]:
        pipeline.send(0)
        pipeline.send(1)
        figures = [f for f in (*owner.take(slow=False), *owner.take(slow=True)) if f.scope == "group:emea"]
        return {f.window: None if f.gone else f.kpis["calls"]["value"] for f in figures if f.window in shown}

    shown = ("24h", "day:2026-11-23", "month:2025-10", "month:2025-12")
    there = {"24h": 2, "day:2026-11-23": 2, "month:2025-10": 1}
    assert taken() == there
    pipeline.parent("north", None)
    assert taken() == dict.fromkeys(shown)
    assert taken() == {}
    pipeline.parent("north", "emea")
    assert taken() == {**there, "month:2025-12": 0}


def test_a_part_that_is_sent_again_or_late_changes_nothing() -> None:
    """The highest version of a child's pane holds, in whatever order records come."""
    stage = Rollup(0, Store(), 1)

    def record(offset: int, version: int, calls: int, generation: int = 1) -> LogRecord:
        pane = parts.Pane("company", "team:north", START_DAY, None, version, START_MS, {"calls": calls})
        return LogRecord(offset, parts.pack(parts.Parts(1, 0, generation, START_MS, [pane])))

    fold(stage, [record(0, 5, 7), record(1, 5, 7), record(2, 4, 3)])

    assert next(f for f in stage.board.current() if f.kind == "day").kpis["calls"]["value"] == 7


def test_a_scoreboard_that_began_anew_replaces_all_it_sent_before() -> None:
    """Panes of an earlier generation no longer count once a later one is heard of, and cannot come back."""
    stage = Rollup(0, Store(), 1)

    def record(offset: int, generation: int, child: str, calls: int) -> LogRecord:
        pane = parts.Pane("company", child, START_DAY, None, 9 - generation, START_MS, {"calls": calls})
        return LogRecord(offset, parts.pack(parts.Parts(1, 0, generation, START_MS, [pane])))

    fold(stage, [record(0, 1, "team:north", 7), record(1, 2, "team:south", 1), record(2, 1, "team:north", 8)])

    assert (stage.cut() or {})["seen"] == {"facts/0": 7}
    assert next(f for f in stage.board.current() if f.kind == "day").kpis["calls"]["value"] == 1
