"""Goals by a curve: which curve, and what follows from it, on Monday, 23 November 2026, at 10:00 UTC.

Of November's 168 working hours 121 have passed at ten o'clock in UTC: 72 %. Three deals were won.
"""

from typing import Any

import pytest

from tests.unit.boards.logs import at, cell, day
from tests.unit.boards.test_goals import NOW_MS, Floor, target

MONTH = "month:2026-11"
SHARE = 0.6 + (121 / 168 - 0.7) / 0.05 * 0.1
"""Between 70 %, after which 60 % are usually there, and 75 %, after which it is 70 %."""


def curve(kpi: str = "won", period: str = "month", **other: Any) -> dict[str, Any]:
    """A month in which little is won for 70 % of the time."""
    shares = [n * 6_000 // 14 for n in range(1, 15)] + [7_000, 7_500, 8_000, 8_500, 9_000]
    told = {"learnt_on": day("2026-11-20"), "typical": 10, "shares": shares, "low": [8_000] * 19, "high": [12_000] * 19}
    return {"kpi": kpi, "period": period, "periods": 12, "actor": "ops", **told, **other}


@pytest.fixture
def floor() -> Floor:
    """Team north is to win 12 deals in November, and has won three."""
    found = Floor()
    found.go(NOW_MS, cell("north", "7", at("2026-11-02 09:00"), won=3))
    found.say("target:t", target(12, team_id="north"))
    return found


def paced(floor: Floor, scope: str = "team:north", kpi: str = "won", window: str = MONTH) -> dict[str, Any]:
    """What is told of the pace of a target."""
    found: dict[str, Any] = floor.told(scope, window, "goal_pace")["goals"][kpi]
    return found


def test_the_pace_goes_by_the_curve_and_names_its_day(floor: Floor) -> None:
    """12 x 0.6405 are due; (3 + 0.1 x 0.3595 x 10) / (0.6405 + 0.03595) are to be expected, 80 to 120 % of that."""
    assert paced(floor)["curve"] is None
    floor.say("curve:1", curve(team_id="north"))

    lean = (1 - SHARE) / 10
    total = (3 + lean * 10) / (SHARE + lean)
    assert paced(floor) == {
        "value": pytest.approx(3 / (12 * SHARE)),
        "due": pytest.approx(12 * SHARE),
        "projection": pytest.approx(total),
        "projection_low": pytest.approx(total * 0.8),
        "projection_high": pytest.approx(total * 1.2),
        "curve": "2026-11-20",
    }


def test_a_curve_that_was_taken_back_leaves_working_time(floor: Floor) -> None:
    """As before it was told."""
    before = paced(floor)
    floor.say("curve:1", curve(team_id="north"))
    floor.say("curve:1", None)

    assert paced(floor) == before


@pytest.mark.parametrize(
    "other", [{"kpi": "bookings"}, {"period": "quarter"}, {"team_id": "south"}, {"shares": None}, {"typical": None}]
)
def test_a_curve_of_something_else_says_nothing(floor: Floor, other: dict[str, Any]) -> None:
    """Of another KPI, kind of period or team; nor does one that leaves something out."""
    floor.say("curve:1", curve(**{"team_id": "north"} | other))

    assert paced(floor)["curve"] is None


def test_of_several_curves_that_of_the_greater_id_holds(floor: Floor) -> None:
    """Until it is gone."""
    floor.say("curve:b", curve(team_id="north", learnt_on=day("2026-10-01")))
    floor.say("curve:a", curve(team_id="north", learnt_on=day("2026-11-01")))
    assert paced(floor)["curve"] == "2026-10-01"

    floor.say("curve:b", None)
    assert paced(floor)["curve"] == "2026-11-01"


def test_nothing_is_projected_before_fifteen_percent_of_the_time(floor: Floor) -> None:
    """Neither total nor bounds, while it is said what is due."""
    floor.say("target:d", target(4, "won", "week", "2026-11-23", team_id="north"))
    floor.say("curve:w", curve(period="week", team_id="north"))
    told = paced(floor, window="week:2026-W48")

    assert (told["projection"], told["projection_low"], told["projection_high"]) == (None, None, None)
    assert told["curve"] == "2026-11-20"
    assert told["due"] > 0


def test_a_rep_goes_by_working_time(floor: Floor) -> None:
    """One rep's periods are not a team's."""
    floor.say("target:7", target(4, rep_id="7"))
    floor.say("curve:1", curve(team_id="north"))

    assert paced(floor, "rep:7")["curve"] is None


def test_a_team_with_teams_below_it_has_its_curve_as_a_group(floor: Floor) -> None:
    """As it has its target."""
    floor.say("target:g", target(20, team_id="emea"))
    floor.say("team:emea", {"time_zones": [[None, "UTC"]], "calendar": {"monday": [["09:00", "17:00"]]}})
    floor.say("team:north", {"time_zones": [[None, "UTC"]], "parent_id": "emea"})
    floor.go(NOW_MS, cell("north", "7", at("2026-11-02 09:00"), won=1))
    floor.say("curve:g", curve(team_id="emea"))

    assert paced(floor, "group:emea")["curve"] == "2026-11-20"


def test_the_company_has_curves_too(floor: Floor) -> None:
    """Of `company`."""
    floor.say("company:company", {"time_zone": "UTC", "calendar": {"monday": [["09:00", "17:00"]]}})
    floor.say("target:c", target(20, team_id="company"))
    floor.say("curve:c", curve(team_id="company"))

    assert paced(floor, "company")["curve"] == "2026-11-20"


def test_a_restart_changes_nothing(floor: Floor) -> None:
    """The curve is a record in the state."""
    floor.say("curve:1", curve(team_id="north"))
    before = paced(floor)

    floor.restart()

    assert paced(floor) == before


def test_a_curve_renders_the_goals_of_its_team_and_nothing_else(floor: Floor) -> None:
    """No figure of anybody without it."""
    floor.say("target:7", target(4, rep_id="7"))
    floor.taken()

    floor.say("curve:1", curve(team_id="north"))

    fresh = {(scope, family) for (scope, _), each in floor.taken().items() for family in each.fresh}
    assert fresh == {("team:north", "goals")}


def test_a_curve_waits_for_a_target(floor: Floor) -> None:
    """Told before it, it holds as soon as there is one."""
    floor.say("target:t", None)
    floor.say("curve:1", curve(team_id="north"))
    floor.taken()
    assert floor.told("team:north", MONTH, "goal_pace")["goals"] == {}

    floor.say("target:t", target(12, team_id="north"))
    assert paced(floor)["curve"] == "2026-11-20"
