"""Contests on whole boards: events, late and corrected ones, moves, restarts; each contest stands as the cells say."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.boards.rollup import Rollup
from pipeline.boards.scoreboard import Scoreboard
from pipeline.kernel.partitioner import partition_of
from pipeline.kernel.store import Store
from schemas.facts import Cell
from schemas.recognition import ContestStandings, Recognition
from tests.unit.boards.logs import FactsLog, LogRecord, at, day, fold, reread

HOUR, DAY = 3_600_000, 86_400_000
START_MS = at("2026-11-02 10:00")
"""A Monday."""
PARTITIONS = 2
FIRST = day("2026-11-02")
HOME = partition_of("company", PARTITIONS)
SPRINT: dict[str, Any] = {
    "kpi": "dials", "team_ids": ["north"], "first_day": FIRST, "last_day": FIRST + 4, "settlement_hours": 24,
}  # fmt: skip


class Floor:
    """Two scoreboards and two rollups, with their logs."""

    def __init__(self) -> None:
        self.boards = [Scoreboard(n, Store(), PARTITIONS) for n in range(PARTITIONS)]
        self.rollups = [Rollup(n, Store(), PARTITIONS) for n in range(PARTITIONS)]
        self.facts = [FactsLog() for _ in range(PARTITIONS)]
        self.parts: list[list[LogRecord]] = [[] for _ in range(PARTITIONS)]
        self.told: list[Recognition] = []
        self.now_ms = START_MS
        for number, (board, stage) in enumerate(zip(self.boards, self.rollups, strict=True)):
            board.board.generation = stage.board.generation = 1
            fold(board, [self.facts[number].add(START_MS)])

    @staticmethod
    def date(on: int) -> str:
        """A day as it is told."""
        return date.fromordinal(on).isoformat()

    def organise(self, subject: str, record: dict[str, Any] | None) -> None:
        """Every board gets a copy."""
        for number, board in enumerate(self.boards):
            fold(board, [self.facts[number].organise(subject, record)])
        for number, stage in enumerate(self.rollups):
            copy, log = self.facts[0].records[-1], self.parts[number]
            log.append(LogRecord(len(log), copy.value, headers=copy.headers))
            fold(stage, log[-1:])

    def employ(self) -> None:
        """Two teams in UTC, of two reps and one."""
        for team, reps in (("north", "12"), ("south", "3")):
            self.organise(f"team:{team}", {"time_zones": [[None, "UTC"]]})
            for rep in reps:
                self.organise(f"rep:{rep}", {})
                self.organise(f"membership:{rep}", {"rep_id": rep, "team_id": team})

    def count(self, *cells: Cell) -> None:
        """Facts for whoever owns the team, and the clock for everybody."""
        for number, board in enumerate(self.boards):
            own = [cell for cell in cells if partition_of(f"team:{cell[0]}", PARTITIONS) == number]
            fold(board, [self.facts[number].add(self.now_ms, *own)])

    def send(self, *numbers: int) -> None:
        """Scoreboards send their parts, the rollups take them in; what is told of contests is taken."""
        for number in numbers or range(PARTITIONS):
            for sent in self.boards[number].take_parts():
                log = self.parts[sent.partition]
                log.append(LogRecord(len(log), sent.value))
                fold(self.rollups[sent.partition], log[-1:])
        self.told += self.rollups[HOME].take_recognition()

    def wait(self, ms: int) -> None:
        """Time goes on."""
        self.now_ms += ms
        self.count()
        self.send()

    def restart(self, number: int, position: int | None) -> None:
        """Scoreboard and rollup go on elsewhere; what changed after a position is sent again, None: all."""
        self.boards[number] = Scoreboard(number, reread(self.boards[number].store), PARTITIONS)
        list(self.boards[number].restore())
        self.boards[number].board.generation = 1
        self.boards[number].mark_parts_since(position)
        self.rollups[number] = Rollup(number, reread(self.rollups[number].store), PARTITIONS)
        list(self.rollups[number].restore())
        self.rollups[number].board.generation = 1

    def contest(self, name: str = "sprint") -> ContestStandings:
        """A contest as it stands."""
        found = next(each for each in self.rollups[HOME].recognition() if each.id == f"contest:{name}")
        assert isinstance(found, ContestStandings)
        return found

    def places(self, name: str = "sprint") -> dict[str, tuple[int | None, float | None]]:
        """By who takes part: place and value."""
        return {each.scope: (each.place, each.value) for each in self.contest(name).standings}


def dials(team: str, rep: str, number: int, on: int = FIRST) -> Cell:
    """So many dials of a rep on a day."""
    return (team, rep, on, None, {"dials": number, "talk_ms": 1})


def begun(**contest: Any) -> Floor:
    """A floor on which the contest has begun."""
    floor = Floor()
    floor.employ()
    floor.organise("contest:sprint", SPRINT | contest)
    floor.send()
    return floor


def test_a_contest_stands_as_its_days_say() -> None:
    """Places are shared; what is before or after its days, or of whom is not in it, counts nothing."""
    floor = begun()
    floor.count(dials("north", "1", 5), dials("north", "1", 9, FIRST - 1), dials("south", "3", 50))
    floor.send()
    assert floor.places() == {"rep:1": (1, 5), "rep:2": (2, 0)}

    floor.count(dials("north", "2", 5, FIRST + 1), dials("north", "2", 9, FIRST + 5))
    floor.send()
    assert floor.places() == {"rep:1": (1, 5), "rep:2": (1, 5)}
    assert (floor.contest().state, floor.contest().entrants) == ("running", 2)


def test_a_correction_takes_a_place_back() -> None:
    """As if it had never been."""
    floor = begun()
    floor.count(dials("north", "1", 5), dials("north", "2", 7))
    floor.send()
    assert floor.places() == {"rep:1": (2, 5), "rep:2": (1, 7)}

    floor.count(dials("north", "2", -7))
    floor.send()
    assert floor.places() == {"rep:1": (1, 5), "rep:2": (2, 0)}


def test_it_settles_and_is_final_and_restated() -> None:
    """What comes while it settles still counts; what comes after that is told, and so is that it does."""
    floor = begun(first_day=FIRST + 1)
    assert (floor.contest().state, floor.contest().standings) == ("upcoming", [])
    states = []
    for hours, number in ((38, 1), (90, 1), (24, 0), (1, 0), (1, 1), (1, 0)):
        floor.now_ms += hours * HOUR
        floor.count(dials("north", "1", number, FIRST + 2))
        floor.send()
        states.append((floor.contest().state, floor.places()["rep:1"][1]))

    assert states == [("running", 1), ("settling", 2), ("final", 2), ("final", 2), ("restated", 3), ("restated", 3)]


def test_a_scoreboard_without_anything_to_send_lets_a_contest_end() -> None:
    """Each says its time to where contests are, also one whose teams do nothing for days."""
    floor = begun()
    floor.count(dials("north", "1", 5), dials("south", "3", 1))
    floor.send()
    assert len({partition_of(f"team:{team}", PARTITIONS) for team in ("north", "south")}) == PARTITIONS
    floor.now_ms += 4 * DAY
    floor.count(dials("north", "1", 1), dials("south", "3", 1))
    floor.send()
    for _ in range(9):
        floor.wait(DAY)
    assert floor.contest().state == "final"


def test_one_that_is_told_when_it_is_over_is_final_as_soon_as_all_of_it_is_told() -> None:
    """What was counted long before comes in pieces, and restates nothing."""
    floor = Floor()
    floor.employ()
    floor.count(dials("north", "1", 5))
    floor.wait(20 * DAY)
    floor.organise("contest:sprint", SPRINT)
    floor.wait(HOUR)
    floor.wait(HOUR)

    assert (floor.contest().state, floor.places()) == ("final", {"rep:1": (1, 5), "rep:2": (2, 0)})
    floor.wait(DAY)
    floor.count(dials("north", "2", 9))
    floor.send()
    assert floor.contest().state == "restated"


def test_whoever_moves_on_takes_what_is_done_elsewhere_along() -> None:
    """Who takes part stays as it was when it began."""
    floor = begun()
    floor.count(dials("north", "1", 5))
    floor.organise("membership:1", {"rep_id": "1", "team_id": "north", "valid_to": START_MS + HOUR})
    floor.organise("membership:new", {"rep_id": "1", "team_id": "south", "valid_from": START_MS + HOUR})
    floor.count(dials("south", "1", 3, FIRST + 1))
    floor.send()

    assert floor.places() == {"rep:1": (1, 8), "rep:2": (2, 0)}


def test_teams_compete_from_whatever_partition_they_are_on() -> None:
    """Each by all that counts for it, whoever did it."""
    floor = begun(among="teams", team_ids=["north", "south"])
    floor.count(dials("north", "1", 5), dials("north", "", 2), dials("south", "3", 6))
    floor.send()

    assert floor.places() == {"team:north": (1, 7), "team:south": (2, 6)}


def test_a_contest_that_is_taken_back_says_so_once() -> None:
    """Its last standings stay beside it; told anew it stands as before."""
    floor = begun()
    floor.count(dials("north", "1", 5))
    floor.send()
    floor.told.clear()
    floor.organise("contest:sprint", None)
    floor.wait(5000)
    floor.wait(5000)
    assert [(each.state, each.stands) for each in floor.told] == [("taken_back", False)]

    floor.organise("contest:sprint", SPRINT)
    floor.wait(5000)
    assert (floor.contest().state, floor.places()["rep:1"]) == ("running", (1, 5))


def test_what_concerns_no_contest_tells_nothing() -> None:
    """Time and other figures leave it as it is, and so does a restart: who reads it is told nothing twice."""
    floor = begun()
    floor.count(dials("north", "1", 5))
    floor.send()
    floor.told.clear()
    floor.count(("north", "1", FIRST, None, {"emails": 3}))
    floor.send()
    position = {n: board.store.position for n, board in enumerate(floor.boards)}
    for number in range(PARTITIONS):
        floor.restart(number, position[number])
    floor.wait(HOUR)
    for number in range(PARTITIONS):
        floor.restart(number, None)
    floor.wait(HOUR)

    assert floor.told == []


def test_a_floor_without_contests_sends_and_keeps_nothing_for_them() -> None:
    """No day of anybody is sent, nor kept, nor told."""
    floor = Floor()
    floor.employ()
    floor.count(dials("north", "1", 5))
    floor.send()

    assert floor.told == []
    assert [key for stage in floor.rollups for key, _ in stage.store.items(b"c")] == []


def test_days_that_expire_leave_the_result_as_it_was() -> None:
    """A contest of long ago stands, and nothing is kept of its days."""
    floor = begun()
    floor.count(dials("north", "1", 5))
    floor.send()
    for _ in range(3):
        floor.wait(300 * DAY)

    assert floor.places() == {"rep:1": (1, 5), "rep:2": (2, 0)}
    assert [key for key, _ in floor.rollups[HOME].store.items(b"c")] == []


CONTESTS: list[dict[str, Any] | None] = [
    SPRINT, {**SPRINT, "last_day": FIRST + 1}, {**SPRINT, "kpi": "win_rate", "least_sample": 1},
    {**SPRINT, "team_ids": ["north", "south"]}, {**SPRINT, "team_ids": [], "rep_ids": ["3", "1"]},
    {**SPRINT, "among": "teams", "team_ids": ["south", "north"]}, None,
]  # fmt: skip
MEASURED = st.sampled_from([{"dials": 1}, {"dials": 2}, {"dials": -2}, {"won": 1}, {"lost": 1}, {"won": -1}])
CELLS = st.tuples(
    st.sampled_from(["north", "south", "unassigned"]),
    st.sampled_from(["", "1", "2", "3"]),
    st.integers(-1, 6),
    MEASURED,
)
STEPS = st.one_of(
    st.tuples(st.just("facts"), st.lists(CELLS, min_size=1, max_size=4), st.sampled_from([0, 5000, 9 * HOUR, DAY])),
    st.tuples(st.just("contest"), st.sampled_from("ab"), st.sampled_from(CONTESTS)),
    st.tuples(st.just("member"), st.sampled_from("123"), st.sampled_from(["north", "south", None])),
    st.tuples(st.just("send"), st.integers(0, 1), st.none()),
    st.tuples(st.just("restart"), st.integers(0, 1), st.booleans()),
)


def expected(cells: Iterable[Cell], record: dict[str, Any], teams: dict[str, str | None]) -> dict[str, Any]:
    """Value by who takes part, added up directly."""
    among_teams = record.get("among") == "teams"
    inside = set(record["team_ids"]) if among_teams else {*record.get("rep_ids", ())}
    if not among_teams:
        inside |= {rep for rep, team in teams.items() if team in record["team_ids"]}
    sums: dict[str, dict[str, int]] = {each: {} for each in inside}
    for team, rep, on, _, measures in cells:
        who = team if among_teams else rep
        if who in inside and on is not None and record["first_day"] <= on <= record["last_day"]:
            for name, amount in measures.items():
                sums[who][name] = sums[who].get(name, 0) + amount
    kind = "team" if among_teams else "rep"
    if record["kpi"] == "dials":
        return {f"{kind}:{who}": held.get("dials", 0) for who, held in sums.items()}
    below = {who: held.get("won", 0) + held.get("lost", 0) for who, held in sums.items()}
    return {f"{kind}:{who}": held.get("won", 0) / below[who] if below[who] > 0 else None for who, held in sums.items()}


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=14))
def test_at_rest_every_contest_is_the_sum_of_its_cells(plan: list[tuple[str, Any, Any]]) -> None:
    """Whatever was corrected, moved, told otherwise or sent again on the way: nothing of it is left in a place."""
    floor = Floor()
    floor.employ()
    cells: list[Cell] = []
    told: dict[str, dict[str, Any] | None] = {}
    teams: dict[str, str | None] = {"1": "north", "2": "north", "3": "south"}
    for kind, what, more in plan:
        if kind == "facts":
            made: list[Cell] = [(team, rep, FIRST + on, None, measures) for team, rep, on, measures in what]
            cells += made
            floor.now_ms += more
            floor.count(*made)
        elif kind == "contest":
            told[what] = more
            floor.organise(f"contest:{what}", more)
        elif kind == "member":
            teams[what] = more
            floor.organise(f"membership:{what}", more and {"rep_id": what, "team_id": more})
        elif kind == "send":
            floor.send(what)
        else:
            if not more:  # All that it had to say by now is in the log.
                floor.send(what)
            floor.restart(what, None if more else floor.boards[what].store.position)
    floor.wait(5000)
    floor.wait(5000)

    for name, record in told.items():
        if record is not None:
            values = {scope: value for scope, (_, value) in floor.places(name).items()}
            assert values == expected(cells, record, teams)
        elif found := [each for each in floor.rollups[HOME].recognition() if each.id == f"contest:{name}"]:
            assert not found[0].stands
