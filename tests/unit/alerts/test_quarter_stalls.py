"""Deals of the simulated quarter that stay: the rule opens on the days on which fractions say that they do."""

from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest

from tests.quarter.clocks import DAY, HOUR
from tests.quarter.company import Team
from tests.quarter.drops import Drop
from tests.quarter.events import Told
from tests.quarter.exits import Exit, Exits
from tests.quarter.quarter import Quarter
from tests.quarter.run import worked
from tests.quarter.stalls import IMPORT, deviations, stalls, staying, told_on

FEW = {"ber-field": 6, "ldn-sdr": 2, "ny-sdr": 2}
WEEKS, DROP_WEEK = 7, 3
TODAY = date(2026, 5, 20)


def told_of(quarter: Quarter, team: Team, events: list[Told]) -> list[date]:
    """On which days the rule tells of a team with nothing but deals."""
    deployment = worked(quarter, team, quarter.days, events)
    assert not deployment.refused
    return [team.local_day(each.opened_ms) for each in deployment.opened() if each.id.startswith("prospects_stall:")]


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "stays"), [(3, True), (6, True), (20, False), (25, False)])
def test_the_rule_sees_it_on_the_same_days(seed: int, stays: bool) -> None:
    """What happened before the quarter was imported; of one team it is told though nothing was seeded, by chance."""
    quarter = Quarter(seed, FEW, 1.0, WEEKS)
    team, day = quarter.teams[0], quarter.days[7 * DROP_WEEK]
    begin_ms = team.spans(day)[0][0]
    drop = Drop("prospects_stall", team, day, begin_ms, begin_ms + 400 * DAY) if stays else None
    found = staying(Random(seed), team, quarter.days, drop, [], quarter.start_ms + 1)
    exits = Exits(quarter.teams)
    exits.hear(sorted(found, key=lambda each: each.at_ms))
    expected = list(told_on(exits.left(team.name), (day for day in quarter.days[1:] if team.spans(day))))
    assert told_of(quarter, team, found) == expected
    assert bool(expected) == (seed != 20)


def exits(days_ago: int, count: int, onward: int, hours: int) -> list[Exit]:
    """So many of a day, of which some went on."""
    return [Exit(TODAY - timedelta(days=days_ago), number < onward, hours * HOUR) for number in range(count)]


USUAL = [each for ago in range(1, 208) for each in exits(ago, 5, 4, 10)]
"""Five deals a day, of which four go on and each stays for ten hours."""


class TestDeviations:
    """By hand."""

    def test_as_ever_is_none(self) -> None:
        """No span differs from another."""
        assert deviations(USUAL, TODAY) == 0

    def test_fewer_that_go_on_are_away_by_points(self) -> None:
        """Yesterday none of 5 more: of 145 deals 112 go on, 77.24 % instead of 80 %, while a deviation is a point."""
        assert deviations([*USUAL, *exits(1, 5, 0, 10)], TODAY) == 100 * (Fraction(80, 100) - Fraction(112, 145))

    def test_longer_stays_are_away_by_hours(self) -> None:
        """Yesterday 5 more stayed for 97 hours: three more on the average of 145, while a deviation is an hour."""
        assert deviations([*USUAL, *exits(1, 5, 4, 97)], TODAY) == 3

    def test_what_is_better_is_none(self) -> None:
        """All of 5 more go on, at once."""
        assert deviations([*USUAL, *exits(1, 5, 5, 0)], TODAY) == 0

    def test_today_and_what_is_too_old_say_nothing(self) -> None:
        """Spans of 28 days that ended on the last 180 begin 207 days before."""
        others = [*exits(0, 500, 0, 900), *exits(208, 500, 0, 900)]
        assert deviations([*USUAL, *others], TODAY) == 0
        assert deviations([*USUAL, *exits(1, 500, 0, 900)], TODAY) > 0

    def test_nothing_is_usual_of_too_few(self) -> None:
        """Four exits a week leave 16 in every span; of 20 a span the last 89 count for nothing, 90 do."""
        few = [each for ago in range(1, 208) for each in exits(ago, ago % 7 < 4, 0, 10)]
        assert deviations([*few, *exits(1, 3, 0, 99)], TODAY) == 0
        late = exits(1, 500, 0, 900)
        assert deviations([*(each for each in USUAL if each.day >= TODAY - timedelta(days=92)), *late], TODAY) == 0
        assert deviations([*(each for each in USUAL if each.day >= TODAY - timedelta(days=93)), *late], TODAY) > 0


def test_what_was_before_the_start_is_imported_in_order() -> None:
    """Under ids of their own; all that comes later is told by the CRM as it happens."""
    quarter = Quarter(1, FEW, 1.0, WEEKS)
    start_ms = quarter.start_ms
    found = staying(Random(1), quarter.teams[0], quarter.days, None, [], start_ms)
    imported = [each for each in found if each.source == IMPORT]
    assert len(imported) > 1000
    assert len({each.at_ms for each in imported}) == len(imported)
    assert all(start_ms <= each.at_ms < start_ms + HOUR for each in imported)
    assert {each.source for each in found if each.at_ms >= start_ms + HOUR} == {"crm"}


def test_two_of_the_teams_are_concerned() -> None:
    """From the fourth week on, three weeks before the end at the latest."""
    quarter = Quarter(1)
    begun = [drop for drop in quarter.drops if drop.rule == "prospects_stall"]
    assert len({drop.team.name for drop in begun}) == 2
    assert all(drop.team.style.name == "field" for drop in begun)
    assert all(quarter.days[21] <= drop.day < quarter.days[-21] for drop in begun)
    assert not list(stalls(Random(1), quarter.teams, quarter.days[:42], 1.0))
