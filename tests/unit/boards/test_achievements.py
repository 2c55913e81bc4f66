"""Best periods and milestones on whole boards: told as they come, taken back by corrections, never told twice."""

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.recognition.bests import best
from pipeline.recognition.milestones import reached_on
from pipeline.scores.windows import PeriodRules
from schemas.facts import Cell
from schemas.recognition import Achievement
from tests.unit.boards.test_contests import DAY, FIRST, PARTITIONS, Floor, dials

RULED: dict[str, Any] = {"kpi": "dials", "best": ["day", "week", "month"], "milestones": [1, 10, 100]}
ALL: dict[str, Any] = {**RULED, "streaks": [1, 4]}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
WORKING: dict[str, Any] = {"calendar": {day: [["09:00", "17:00"]] for day in WEEKDAYS}}


def floor(**rule: Any) -> Floor:
    """A floor on which dials of reps are recognised."""
    found = Floor()
    found.employ()
    found.organise("recognition:dials", RULED | rule)
    return found


def told(floor: Floor) -> dict[str, tuple[int, str]]:
    """What stands: value and window by id."""
    everything = [each for board in floor.boards for each in board.recognition()]
    everything += [each for stage in floor.rollups for each in stage.recognition()]
    found = [each for each in everything if isinstance(each, Achievement)]
    return {each.id: (each.value, each.window) for each in found if each.stands}


def test_a_best_day_is_told_and_taken_back() -> None:
    """After five other days; the correction that undoes it gives the day before its place back."""
    there = floor(best=["day"], milestones=[])
    there.count(*(dials("north", "1", 3 + (n == 2), FIRST - n) for n in range(1, 7)))
    there.send()
    assert told(there) == {"best:day|dials|rep:1": (4, "day:2026-10-31")}

    there.count(dials("north", "1", 9))
    there.send()
    assert told(there) == {"best:day|dials|rep:1": (9, "day:2026-11-02")}
    there.count(dials("north", "1", -6))
    there.send()
    assert told(there) == {"best:day|dials|rep:1": (4, "day:2026-10-31")}


def test_a_milestone_that_a_correction_undoes_is_taken_back() -> None:
    """And says so; what was told of it before stays beside it."""
    there = floor(best=[])
    there.count(dials("north", "1", 7, FIRST - 1), dials("north", "1", 3))
    there.send()
    assert told(there) == {
        "milestone:1|dials|rep:1": (1, "day:2026-11-01"), "milestone:10|dials|rep:1": (10, "day:2026-11-02"),
    }  # fmt: skip

    there.count(dials("north", "1", -1, FIRST - 1))
    there.send()
    assert told(there) == {"milestone:1|dials|rep:1": (1, "day:2026-11-01")}
    (gone,) = (each for stage in there.rollups for each in stage.recognition() if not each.stands)
    assert (gone.id, gone.state) == ("milestone:10|dials|rep:1", "taken_back")


def test_a_day_that_takes_away_moves_a_milestone_on() -> None:
    """In one record: what was there before that day was not there after it, until later days brought it again."""
    there = floor(best=[], milestones=[1])
    there.count(dials("north", "1", 1))
    there.count(dials("north", "1", 1), dials("north", "1", 1, FIRST - 2), dials("north", "1", -2, FIRST - 1))
    there.send()

    assert told(there) == {"milestone:1|dials|rep:1": (1, "day:2026-11-02")}


def test_a_rep_achieves_over_all_teams_and_a_team_by_all_who_work_in_it() -> None:
    """Each by rules of their own."""
    there = floor(best=[], milestones=[10])
    there.organise("recognition:teams", {"whose": "teams", "kpi": "dials", "milestones": [12]})
    there.count(dials("north", "1", 6), dials("south", "1", 4), dials("north", "2", 6))
    there.send()

    assert told(there) == {
        "milestone:10|dials|rep:1": (10, "day:2026-11-02"), "milestone:12|dials|team:north": (12, "day:2026-11-02"),
    }  # fmt: skip


def test_what_is_recognised_later_is_told_of_all_days_that_are_remembered() -> None:
    """And what is recognised no more is taken back."""
    there = floor(best=[], milestones=[])
    there.count(dials("north", "1", 7, FIRST - 40), dials("north", "1", 5))
    there.send()
    assert told(there) == {}

    there.organise("recognition:dials", {"kpi": "dials", "milestones": [8]})
    assert told(there) == {"milestone:8|dials|rep:1": (8, "day:2026-11-02")}
    there.organise("recognition:dials", None)
    assert told(there) == {}


