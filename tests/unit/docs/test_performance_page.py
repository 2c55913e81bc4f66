"""docs/performance.md and the results of the benchmarks."""

from benchmarks.events import Floor, arrivals, rep_id, team_id
from benchmarks.report import PAGE, PLOTS, written
from benchmarks.shares import OTHER, shares_of
from benchmarks.tables import PLOTTED, TABLES


def test_the_page_holds_what_the_results_say() -> None:
    """The tables are those that `python -m benchmarks.report` writes from the committed files."""
    page = PAGE.read_text()

    assert written(page) == page


def test_every_table_has_its_place() -> None:
    """No block is measured that the page does not show, and every plot that it names is there."""
    page = PAGE.read_text()

    assert [name for name in TABLES if f"<!-- results: {name} -->" not in page] == []
    assert [name for name in PLOTTED if f"{name}.svg" in page and not (PLOTS / f"{name}.svg").exists()] == []


def test_a_sample_counts_for_the_innermost_part() -> None:
    """A stack belongs to the part that its last known frame is in, or to the interpreter; waiting is no work."""
    stacks = [
        "run (faust/worker.py:1);fold (pipeline/ledger/ledger.py:2);loads (json/decoder.py:3) 3",
        "start (runpy.py:1) 1",
        "run (asyncio/base_events.py:1);select (selectors.py:468) 5",
    ]

    assert shares_of(stacks) == {"objects": 0.75, OTHER: 0.25}


def test_a_hot_team_has_ten_times_the_events_of_another() -> None:
    """The reps of the first team are drawn so much more often."""
    floor = Floor(20_000, 1_795_435_200_000, hot=10, update_share=0, weights=(0, 1, 0, 0), reps=100, teams=10)
    teams = {rep_id(rep): team_id(rep % floor.teams) for rep in range(floor.reps)}
    counts: dict[str, int] = {}
    for arrival in arrivals(floor):
        rep = next(rep for rep in teams if f'"{rep}"'.encode() in arrival.value)
        counts[teams[rep]] = counts.get(teams[rep], 0) + 1

    others = [count for team, count in counts.items() if team != team_id(0)]
    assert 8 < counts[team_id(0)] / (sum(others) / len(others)) < 12
