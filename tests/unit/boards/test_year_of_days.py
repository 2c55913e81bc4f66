"""A year of local days with both changes of the clocks, in six zones: minutes sum to days, and days to all else."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from pipeline.boards.scoreboard import Scoreboard
from pipeline.organisation.days import day_of_hour, local_day, midnight_ms
from pipeline.scores.figures import Figure
from pipeline.scores.kpi import Kpi
from pipeline.scores.kpis import KPIS
from tests.unit.boards.logs import FactsLog, fold, scoreboard

pytestmark = pytest.mark.slow

MINUTE_MS = 60_000
YEAR = 2026
FIRST, LAST = date(YEAR - 1, 1, 1), date(YEAR, 12, 31)
"""The days on which something happens: so a fiscal year lies in them whole, whatever month it begins in."""
CHANGES: dict[str, dict[str, float]] = {
    "Europe/Berlin": {"2026-03-29": 23, "2026-10-25": 25},
    "America/New_York": {"2026-03-08": 23, "2026-11-01": 25},
    "Australia/Lord_Howe": {"2026-04-05": 24.5, "2026-10-04": 23.5},
    "Pacific/Chatham": {"2026-04-05": 25, "2026-09-27": 23},
    "America/Santiago": {"2026-04-04": 25, "2026-09-06": 23},
    "Asia/Kathmandu": {},
}
"""By zone: the days of the year that have other than 24 hours. In Santiago midnight itself is skipped and repeated."""
ZONES = sorted(CHANGES)
SUMS = [kpi for kpi in KPIS if kpi.formula == "count" and kpi.where in ("period", "days", "always")]
"""The KPIs that are sums of what happened, in every window of days."""
ROLLING_SUMS = [kpi for kpi in SUMS if kpi.where != "days"]
MEASURES = sorted({name for kpi in SUMS for name in kpi.numerator})
Sums = Counter[tuple[str, str]]
"""By id of a window and KPI."""


def team_of(zone: str) -> str:
    """The id of the team that is there."""
    return zone.rpartition("/")[2].lower()


def begins_ms(zone: str, on: date) -> int:
    """The first instant of a local day, by the standard library."""
    return int(datetime(on.year, on.month, on.day, tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def days(first: date, last: date) -> list[date]:
    """All dates from the first to the last."""
    return [first + timedelta(n) for n in range((last - first).days + 1)]


@pytest.mark.parametrize("zone", ZONES)
def test_minutes_and_hours_of_each_day_sum_to_it(zone: str) -> None:
    """Every minute of the year lies in the day that is on between two midnights, and so does every whole hour."""
    year = days(date(YEAR, 1, 1), LAST)
    first, end = begins_ms(zone, year[0]), begins_ms(zone, LAST + timedelta(1))
    minutes = Counter(local_day(zone, at_ms) for at_ms in range(first, end, MINUTE_MS))
    odd = {}
    for on in year:
        start, after = begins_ms(zone, on), begins_ms(zone, on + timedelta(1))
        assert (start, after) == (midnight_ms(zone, on.toordinal()), midnight_ms(zone, on.toordinal() + 1))
        assert minutes[on.toordinal()] * MINUTE_MS == after - start
        hours = [day_of_hour(zone, hour) for hour in range(-(-start // 3_600_000), after // 3_600_000)]
        assert {*hours} <= {on.toordinal(), None}
        assert hours.count(None) <= 1  # where the clocks change by half an hour, or within an hour of UTC
        if after - start != 24 * 60 * MINUTE_MS:
            odd[on.isoformat()] = (after - start) / 3_600_000

    assert sum(minutes.values()) == sum(minutes[on.toordinal()] for on in year)
    assert odd == CHANGES[zone]


@pytest.fixture(scope="module")
def floor() -> tuple[Scoreboard, FactsLog, dict[str, Sums]]:
    """Two years of a team in each zone: what happened in the first and the last minute of each day, and in between.

    With what each day of each team should say: the sum over all that lies between its midnights. No rep did it, since
    windows of reps, which nobody looks at here, would be as many again.
    """
    random, log, board = Random(45), FactsLog(), scoreboard()
    log.organise("company:company", {"fiscal_year_start": 1})
    for zone in ZONES:
        log.organise(f"team:{team_of(zone)}", {"time_zones": [[None, zone]]})
    due: dict[str, Sums] = {zone: Counter() for zone in ZONES}
    end_ms = max(begins_ms(zone, LAST + timedelta(1)) for zone in ZONES)
    for zone in ZONES:
        for on in days(FIRST, LAST):
            start, after = begins_ms(zone, on), begins_ms(zone, on + timedelta(1))
            for at_ms in (start, random.randrange(start, after), after - 1):
                measures = {name: random.randrange(1, 100) for name in MEASURES}
                log.add(end_ms, (team_of(zone), "", local_day(zone, at_ms), at_ms // MINUTE_MS, measures))
                for kpi in SUMS:
                    said = sum(measures[name] for name in kpi.numerator)
                    due[zone][f"day:{on}", kpi.name] += said
    fold(board, log.records)
    return board, log, due


def shown(board: Scoreboard) -> dict[str, Sums]:
    """By team: what all its windows of days say, of KPIs that are sums, in measures."""
    list(board.board.marking.since(None))
    found: dict[str, Sums] = defaultdict(Counter)
    for figure in board.board.take(slow=True):
        if figure.scope.startswith("team:") and figure.kind in ("day", "week", "month", "quarter", "year"):
            found[figure.scope].update(_sums(figure, SUMS))
    return found


def _sums(figure: Figure, kpis: Iterable[Kpi]) -> dict[tuple[str, str], int]:
    said = figure.kpis
    return {(figure.window, kpi.name): round(said[kpi.name]["value"] * kpi.divisor) for kpi in kpis if kpi.name in said}


def windows_of(on: date, fiscal_start: int) -> tuple[str, ...]:
    """The windows that a date lies in, by plain counting."""
    year, week, _ = on.isocalendar()
    fiscal = on.year if on.month >= fiscal_start else on.year - 1
    quarter = (on.month - fiscal_start) % 12 // 3 + 1
    return f"week:{year}-W{week:02}", f"month:{on:%Y-%m}", f"quarter:{fiscal}-Q{quarter}", f"year:{fiscal}"


@pytest.mark.parametrize("fiscal_start", range(1, 13))
def test_days_sum_to_weeks_months_quarters_and_fiscal_years(
    floor: tuple[Scoreboard, FactsLog, dict[str, Sums]], fiscal_start: int
) -> None:
    """In each zone, each KPI that is a sum, whatever month the fiscal year begins in; and each day is its minutes.

    What began before the first of these days is left out: its first panes may have expired.
    """
    board, log, due = floor
    fold(board, [log.organise("company:company", {"fiscal_year_start": fiscal_start})])
    told = shown(board)
    begun = windows_of(FIRST - timedelta(1), fiscal_start)
    for zone in ZONES:
        found, larger = told[f"team:{team_of(zone)}"], Counter[tuple[str, str]]()
        for on in days(FIRST, LAST):
            windows = [window for window in windows_of(on, fiscal_start) if window not in begun]
            for kpi in SUMS:
                said = found[f"day:{on}", kpi.name]
                assert said == due[zone][f"day:{on}", kpi.name]
                for window in windows:
                    larger[window, kpi.name] += said
        assert {place: found[place] for place in larger} == larger


@pytest.mark.parametrize(
    ("zone", "on"),
    [(zone, on) for zone in ZONES for on in (*CHANGES[zone], "2026-06-30")],
)
def test_rolling_hours_sum_to_the_day(zone: str, on: str) -> None:
    """Hour after hour, and six minutes at a time where no whole hour is left: together they say what the day does.

    An hour shows the running minute and the sixty before it, so nothing happens in the last minute of any.
    """
    random, log, board = Random(on), FactsLog(), scoreboard()
    fold(board, [log.organise(f"team:{team_of(zone)}", {"time_zones": [[None, zone]]})])
    day = date.fromisoformat(on)
    start, after = (begins_ms(zone, each) // MINUTE_MS for each in (day, day + timedelta(1)))
    found: Sums = Counter()
    for minute in range(start, after):
        measures = {name: random.randrange(1, 100) for name in MEASURES}
        past = minute - start + 1
        cell = team_of(zone), "7", day.toordinal(), minute, measures
        fold(board, [log.add(minute * MINUTE_MS, *([cell] if past % 6 else []))])
        whole_hours = (after - start) // 60 * 60
        window = "1h" if past % 60 == 0 else "5m" if past % 6 == 0 and past > whole_hours else ""
        for figure in board.board.current() if window else ():
            if figure.scope == f"team:{team_of(zone)}" and figure.window == window:
                found.update({("day", name): said for (_, name), said in _sums(figure, ROLLING_SUMS).items()})
    (today,) = (
        figure for figure in board.board.current() if figure.scope == f"team:{team_of(zone)}" and figure.kind == "day"
    )

    assert today.window == f"day:{on}"
    assert (today.start_ms, today.end_ms) == (start * MINUTE_MS, after * MINUTE_MS)
    assert {name: said for (_, name), said in _sums(today, ROLLING_SUMS).items()} == {
        name: said for (_, name), said in found.items()
    }