def test_days_that_expire_take_nothing_back() -> None:
    """A best day of years ago stands until it is beaten, and what was counted then still counts."""
    there = floor(best=["day"], milestones=[10])
    there.count(*(dials("north", "1", 1 + (n == 3), FIRST - n) for n in range(6)))
    there.send()
    before = told(there)
    assert before == {"best:day|dials|rep:1": (2, "day:2026-10-30")}
    for _ in range(3):
        there.wait(300 * DAY)
    today = FIRST + 900
    there.count(dials("north", "1", 1, today))
    there.send()
    assert told(there) == before

    there.count(dials("north", "1", 2, today))
    there.send()
    assert told(there) == {
        "best:day|dials|rep:1": (3, "day:2029-04-20"),
        "milestone:10|dials|rep:1": (10, "day:2029-04-20"),
    }


def test_a_streak_goes_over_weekends_and_absences_and_a_correction_parts_and_joins_it() -> None:
    """Five working days up to a Monday; the Thursday before has too few, then is away, and then it has enough."""
    there = floor(best=[], milestones=[], streaks=[5])
    there.count(*(dials("north", "1", 5 + (n == 3), FIRST - n) for n in (0, 3, 4, 5, 6)))
    there.send()
    assert told(there) == {"streak:5|dials|rep:1": (5, "day:2026-11-02")}

    there.count(dials("north", "1", -1, FIRST - 4))
    there.send()
    assert told(there) == {}
    there.organise("absence:a", {"rep_id": "1", "first_day": FIRST - 4, "last_day": FIRST - 4})
    assert told(there) == {"streak:5|dials|rep:1": (4, "day:2026-11-02")}
    there.organise("absence:a", None)
    assert told(there) == {}
    there.count(dials("north", "1", 1, FIRST - 4))
    there.send()
    assert told(there) == {"streak:5|dials|rep:1": (5, "day:2026-11-02")}


def test_a_streak_stands_until_three_days_of_another_are_there() -> None:
    """Two days are no streak, and a Saturday is no working day."""
    there = floor(best=[], milestones=[], streaks=[1])
    there.count(*(dials("north", "1", 1, FIRST - n) for n in (14, 13, 12, 4, 3, 2)))
    there.send()
    assert told(there) == {"streak:1|dials|rep:1": (3, "day:2026-10-21")}
    there.count(dials("north", "1", 1))
    there.send()
    assert told(there) == {"streak:1|dials|rep:1": (3, "day:2026-11-02")}


def test_a_rep_who_moves_has_the_working_days_of_the_other_team_from_then_on() -> None:
    """Team south works on Saturdays and not on Fridays: so four days before are others, without any record."""
    there = floor(best=[], milestones=[], streaks=[1])
    days = ("monday", "tuesday", "wednesday", "thursday", "saturday")
    there.organise(
        "team:south", {"time_zones": [[None, "UTC"]], "calendar": {day: [["09:00", "17:00"]] for day in days}}
    )
    there.count(*(dials("north", "1", 1, FIRST - n) for n in (0, 2, 4, 5)))
    there.send()
    assert told(there) == {}
    there.organise("membership:south", {"rep_id": "1", "team_id": "south", "valid_from": there.now_ms + DAY})
    assert told(there) == {}
    there.wait(2 * DAY)
    assert told(there) == {"streak:1|dials|rep:1": (4, "day:2026-11-02")}


def test_a_streak_of_which_days_expire_stands() -> None:
    """Until another one is there."""
    there = floor(best=[], milestones=[], streaks=[1])
    there.count(*(dials("north", "1", 1, FIRST - n) for n in (0, 3, 4)))
    there.send()
    for _ in range(3):
        there.wait(300 * DAY)
    there.count(dials("north", "1", 1, FIRST + 900))
    there.send()
    assert told(there) == {"streak:1|dials|rep:1": (3, "day:2026-11-02")}


CELLS = st.tuples(
    st.sampled_from(["north", "south"]), st.sampled_from(["", "1", "2"]), st.integers(-45, 2),
    st.sampled_from([{"dials": 1}, {"dials": 4}, {"dials": -2}, {"emails": 1}]),
)  # fmt: skip
RULES: list[dict[str, Any] | None] = [
    ALL, {**ALL, "best": ["day"], "milestones": [3, 5]}, {**ALL, "whose": "teams"},
    {"kpi": "emails", "milestones": [2]}, None, {**RULED, "best": [], "milestones": [], "streaks": [2]},
]  # fmt: skip
STEPS = st.one_of(
    st.tuples(st.just("facts"), st.lists(CELLS, min_size=1, max_size=8), st.sampled_from([0, 5000, DAY])),
    st.tuples(st.just("facts"), st.lists(CELLS, min_size=1, max_size=8), st.sampled_from([0, 5000, DAY])),
    st.tuples(st.just("rule"), st.sampled_from("ab"), st.sampled_from(RULES)),
    st.tuples(st.just("weeks"), st.sampled_from(["monday", "sunday"]), st.none()),
    st.tuples(
        st.just("organise"),
        st.sampled_from(["absence:a", "absence:b"]),
        st.tuples(st.sampled_from("12"), st.integers(-20, 1), st.integers(0, 9)),
    ),
    st.tuples(st.just("closed"), st.sampled_from([None, "north"]), st.integers(-20, 1)),
    st.tuples(st.just("run"), st.sampled_from("12"), st.integers(-20, -5)),
    st.tuples(st.just("restart"), st.integers(0, 1), st.booleans()),
)


