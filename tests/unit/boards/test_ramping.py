"""Who of a team is in ramp, and so in no ranks: by the day of the team, told at once and by midnight alone."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.organisation.attendance import is_employed
from pipeline.organisation.proration import RulesOfTeam, months_after
from pipeline.organisation.ramp import is_ramping
from tests.unit.boards.logs import FactsLog, at, cell, day, fold, reread, scoreboard

NOON = at("2026-11-23 12:00")
HOUR = 3_600_000
TEAMS, REPS = ("north", "south"), ("1", "2")


class Floor:
    """A scoreboard with team north of rep 1, in UTC, and south of rep 2 in Auckland, of which something is known."""

    def __init__(self) -> None:
        self.log = FactsLog()
        self.now_ms = NOON
        self.log.employ("north", "1")
        self.log.employ("south", "2")
        self.log.organise("team:south", {"time_zones": [[None, "Pacific/Auckland"]]})
        self.board = scoreboard()
        fold(self.board, [*self.log.records, self.happened()])
        self.board.take_regrouped()

    def happened(self) -> Any:
        """Each rep has called."""
        return self.log.add(self.now_ms, *(cell(*each, NOON, calls=1) for each in (("north", "1"), ("south", "2"))))

    def say(self, subject: str, record: dict[str, Any] | None) -> None:
        """A copy of a record; none takes it back."""
        fold(self.board, [self.log.organise(subject, record)])

    def wait(self, hours: int) -> None:
        """The clock goes on, and nothing else happens."""
        self.now_ms += hours * HOUR
        fold(self.board, [self.log.add(self.now_ms)])

    def told(self) -> tuple[list[str], list[str], list[str]]:
        """The homes that are told anew, whom the ranks of north show, and who of north is in ramp."""
        return (
            self.board.take_regrouped(),
            sorted(self.board.beside("team:north").ranked),
            sorted(self.board.beside("team:north").ramping),
        )


@pytest.fixture
def floor() -> Floor:
    """Nothing is to be told any more."""
    return Floor()


def test_a_ramp_is_told_at_once_and_taken_back(floor: Floor) -> None:
    """Of a rep hired a month ago less a day; of another team nothing, and nothing of an old hand."""
    floor.say("rep:1", {"active": True, "hired_on": day("2026-10-24")})
    assert floor.told() == ([], ["1"], [])
    floor.say("proration:new", {"ramp": [5000]})
    assert floor.told() == (["team:north"], [], ["1"])
    floor.say("proration:north", {"team_id": "north", "ramp": []})
    assert floor.told() == (["team:north"], ["1"], [])
    floor.say("proration:north", None)
    assert floor.told() == (["team:north"], [], ["1"])
    floor.say("rep:1", {"active": True, "hired_on": day("2026-10-23")})
    assert floor.told() == (["team:north"], ["1"], [])


def test_midnight_of_the_team_ends_it(floor: Floor) -> None:
    """The month is over on the 24th; a worker that begins knows it too."""
    floor.say("rep:1", {"active": True, "hired_on": day("2026-10-24")})
    floor.say("proration:new", {"ramp": [5000]})
    floor.told()
    floor.wait(11)
    assert floor.told() == ([], [], ["1"])
    restored = scoreboard(reread(floor.board.store))
    assert restored.beside("team:north").ramping == {"1"}

    floor.wait(1)
    assert floor.told() == (["team:north"], ["1"], [])
    fold(restored, floor.log.records[-1:])
    assert restored.beside("team:north").ranked == {"1"}
    assert not restored.beside("team:north").ramping


DAYS = st.integers(day("2026-11-22"), day("2026-11-26"))
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from([f"rep:{rep}" for rep in REPS]),
            st.fixed_dictionaries(
                {"active": st.sampled_from((True, True, False))},
                optional={"hired_on": DAYS.map(lambda on: months_after(on, -1)) | DAYS, "left_on": DAYS},
            ),
        ),
        st.tuples(
            st.sampled_from(["proration:a", "proration:b"]),
            st.none()
            | st.fixed_dictionaries(
                {"ramp": st.sampled_from([None, [], [5000], [0, 10_000, 2500]])},
                optional={"team_id": st.sampled_from(TEAMS), "effective_on": DAYS},
            ),
        ),
        st.tuples(
            st.sampled_from(["membership:a", "membership:b"]),
            st.none() | st.fixed_dictionaries({"rep_id": st.sampled_from(REPS), "team_id": st.sampled_from(TEAMS)}),
        ),
        st.tuples(st.just("team:south"), st.just({"time_zones": [[None, "America/New_York"]]})),
        st.tuples(st.just("wait"), st.sampled_from([1, 7, 30])),
    ),
    max_size=10,
)


@settings(deadline=None)
@given(STEPS)
def test_whatever_is_told_and_however_time_passes_it_is_what_the_records_say(steps: list[Any]) -> None:
    """Of each team, each rep who belongs to it; and a worker that begins says the same."""
    floor = Floor()
    for subject, what in steps:
        if subject == "wait":
            floor.wait(what)
        else:
            floor.say(subject, what)
        board, restored = floor.board, scoreboard(reread(floor.board.store))
        for team in TEAMS:
            here = {
                rep
                for rep in board.organisation.members(team, floor.now_ms)
                if is_employed(board.organisation, rep, team, floor.now_ms)
            }
            today, rules = board.organisation.local_day(team, floor.now_ms), RulesOfTeam(board.organisation, team)
            new = {rep for rep in here if is_ramping(board.organisation, rep, today, rules)}
            home = f"team:{team}"
            for each in (board, restored):
                assert each.beside(home).ranked == here - new
                assert each.beside(home).ramping == new
