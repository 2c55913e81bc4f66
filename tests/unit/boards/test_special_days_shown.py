"""The special day of a team as it stands beside its figures, while it lasts. The 23rd is a Monday."""

import json

import pytest

from tests.unit.boards.logs import FactsLog, at, cell, day, fold, reread, scoreboard

NOON = at("2026-11-23 12:00")


class Floor:
    """A scoreboard with team north in UTC, of which something is known."""

    def __init__(self) -> None:
        self.log = FactsLog()
        self.log.employ("north", "1")
        self.board = scoreboard()
        fold(self.board, [*self.log.records, self.log.add(NOON, cell("north", "1", NOON, calls=1))])
        self.board.take_regrouped()

    def say(self, name: str, **record: object) -> None:
        """A copy of the record of a special day; none takes it back."""
        self.organise(f"special_day:{name}", **record)

    def organise(self, subject: str, **record: object) -> None:
        """The same of any record."""
        fold(self.board, [self.log.organise(subject, dict(record) or None)])

    def go_on_to(self, now_ms: int) -> None:
        """It is so late, and nothing comes."""
        fold(self.board, [self.log.add(now_ms)])

    def told(self) -> tuple[list[str], str]:
        """The homes that are told anew, and what stands beside north."""
        return self.board.take_regrouped(), self.board.beside("team:north").special_day


@pytest.fixture
def floor() -> Floor:
    """Nothing is to be told any more."""
    return Floor()


def test_it_is_told_at_once_and_taken_back(floor: Floor) -> None:
    """Until one today, and then closed altogether; another team's is nobody else's."""
    floor.say("a", day=day("2026-11-23"), open_until="13:00")
    homes, text = floor.told()
    assert homes == ["team:north"]
    assert json.loads(text) == {"day": "2026-11-23", "open_from": None, "open_until": "13:00"}

    floor.say("a", day=day("2026-11-23"), team_id="north")
    assert json.loads(floor.told()[1]) == {"day": "2026-11-23", "open_from": None, "open_until": None}

    floor.say("a")
    assert floor.told() == (["team:north"], "")
    floor.say("b", day=day("2026-11-23"), team_id="south")
    assert floor.told() == ([], "")


def test_midnight_begins_and_ends_it(floor: Floor) -> None:
    """Tomorrow from ten on; nothing of it today, nor the day after."""
    floor.say("a", day=day("2026-11-24"), open_from="10:00")
    assert floor.told() == ([], "")

    fold(floor.board, [floor.log.add(at("2026-11-24 00:00"))])
    homes, text = floor.told()
    assert homes == ["team:north"]
    assert json.loads(text) == {"day": "2026-11-24", "open_from": "10:00", "open_until": None}
    assert floor.told()[0] == []

    fold(floor.board, [floor.log.add(at("2026-11-25 00:00"))])
    assert floor.told() == (["team:north"], "")


def test_a_worker_that_begins_tells_it(floor: Floor) -> None:
    """It does not know what was told."""
    floor.say("a", day=day("2026-11-23"), open_from="09:30", open_until="12:15")
    floor.told()
    floor.board = scoreboard(reread(floor.board.store))

    homes, text = floor.told()
    assert "team:north" in homes
    assert json.loads(text) == {"day": "2026-11-23", "open_from": "09:30", "open_until": "12:15"}
