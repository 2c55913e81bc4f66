"""A team of thousands: a round in which one rep called costs what that rep costs, and a minute takes turns."""

import time

from hypothesis import given
from hypothesis import strategies as st

from pipeline.boards.scoreboard import Scoreboard
from pipeline.scores.figures import Figure
from pipeline.scores.ranks import RANKED, Ranks
from pipeline.sinks.redis_guard import HomeWrites
from pipeline.sinks.redis_home import HomeBatch, HomeMemory, render
from pipeline.sinks.redis_keys import Keys
from pipeline.sinks.redis_ranks import Ranked
from tests.unit.boards.logs import FactsLog, at, cell, fold, scoreboard
from tests.unit.boards.work import calls

NOW_MS = at("2026-11-23 12:00")
HOME = "team:north"
KEYS = Keys("test")


def begun(reps: int, ago_ms: int = 0) -> tuple[FactsLog, Scoreboard]:
    """A team in which everybody has called, and its figures were taken."""
    log, stage = FactsLog(), scoreboard()
    names = [f"r{number}" for number in range(reps)]
    log.employ("north", *names)
    log.add(
        NOW_MS,
        *(cell("north", name, NOW_MS - ago_ms, calls=1, activities=1) for name in names),
        feeds={"dialer": NOW_MS},
    )
    fold(stage, log.records)
    stage.board.take(slow=True)
    stage.take_regrouped()
    return log, stage


def test_who_is_ranked_is_the_same_object_while_nobody_moves() -> None:
    """A round asks for it, and the sink sees at once that nothing moved."""
    log, stage = begun(3)
    ranked = stage.beside(HOME).ranked
    ended = {"rep_id": "r1", "team_id": "north", "valid_from": 1000, "valid_to": 2000}
    fold(stage, [log.organise("membership:old", ended), log.add(NOW_MS + 1, cell("north", "r1", NOW_MS, calls=1))])

    assert stage.take_regrouped() == []
    assert stage.beside(HOME).ranked is ranked


def test_of_one_who_moves_the_others_are_not_looked_up() -> None:
    """Asking for the ranks after a membership ended calls as many functions with ten times the reps."""

    def cost(reps: int) -> int:
        log, stage = begun(reps)
        fold(stage, [log.organise("membership:r1", {"rep_id": "r1", "team_id": "south"})])
        counted = calls(lambda: (stage.take_regrouped(), stage.beside(HOME).ranked))
        assert stage.beside(HOME).ranked == {f"r{number}" for number in range(reps)} - {"r1"}
        return counted

    assert cost(300) == cost(30)


@given(st.lists(st.tuples(st.frozensets(st.sampled_from("abcdef")), st.booleans()), max_size=8))
def test_who_came_or_left_is_said_once(groups: list[tuple[frozenset[str], bool]]) -> None:
    """Each regrouping gives the reps by whom it differs from the one before, whether or not it is the same object."""
    ranked, before = Ranked(), frozenset[str]()
    for rep in "abcdef":
        ranked.note("day", rep, Ranks(*(None for _ in RANKED)))
    for reps, again in groups:
        assert list(ranked.regroup(reps)) == [("day", rep) for rep in sorted(reps ^ before)]
        assert not again or list(ranked.regroup(reps)) == []
        before = reps


def test_the_commands_of_a_rep_take_as_long_in_a_team_of_thousands() -> None:
    """Forming what one rep's new figures write takes hardly longer with a hundred times the reps."""

    def seconds(reps: int) -> float:
        log, stage = begun(reps)
        memory, spent = HomeMemory(), []
        render(writes(), KEYS, HOME, batch(stage, list(stage.board.current())), memory)
        for number in range(30):
            fold(stage, [log.add(NOW_MS + number, cell("north", "r1", NOW_MS, calls=1))])
            given = batch(stage, stage.board.take(slow=False))
            began = time.process_time()
            render(writes(), KEYS, HOME, given, memory)
            spent.append(time.process_time() - began)
        return min(spent)

    assert seconds(3000) < 2 * seconds(30)


def batch(stage: Scoreboard, figures: list[Figure]) -> HomeBatch:
    """What the sink is given of the team."""
    return HomeBatch(figures, current=stage.board.current_ids(HOME), beside=stage.beside(HOME))


def writes() -> HomeWrites:
    """Commands for the team's keys, none yet."""
    return HomeWrites(KEYS.owner(HOME), 60)


def test_a_minute_of_working_hours_takes_turns() -> None:
    """Who is silent is looked at rep by rep: the work between two turns is the same with ten times the reps."""

    def most(reps: int) -> tuple[int, int]:
        log, stage = begun(reps, ago_ms=30 * 60_000)
        steps = stage.fold([log.add(NOW_MS + 60_000, cell("north", "r1", NOW_MS, calls=1))])
        work, done = [], object()
        while True:
            last: list[object] = []
            work.append(calls(lambda: last.append(next(steps, done))))  # noqa: B023 (called at once)
            if last[0] is done:
                return max(work), len(work)

    few, many = most(300), most(3000)
    assert many[0] < 2 * few[0]
    assert many[1] > 5 * few[1]


def test_whoever_is_silent_is_found_in_a_large_team() -> None:
    """Half an hour later all but the one who called are silent, which is one alert of the team."""
    log, stage = begun(400)
    for minute in range(1, 180):
        now_ms = NOW_MS + minute * 60_000
        called = cell("north", "r1", now_ms, calls=1, activities=1)
        fold(stage, [log.add(now_ms, called, feeds={"dialer": now_ms})])

    assert [(alert.kind, alert.scope, alert.seen) for alert in stage.open_alerts()] == [
        ("silent_reps", "team:north", 399)
    ]  # fmt: skip
