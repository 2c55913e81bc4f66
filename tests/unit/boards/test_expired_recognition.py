"""Days that expire change nothing that was told: no restart, record or correction afterwards does either."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.boards.test_achievements import floor as ruled
from tests.unit.boards.test_achievements import told
from tests.unit.boards.test_contests import DAY, FIRST, HOUR, PARTITIONS, SPRINT, Floor, begun, dials

LATER = 900
"""So many days on, all days until now have expired."""


def years_on(floor: Floor) -> Floor:
    """The floor once all that was done has expired, with nothing to be told."""
    for _ in range(3):
        floor.wait(LATER // 3 * DAY)
    floor.told.clear()
    return floor


def restart(floor: Floor) -> None:
    """Everything goes on elsewhere."""
    for number in range(PARTITIONS):
        floor.restart(number, floor.boards[number].store.position)


def decided() -> Floor:
    """A contest that was won years ago."""
    floor = begun()
    floor.count(dials("north", "1", 5))
    floor.send()
    return years_on(floor)


def rename(floor: Floor) -> None:
    """The contest is called otherwise."""
    floor.organise("contest:sprint", {**SPRINT, "title": "Sprint of 2026"})


def belong(floor: Floor) -> None:
    """Somebody else is said to have been in the team all the time."""
    floor.organise("membership:3", {"rep_id": "3", "team_id": "north"})


def leave(floor: Floor) -> None:
    """Who won is said to be nobody."""
    floor.organise("rep:1", None)


def decide_otherwise(floor: Floor) -> None:
    """Another KPI is said to have decided it."""
    floor.organise("contest:sprint", {**SPRINT, "kpi": "won"})


def be_told_again(floor: Floor) -> None:
    """Scoreboards send all that they have once more."""
    for number in range(PARTITIONS):
        floor.restart(number, None)


def start_anew(floor: Floor) -> None:
    """A scoreboard begins from an empty state."""
    for board in floor.boards:
        board.board.generation += 1
    floor.count(dials("north", "1", 1, FIRST + LATER))


def test_a_home_of_which_many_days_expire_at_once_leaves_no_pane_behind() -> None:
    """A restart would bring them back."""
    floor = tenth()

    assert [key for stage in floor.rollups for key, _ in stage.store.items(b"p")] == []


AFTERWARDS: list[Callable[[Floor], None]] = [
    restart, rename, belong, leave, decide_otherwise, be_told_again, start_anew,
]  # fmt: skip


@pytest.mark.parametrize("step", AFTERWARDS)
def test_the_result_of_a_contest_of_long_ago_stands(step: Callable[[Floor], None]) -> None:
    """Whatever is told after its days expired, and wherever the worker goes on: who won is who won."""
    floor = decided()
    step(floor)
    floor.wait(HOUR)
    restart(floor)
    floor.wait(DAY)

    assert (floor.contest().state, floor.contest().entrants) == ("final", 2)
    assert floor.places() == {"rep:1": (1, 5), "rep:2": (2, 0)}
    assert [each.id for each in floor.told] == (["contest:sprint"] if step is rename else [])
    assert floor.contest().title == ("Sprint of 2026" if step is rename else "sprint")


def test_a_contest_of_long_ago_is_taken_back_and_stands_again() -> None:
    """With the places that were told of it."""
    floor = decided()
    floor.organise("contest:sprint", None)
    floor.wait(HOUR)
    assert floor.contest().state == "taken_back"

    floor.organise("contest:sprint", SPRINT)
    restart(floor)
    floor.wait(HOUR)
    assert (floor.contest().state, floor.places()) == ("final", {"rep:1": (1, 5), "rep:2": (2, 0)})


def test_a_contest_of_days_that_are_gone_has_no_places_where_none_were_told() -> None:
    """All would be first with nothing. One of days that are kept has, be it of a name that another one had."""
    floor = decided()
    floor.organise("contest:other", {**SPRINT, "first_day": FIRST - 5})
    floor.wait(HOUR)
    assert (floor.contest("other").state, floor.places("other")) == ("final", {})

    floor.organise("contest:sprint", {**SPRINT, "first_day": FIRST + LATER, "last_day": FIRST + LATER + 4})
    floor.count(dials("north", "2", 1, FIRST + LATER))
    floor.wait(HOUR)
    assert (floor.contest().state, floor.places()) == ("running", {"rep:2": (1, 1), "rep:1": (2, 0)})


def tenth() -> Floor:
    """A tenth dial of years ago, after a best day with four of them."""
    floor = ruled(best=["day"], milestones=[10])
    floor.count(*(dials("north", "1", 1 + 3 * (n == 3), FIRST - n) for n in range(7)))
    floor.send()
    assert told(floor) == TENTH
    return years_on(floor)


TENTH = {"best:day|dials|rep:1": (4, "day:2026-10-30"), "milestone:10|dials|rep:1": (10, "day:2026-11-02")}


def test_a_milestone_of_long_ago_stays_on_its_day() -> None:
    """Whatever is added or taken away on days that are kept."""
    floor = tenth()
    for number, days in ((5, 0), (-1, 0), (-2, 0), (3, 3), (-3, 3)):
        floor.count(dials("north", "1", number, FIRST + LATER - days))
        floor.send()
        assert told(floor)["milestone:10|dials|rep:1"] == TENTH["milestone:10|dials|rep:1"]


def test_a_count_that_was_reached_on_days_that_are_gone_is_told_once() -> None:
    """It is told of the first day that is kept, and stays there: an earlier one that comes late does not move it."""
    floor = tenth()
    floor.count(dials("north", "1", 1, FIRST + LATER))
    floor.organise("recognition:dials", {"kpi": "dials", "best": ["day"], "milestones": [9, 10]})
    floor.send()
    floor.count(dials("north", "1", 1, FIRST + LATER - 4), dials("north", "1", -1, FIRST + LATER))
    floor.send()

    assert told(floor) == TENTH | {"milestone:9|dials|rep:1": (9, "day:2029-04-20")}


@pytest.mark.parametrize(
    ("subject", "record"),
    [
        ("recognition:dials", {"kpi": "dials", "best": ["day"], "milestones": [10, 1000]}),
        ("recognition:dials", {"kpi": "dials", "best": ["day", "week"], "milestones": [10]}),
        ("company:company", {"week_starts": [[None, "sunday"]]}),
        ("team:north", {"time_zones": [[None, "Asia/Tokyo"]]}),
    ],
)
def test_a_best_day_of_long_ago_stands_when_all_days_are_looked_at(subject: str, record: dict[str, Any]) -> None:
    """Because of another rule, other weeks, or another zone."""
    floor = tenth()
    floor.count(*(dials("north", "1", 1 + (n == 2), FIRST + LATER - n) for n in range(7)))
    floor.send()
    floor.organise(subject, record)
    restart(floor)
    floor.wait(HOUR)

    assert told(floor) == TENTH


def test_a_best_day_that_was_beaten_by_mistake_is_the_best_again() -> None:
    """A record of years ago outlasts a typing error."""
    floor = tenth()
    floor.count(*(dials("north", "1", 1 + 8 * (n == 2), FIRST + LATER - n) for n in range(7)))
    floor.send()
    assert told(floor)["best:day|dials|rep:1"] == (9, "day:2029-04-18")

    restart(floor)
    floor.count(dials("north", "1", -8, FIRST + LATER - 2))
    floor.send()
    assert told(floor) == TENTH


def test_a_best_day_needs_no_others_that_are_gone() -> None:
    """Of six other days five have expired, and a day that comes and goes leaves the best one as it is."""
    floor = ruled(best=["day"], milestones=[])
    floor.count(*(dials("north", "1", 1, FIRST - n) for n in range(6)))
    floor.wait(700 * DAY)
    floor.count(dials("north", "1", 3, FIRST + 700))
    floor.send()
    best = {"best:day|dials|rep:1": (3, "day:2028-10-02")}
    assert told(floor) == best
    floor.wait(200 * DAY)
    for number in (1, -1):
        floor.count(dials("north", "1", number, FIRST + LATER))
        floor.send()
        restart(floor)
        assert told(floor) == best


def test_a_streak_of_long_ago_stands_whatever_is_said_of_its_days() -> None:
    """An absence, another rule, hours of a team: until another streak is there."""
    floor = ruled(best=[], milestones=[], streaks=[1])
    floor.count(*(dials("north", "1", 1, FIRST - n) for n in (0, 3, 4)))
    floor.send()
    years_on(floor).count(dials("north", "1", 1, FIRST + LATER))
    floor.send()
    floor.organise("absence:a", {"rep_id": "1", "first_day": FIRST - 3, "last_day": FIRST - 3})
    floor.organise("recognition:dials", {"kpi": "dials", "streaks": [1, 2]})
    restart(floor)
    floor.wait(HOUR)

    assert told(floor) == {"streak:1|dials|rep:1": (3, "day:2026-11-02")}
    floor.count(*(dials("north", "1", 1, FIRST + LATER - n) for n in (8, 9, 10)))
    floor.send()
    for number in (0, 1):
        floor.count(dials("north", "1", number, FIRST + LATER - 2))
        floor.send()
        assert told(floor) == {"streak:1|dials|rep:1": (3, "day:2029-04-12")}
    floor.count(dials("north", "1", -1, FIRST + LATER - 9))
    floor.send()
    assert told(floor) == {"streak:1|dials|rep:1": (3, "day:2026-11-02")}


def test_a_streak_keeps_the_days_that_expire_while_it_goes_on() -> None:
    """It began before the first day that is kept. A day that parts it leaves what lies after, and joins it again."""
    floor = ruled(best=[], milestones=[], streaks=[1])
    for days in range(0, LATER, 60):
        floor.now_ms += 60 * DAY
        floor.count(*(dials("north", "1", 1, FIRST + days + n) for n in range(60) if n % 7 < 5 or days % 7))
        floor.send()
    ((_, long),) = [(id_, each) for id_, each in told(floor).items()]
    weekdays = [day for day in range(FIRST, FIRST + LATER) if date.fromordinal(day).isoweekday() < 6]
    assert long == (len(weekdays), "day:2029-04-19")

    for number, after in ((-1, [day for day in weekdays if day > weekdays[-9]]), (1, weekdays)):
        floor.count(dials("north", "1", number, weekdays[-9]))
        floor.send()
        restart(floor)
        assert told(floor) == {"streak:1|dials|rep:1": (len(after), "day:2029-04-19")}
    floor.count(dials("north", "1", -1, weekdays[-2]))
    floor.send()
    assert told(floor) == {"streak:1|dials|rep:1": (len(weekdays) - 2, f"day:{Floor.date(weekdays[-3])}")}


RULES: list[dict[str, Any]] = [
    {"kpi": "dials", "best": ["day", "week"], "milestones": [10, *more], "streaks": [1, *more]}
    for more in ([], [3], [4])
]
DAYS = st.dictionaries(st.tuples(st.sampled_from("12"), st.integers(-20, 0)), st.integers(1, 4), min_size=8)
STEPS = st.one_of(
    st.tuples(st.just("day"), st.sampled_from("12"), st.tuples(st.integers(-9, 0), st.integers(0, 6))),
    st.tuples(st.just("day"), st.sampled_from("12"), st.tuples(st.integers(-9, 0), st.integers(0, 6))),
    st.tuples(st.just("recognition:dials"), st.none(), st.sampled_from(RULES)),
    st.tuples(st.just("contest:sprint"), st.none(), st.sampled_from([SPRINT, {**SPRINT, "least_sample": 2}])),
    st.tuples(st.just("membership:3"), st.none(), st.sampled_from([None, {"rep_id": "3", "team_id": "north"}])),
    st.tuples(st.just("membership:2"), st.none(), st.sampled_from([None, {"rep_id": "2", "team_id": "south"}])),
    st.tuples(
        st.just("absence:a"), st.none(),
        st.sampled_from([None, {"rep_id": "1", "first_day": FIRST - 9, "last_day": FIRST - 2}]),
    ),
    st.tuples(
        st.just("company:company"), st.none(),
        st.sampled_from([{"week_starts": [[None, "sunday"]]}, {"week_starts": [[None, "monday"]]}]),
    ),
    st.tuples(st.just("restart"), st.none(), st.booleans()),
)  # fmt: skip


def lived(days: dict[tuple[str, int], int], plan: list[tuple[str, Any, Any]], *, restarts: bool) -> tuple[Floor, Any]:
    """The floor after a plan, on which days were done long before; and what was told of these once they had expired."""
    floor = ruled(**RULES[0])
    floor.organise("contest:sprint", SPRINT)
    floor.count(*(dials("north", rep, number, FIRST + on) for (rep, on), number in days.items()))
    floor.send()
    years_on(floor)
    before = told(floor), floor.contest()
    done: dict[tuple[str, int], int] = {}
    for kind, rep, what in plan:
        if kind == "day":
            on, number = what
            change = number - done.get((rep, on), 0)
            done[rep, on] = number
            floor.count(dials("north", rep, change, FIRST + LATER + on))
            floor.send()
        elif kind != "restart":
            floor.organise(kind, what)
        elif restarts:
            be_told_again(floor) if what else restart(floor)
    floor.wait(5000)
    return floor, (before, done)


@settings(max_examples=25, deadline=None)
@given(DAYS, st.lists(STEPS, min_size=1, max_size=10))
def test_what_was_told_of_days_that_are_gone_stands(
    days: dict[tuple[str, int], int], plan: list[tuple[str, Any, Any]]
) -> None:
    """Over any records, corrections of later days and restarts; and a worker that restarted tells what others do."""
    floor, ((before, contest), done) = lived(days, plan, restarts=True)
    now = told(floor)
    assert floor.contest().model_copy(update={"version": []}) == contest.model_copy(update={"version": []})
    for id_, (value, window) in before.items():
        if id_.startswith("best:day"):
            kept = [(number, -on) for (rep, on), number in done.items() if id_.endswith(rep)]
            most, ago = max(kept, default=(0, 0))
            beaten = (most, f"day:{Floor.date(FIRST + LATER - ago)}")
            assert now[id_] == (beaten if most > value else (value, window))
        elif id_.startswith("milestone") or now[id_][1] < "day:2029":
            assert now[id_] == (value, window)
        else:
            assert now[id_][0] >= (3 if id_.startswith("streak") else value)

    other, _ = lived(days, plan, restarts=False)
    assert told(other) == now