def streak(least: int, values: dict[int, int], off: set[int]) -> tuple[int, str] | None:
    """The latest streak of at least three days from Monday to Friday, without days off."""
    runs: list[list[int]] = [[]]
    for on in range(FIRST - 60, FIRST + 60):
        if on not in off and date.fromordinal(on).isoweekday() < 6:
            if values.get(on, 0) >= least:
                runs[-1].append(on)
            else:
                runs.append([])
    long = [run for run in runs if len(run) > 2]
    return (len(long[-1]), f"day:{Floor.date(long[-1][-1])}") if long else None


def expected(
    cells: list[Cell], rules: dict[str, dict[str, Any] | None], starts: PeriodRules, off: dict[str, dict[str, set[int]]]
) -> dict[str, tuple[int, str]]:
    """What is achieved, from all cells at once."""
    last = {
        (each.get("whose", "reps"), each["kpi"]): each for _, each in sorted(rules.items()) if each is not None
    }  # fmt: skip
    found: dict[str, tuple[int, str]] = {}
    for (whose, kpi), rule in last.items():
        by_scope: dict[str, dict[int, int]] = {}
        for team, rep, on, _, measures in cells:
            scope = f"team:{team}" if whose == "teams" else f"rep:{rep}" if rep else ""
            if scope and on is not None and kpi in measures:
                days = by_scope.setdefault(scope, {})
                days[on] = days.get(on, 0) + measures[kpi]
        for scope, days in by_scope.items():
            values = {on: value for on, value in days.items() if value}
            for period in rule.get("best", ()):
                if top := best(period, values, starts):
                    found[f"best:{period}|{kpi}|{scope}"] = (top.value, top.window)
            for count in rule.get("milestones", ()):
                if (on := reached_on(count, sum(values.values()), values)) is not None:
                    found[f"milestone:{count}|{kpi}|{scope}"] = (count, f"day:{Floor.date(on)}")
            for least in rule.get("streaks", ()):
                if last_run := streak(least, values, set().union(*off.get(scope, {}).values())):
                    found[f"streak:{least}|{kpi}|{scope}"] = last_run
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=12))
def test_at_rest_what_is_told_is_what_all_days_say(plan: list[tuple[str, Any, Any]]) -> None:
    """Whatever was corrected, ruled otherwise, cut into other weeks or read again on the way."""
    there = floor(**ALL)
    there.organise("company:company", WORKING)
    cells: list[Cell] = []
    rules: dict[str, dict[str, Any] | None] = {"dials": ALL}
    starts = PeriodRules()
    off: dict[str, dict[str, set[int]]] = {}
    for number, (kind, what, more) in enumerate(plan):
        if kind == "run":
            made: list[Cell] = [("north", what, FIRST + more + n, None, {"dials": 4}) for n in range(6)]
            cells += made
            there.count(*made)
            there.send()
        elif kind == "facts":
            made = [(team, rep, FIRST + on, None, measures) for team, rep, on, measures in what]
            cells += made
            there.now_ms += more
            there.count(*made)
            there.send()
        elif kind == "rule":
            rules[what] = more
            there.organise(f"recognition:{what}", more)
        elif kind == "organise":
            for days in off.values():
                days.pop(what, None)
            rep, first, length = more
            off.setdefault(f"rep:{rep}", {})[what] = set(range(FIRST + first, FIRST + first + length + 1))
            there.organise(what, {"rep_id": rep, "first_day": FIRST + first, "last_day": FIRST + first + length})
        elif kind == "closed":
            for scope in ("team:north", "rep:1", "rep:2", *(() if what else ("team:south",))):
                off.setdefault(scope, {})[f"closed:{number}"] = {FIRST + more}
            there.organise(f"special_day:{number}", {"day": FIRST + more} | ({"team_id": what} if what else {}))
        elif kind == "weeks":
            there.organise("company:company", {**WORKING, "week_starts": [[None, what]]})
            starts = PeriodRules(week_starts=there.boards[0].organisation.week_starts)
        else:
            there.restart(what, None if more else there.boards[what].store.position)
    there.wait(5000)

    assert told(there) == expected(cells, rules, starts, off)
    there.told.clear()
    for number in range(PARTITIONS):
        there.restart(number, None)
    there.wait(DAY)
    assert there.told == []
