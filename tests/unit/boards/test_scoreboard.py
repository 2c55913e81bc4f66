"""The scoreboard: facts in, figures of teams and reps out."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from pipeline.boards.scoreboard import Scoreboard
from pipeline.kernel.state_keys import GONE, MEASURES, PANE, REDRAWN, cut_pane_key, read_pane_prefix
from pipeline.scores.board import BoardPolicy
from pipeline.scores.figures import Figure
from schemas import facts
from tests.unit.boards.logs import FactsLog, at, cell, day, fold, reread, scoreboard, values

MONDAY = at("2026-11-23 10:00")


@pytest.fixture
def log() -> FactsLog:
    """An empty facts log."""
    return FactsLog()


def test_a_call_counts_in_every_current_window_of_team_and_rep(log: FactsLog) -> None:
    """A call just now is in each rolling and calendar window of its team and of its rep."""
    board = scoreboard()
    fold(board, [log.add(MONDAY, cell("north", "7", MONDAY, calls=1))])

    figures = [*board.board.take(slow=False), *board.board.take(slow=True)]

    windows = ["5m", "15m", "1h", "8h", "24h", "day:2026-11-23", "week:2026-W48", "month:2026-11"]
    windows += ["quarter:2026-Q4", "year:2026", "90d"]
    assert values(figures) == {(s, w): 1 for s in ("team:north", "rep:7@north") for w in windows}


def test_what_was_taken_is_taken_once(log: FactsLog) -> None:
    """Figures that did not change again are not taken again."""
    board = scoreboard()
    fold(board, [log.add(MONDAY, cell("north", "7", MONDAY, calls=1))])
    board.board.take(slow=False)
    board.board.take(slow=True)

    assert board.board.take(slow=False) == board.board.take(slow=True) == []


def test_rolling_windows_decay_without_events(log: FactsLog) -> None:
    """A rolling window holds its full minutes and the running one, and falls to 0 by the clock alone.

    minute   600 ... 605   606
    call       x
    5m       [---------]          605 still holds it
                [---------]       606 does not
    """
    board = scoreboard()
    fold(board, [log.add(MONDAY, cell("north", "7", MONDAY, calls=1))])
    board.board.take(slow=False)

    fold(board, [log.add(MONDAY + 5 * 60_000)])
    assert values(board.board.take(slow=False)) == {}
    fold(board, [log.add(MONDAY + 6 * 60_000)])
    assert values(board.board.take(slow=False)) == {("team:north", "5m"): 0, ("rep:7@north", "5m"): 0}


def test_a_retraction_takes_back(log: FactsLog) -> None:
    """A negative cell takes back what was counted, in every window."""
    board = scoreboard()
    fold(board, [log.add(MONDAY, cell("north", "7", MONDAY, calls=1, dials=1))])
    fold(board, [log.add(MONDAY, cell("north", "7", MONDAY, calls=-1, dials=-1))])

    assert set(values(board.board.current()).values()) == {0}


def test_a_change_in_the_past_publishes_the_windows_that_are_over(log: FactsLog) -> None:
    """An event of last year changes that year's windows: they are restated long after their end, if they were seen."""
    board = scoreboard()
    last_year = at("2025-05-06 12:00")
    fold(board, [log.add(last_year, cell("north", "7", last_year, calls=1))])
    fold(board, [log.add(MONDAY, cell("north", "7", last_year, calls=-1))])
    board.board.take(slow=True)
    fold(board, [log.add(MONDAY, cell("north", "7", last_year, calls=1))])

    figures = [f for f in board.board.take(slow=True) if f.scope == "team:north" and not f.current]

    assert {f.window: (f.kpis["calls"]["value"], f.state) for f in figures} == {
        "day:2025-05-06": (1, "restated"),
        "week:2025-W19": (1, "restated"),
        "month:2025-05": (1, "restated"),
        "quarter:2025-Q2": (1, "restated"),
        "year:2025": (1, "restated"),
    }


def test_the_new_day_begins_with_zeros(log: FactsLog) -> None:
    """At local midnight the new day is published as 0 and yesterday is no longer current."""
    log.organise("company:company", {"time_zone": "Europe/Berlin"})
    evening = at("2026-11-23 23:30", "Europe/Berlin")
    log.add(evening, cell("north", "7", evening, "Europe/Berlin", calls=1))
    board = scoreboard()
    fold(board, log.records)
    board.board.take(slow=False)
    board.board.take(slow=True)

    fold(board, [log.add(at("2026-11-24 00:00", "Europe/Berlin"))])

    assert values(board.board.take(slow=False))["team:north", "day:2026-11-24"] == 0
    slow = {f.window: f for f in board.board.take(slow=True) if f.scope == "team:north"}
    assert (slow["day:2026-11-23"].current, slow["day:2026-11-23"].state) == (False, "provisional")
    assert slow["week:2026-W48"].kpis["calls"]["value"] == 1


def test_a_window_is_published_again_when_it_becomes_final(log: FactsLog) -> None:
    """24 hours after its end a day is final, and says so without any event."""
    board = scoreboard()
    fold(board, [log.add(MONDAY, cell("north", "7", MONDAY, calls=1)), log.add(at("2026-11-24 00:00"))])
    board.board.take(slow=True)

    fold(board, [log.add(at("2026-11-25 00:00"))])

    monday = [f for f in board.board.take(slow=True) if f.window == "day:2026-11-23"]
    assert [(f.scope, f.state) for f in monday] == [("rep:7@north", "final"), ("team:north", "final")]


def test_what_is_re_sent_is_dropped(log: FactsLog) -> None:
    """An entry at or before the last position applied from its origin changes nothing."""
    first = log.add(MONDAY, cell("north", "7", MONDAY, calls=1))
    assert first.value is not None
    log.append(first.value)
    board = scoreboard()

    fold(board, log.records)

    assert values(board.board.current())["team:north", "day:2026-11-23"] == 1


def test_a_restored_board_shows_the_same(log: FactsLog) -> None:
    """What another worker reads from the state gives the same current figures."""
    log.add(MONDAY, cell("north", "7", MONDAY, calls=1), cell("north", "", MONDAY, offered=1, abandoned=1))
    log.add(
        MONDAY,
        ("north", "8", None, None, {"open_deals": 2}),
        ("company", "", day("2026-11-20"), None, {"cost_minor": 5}),
    )
    board = scoreboard()
    fold(board, log.records)

    again = scoreboard(reread(board.store))

    assert list(again.board.current()) == list(board.board.current())


def test_the_companys_own_cost_belongs_to_no_team(log: FactsLog) -> None:
    """Cost of the whole company is a part for the company and a figure of no team."""
    board = scoreboard()
    fold(board, [log.add(MONDAY, ("company", "", day("2026-11-20"), None, {"cost_minor": 500}))])

    assert list(board.board.current()) == []
    assert len(board.take_parts()) == 1


def test_windows_are_gone_when_their_first_day_has_expired(log: FactsLog) -> None:
    """A window that can no longer be formed whole is a tombstone; a scope without any pane has none left at all."""
    policy = BoardPolicy(day_pane_days=10)
    board = scoreboard(policy=policy)
    fold(board, [log.add(MONDAY, cell("north", "7", MONDAY, calls=1), cell("south", "8", MONDAY, calls=1))])
    board.board.take(slow=True)

    fold(board, [log.add(at("2026-12-04 10:00"), cell("north", "9", at("2026-12-04 10:00"), calls=1))])

    gone = {(f.scope, f.window) for f in board.board.take(slow=True) if f.gone}
    empty = {f"day:2026-{day}" for day in ("11-24", "11-27", "11-30", "12-03")}
    of_north = {w for s, w in gone if s == "team:north"}
    assert of_north >= {"day:2026-11-23", "week:2026-W48", "month:2026-11", *empty}
    assert of_north.isdisjoint({"day:2026-12-04", "week:2026-W49", "month:2026-12", "year:2026", "1h", "now"})
    assert {w for s, w in gone if s == "rep:7@north"} >= {"day:2026-11-23", "1h", "now", "year:2026", "90d"}
    assert {s for s, _ in values(board.board.current())} == {"team:north", "rep:9@north"}
    assert {w for s, w in gone if s == "team:south"} >= {"day:2026-11-23", "1h", "now", "year:2026", "90d"}
    assert board.board.homes() == ["team:north"]
    assert {read_pane_prefix(cut_pane_key(key)[0])[1] for key, _ in board.store.items(PANE)} == {"9"}
    assert [key for key, _ in board.store.items(MEASURES)] == [MEASURES + b"team:north"]


def test_a_cell_of_an_expired_day_is_ignored(log: FactsLog) -> None:
    """Retractions of what was forgotten find nothing to take back, and are no data of their KPIs either."""
    board = scoreboard(policy=BoardPolicy(day_pane_days=10))
    log.add(MONDAY, ("north", "7", day("2026-11-12"), None, {"cost_minor": -5}), cell("north", "7", MONDAY, calls=1))
    fold(board, log.records)

    [year] = [f for f in board.board.current() if f.scope == "team:north" and f.kind == "year"]
    assert (year.kpis["calls"]["value"], "cost" in year.kpis) == (1, False)


def test_a_day_ahead_waits_until_it_has_come(log: FactsLog) -> None:
    """Cost that is spread over a month is counted day by day."""
    board = scoreboard()
    month = [("north", "", day(f"2026-11-{n:02d}"), None, {"cost_minor": 10}) for n in range(1, 31)]
    fold(board, [log.add(MONDAY, *month)])
    before = values(board.board.current(), "cost")["team:north", "month:2026-11"]

    fold(board, [log.add(at("2026-11-24 00:00"))])

    assert (before, values(board.board.take(slow=True), "cost")["team:north", "month:2026-11"]) == (230, 240)


def test_a_new_zone_gives_the_day_other_bounds(log: FactsLog) -> None:
    """When a team's zone changes, its current windows are published with their new first and last instants."""
    log.organise("team:north", {"time_zones": [[None, "Europe/Berlin"]]})
    log.add(MONDAY, cell("north", "7", MONDAY, "Europe/Berlin", calls=1))
    board = scoreboard()
    fold(board, log.records)
    board.board.take(slow=False)

    fold(board, [log.organise("team:north", {"time_zones": [[None, "Asia/Tokyo"]]})])

    days = [f for f in board.board.take(slow=False) if f.kind == "day" and f.scope == "team:north"]
    assert [(f.start_ms, f.end_ms) for f in days] == [
        (at("2026-11-23 00:00", "Asia/Tokyo"), at("2026-11-24 00:00", "Asia/Tokyo"))
    ]


def test_the_fiscal_year_shapes_quarters_and_years(log: FactsLog) -> None:
    """A company whose year begins in October is in its first quarter in November."""
    log.organise("company:company", {"fiscal_year_start": 10, "currency": "USD"})
    log.add(MONDAY, cell("north", "7", MONDAY, calls=1))
    board = scoreboard()
    fold(board, log.records)

    figures = {f.kind: f for f in board.board.current() if f.scope == "team:north"}

    assert (figures["quarter"].window, figures["year"].window) == ("quarter:2026-Q1", "year:2026")
    assert figures["year"].start_ms == at("2026-10-01 00:00")
    assert figures["year"].currency == "USD"


def test_another_currency_is_told_of_every_figure(log: FactsLog) -> None:
    """When the company counts in another currency, current and past figures say so."""
    board = scoreboard()
    fold(board, [log.add(MONDAY, cell("north", "7", at("2026-03-05 10:00"), won_minor=5))])
    board.board.take(slow=False)
    board.board.take(slow=True)

    fold(board, [log.organise("company:company", {"currency": "CHF"})])

    taken = [*board.board.take(slow=False), *board.board.take(slow=True)]
    assert {f.currency for f in taken} == {"CHF"}
    assert {"now", "year:2026", "day:2026-03-05", "quarter:2026-Q1"} <= {f.window for f in taken}


def test_data_of_a_new_family_adds_zeros_everywhere(log: FactsLog) -> None:
    """The first call of a team makes its call KPIs 0 where there are none, instead of absent."""
    board = scoreboard()
    fold(board, [log.add(MONDAY, cell("north", "7", MONDAY, won=1))])
    assert "calls" not in next(f for f in board.board.take(slow=False) if f.scope == "rep:7@north").kpis

    fold(board, [log.add(MONDAY, cell("north", "8", MONDAY, calls=1))])

    assert values(board.board.take(slow=False))["rep:7@north", "5m"] == 0


def test_as_many_scopes_are_taken_as_asked_for(log: FactsLog) -> None:
    """Whoever takes in portions gets everything: each figure once whole, each family of it once as a fresh one."""
    board = scoreboard()
    fold(board, [log.add(MONDAY, *(cell("north", str(n), MONDAY, calls=1) for n in range(5)))])
    taken = []
    while board.board.changed:
        taken += board.board.take(slow=False, limit=2)
        taken += board.board.take(slow=True, limit=2)

    whole = [(f.scope, f.window) for f in taken if f.whole]
    assert len(whole) == len(set(whole)) == 6 * 12
    fresh = [(f.scope, f.window, family) for f in taken for family in f.fresh]
    assert len(fresh) == len(set(fresh)) == 6 * 11


def test_a_home_that_was_lost_is_taken_whole(log: FactsLog) -> None:
    """All current and past windows of one home, and of no other."""
    board = scoreboard()
    old = at("2026-03-05 10:00")
    fold(
        board,
        [log.add(MONDAY, *(cell(team, "7", when, calls=1) for team in ("north", "south") for when in (old, MONDAY)))],
    )
    while board.board.changed:
        board.board.take(slow=False)
        board.board.take(slow=True)

    list(board.board.marking.home("north"))
    assert not board.board.changed
    list(board.board.marking.home("team:north"))

    taken = [*board.board.take(slow=False), *board.board.take(slow=True)]
    assert {f.home for f in taken} == {"team:north"}
    assert {"day:2026-11-23", "day:2026-03-05", "month:2026-03", "now", "24h"} < {f.window for f in taken}


def test_no_cut_while_an_offset_is_half_applied(log: FactsLog) -> None:
    """Between two parts of one source offset figures stand at no position of the source."""
    board = scoreboard()
    for part, last in ((0, False), (1, True)):
        entry = facts.Entry(9, part, last, [cell("north", "7", MONDAY, calls=1)])
        log.append(facts.pack(facts.Facts(1, "crm.events", 3, MONDAY, {}, [entry])))
    fold(board, log.records[:1])
    assert board.cut() is None

    fold(board, log.records[1:])

    assert board.cut() == {
        "stage": "scoreboard", "partition": 0, "offset": 1, "now_ms": MONDAY, "seen": {"crm.events/3": 9},
    }  # fmt: skip


def test_the_clock_goes_on_to_the_rollup(log: FactsLog) -> None:
    """Every five seconds of now there is a record of parts, be it empty."""
    board = scoreboard()
    fold(board, [log.add(MONDAY)])
    assert len(board.take_parts()) == 1
    fold(board, [log.add(MONDAY + 4999)])
    assert board.take_parts() == []
    fold(board, [log.add(MONDAY + 5000)])
    assert len(board.take_parts()) == 1


cells_of_a_day = st.lists(
    st.tuples(st.sampled_from(["7", "8", ""]), st.integers(-3, 2000), st.integers(-2, 2)), max_size=12
)


@settings(max_examples=100, deadline=None)
@given(cells_of_a_day, st.randoms(use_true_random=False), st.data())
def test_order_and_batches_do_not_matter(
    given_cells: list[tuple[str, int, int]], shuffle: Random, data: DataObject
) -> None:
    """The same cells in any order, packed and batched in any way, give the same figures."""
    made = [cell("north", rep, MONDAY - age * 60_000, calls=n) for rep, age, n in given_cells]
    one, other = scoreboard(), scoreboard()
    straight, mixed = FactsLog(), FactsLog()
    fold(one, [straight.add(MONDAY, *made)])
    shuffled = list(made)
    shuffle.shuffle(shuffled)
    fold(other, [mixed.add(MONDAY)])
    while shuffled:
        size = data.draw(st.integers(1, len(shuffled)))
        fold(other, [mixed.add(MONDAY, *shuffled[:size])])
        del shuffled[:size]

    assert [(f.scope, f.window, f.kpis) for f in one.board.current()] == [
        (f.scope, f.window, f.kpis) for f in other.board.current()
    ]


def test_a_rep_known_from_expired_days_only_counts_when_they_come_back(log: FactsLog) -> None:
    """What lies before the oldest pane begins no scope, so that nothing is lost when its rep is active much later."""
    board = scoreboard()
    fold(board, [log.add(MONDAY, cell("north", "7", at("2020-01-06 10:00"), won=1))])
    assert board.board.homes() == []
    fold(board, [log.add(MONDAY + 86_400_000)])
    later = MONDAY + 86_460_000
    fold(board, [log.add(later, cell("north", "7", later, calls=1))])

    assert values(board.board.current())["rep:7@north", "day:2026-11-24"] == 1
    assert list(board.board.current()) == list(scoreboard(reread(board.store)).board.current())


def _published(board: Scoreboard, known: dict[tuple[str, str], Figure]) -> dict[tuple[str, str], Figure]:
    """What readers of the team have after everything was taken."""
    for figure in (*board.board.take(slow=False), *board.board.take(slow=True)):
        known[figure.scope, figure.window] = figure
    return {key: figure for key, figure in known.items() if not figure.gone and key[0] == "team:north"}


@pytest.mark.parametrize(
    ("hour", "zone", "today"),
    [("12", "Pacific/Auckland", "2026-11-24"), ("10", "Pacific/Pago_Pago", "2026-11-22")],
)
def test_another_time_zone_moves_all_windows(log: FactsLog, hour: str, zone: str, today: str) -> None:
    """The day that is no longer today is over, or gone if it lies ahead; past windows begin when the zone says."""
    known: dict[tuple[str, str], Figure] = {}
    log.organise("team:north", {"time_zones": [[None, "UTC"]]})
    now_ms, october = at(f"2026-11-23 {hour}:30"), at("2026-10-14 12:00")
    log.add(now_ms, cell("north", "7", now_ms, calls=1), cell("north", "7", october, calls=1))
    board = scoreboard()
    fold(board, log.records)
    _published(board, known)

    fold(board, [log.organise("team:north", {"time_zones": [[None, zone]]})])

    shown = _published(board, known)
    days = {window: figure for (_, window), figure in shown.items() if figure.kind == "day" and window > "day:2026-11"}
    assert {window for window, figure in days.items() if figure.current} == {f"day:{today}"}
    assert ("day:2026-11-23" in days) == (today > "2026-11-23")
    assert shown["team:north", "day:2026-10-14"].start_ms == at("2026-10-14 00:00", zone)


def test_days_without_activity_move_with_the_time_zone_too(log: FactsLog) -> None:
    """A day that was shown as zeros when it was over begins when the new zone says."""
    known: dict[tuple[str, str], Figure] = {}
    log.organise("team:north", {"time_zones": [[None, "UTC"]]})
    log.add(MONDAY, cell("north", "7", MONDAY, calls=1))
    log.add(MONDAY + 2 * 86_400_000)
    board = scoreboard()
    fold(board, log.records)
    assert _published(board, known)["team:north", "day:2026-11-24"].start_ms == at("2026-11-24 00:00")

    fold(board, [log.organise("team:north", {"time_zones": [[None, "Asia/Kolkata"]]})])

    shown = _published(board, known)["team:north", "day:2026-11-24"]
    assert (shown.start_ms, shown.kpis["calls"]["value"]) == (at("2026-11-24 00:00", "Asia/Kolkata"), 0)


def test_another_fiscal_year_replaces_quarters_and_years(log: FactsLog) -> None:
    """Quarters that are none any more are gone; those of one name have the new sums, those without any are zeros."""
    known: dict[tuple[str, str], Figure] = {}
    february, may = at("2026-02-10 12:00"), at("2026-05-10 12:00")
    log.add(MONDAY, cell("north", "7", february, calls=1), cell("north", "7", may, calls=2))
    board = scoreboard()
    fold(board, log.records)
    _published(board, known)

    fold(board, [log.organise("team:north", {"time_zones": [], "fiscal_year_start": 4})])

    shown = {w: f.kpis["calls"]["value"] for (_, w), f in _published(board, known).items() if w[0] in "qy"}
    quarters = {"quarter:2025-Q4": 1, "quarter:2026-Q1": 2, "quarter:2026-Q2": 0, "quarter:2026-Q3": 0}
    assert shown == {**quarters, "year:2025": 1, "year:2026": 2}


def _gone(board: Scoreboard) -> set[str]:
    return {figure.window for figure in board.board.take(slow=True) if figure.gone and figure.scope == "team:north"}


@pytest.fixture
def lost(log: FactsLog) -> Scoreboard:
    """A board on which the team's quarter has another name since the last record, at position 2."""
    log.organise("team:north", {"time_zones": []})
    log.add(MONDAY, cell("north", "7", MONDAY, calls=1))
    board = scoreboard()
    fold(board, log.records)
    board.board.take(slow=True)
    fold(board, [log.organise("team:north", {"time_zones": [], "fiscal_year_start": 12})])
    return board


def test_what_is_gone_is_told_by_the_next_owner_when_the_former_one_did_not(lost: Scoreboard) -> None:
    """A crash between the durable state and the sinks leaves no window standing that is none any more."""
    assert _gone(lost) == {"quarter:2026-Q4", "year:2026"}
    heir = scoreboard(reread(lost.store))
    assert _gone(heir) == set()

    list(heir.board.marking.since(1))
    assert _gone(heir) == {"quarter:2026-Q4", "year:2026"}
    list(heir.board.marking.since(2))
    assert _gone(heir) == set()


def test_what_all_sinks_know_to_be_gone_is_forgotten(lost: Scoreboard, log: FactsLog) -> None:
    """Once the last of the sinks was told, nothing of it is kept in the state."""
    for redis, kept in ((1, 4), (2, 0)):
        lost.store.scalars["published"] = {"kpi_topic": [2, 9, 0], "redis": [redis, -1, 0]}
        fold(lost, [log.add(MONDAY)])
        assert len(list(lost.store.items(GONE))) == kept


def test_a_window_that_has_come_back_is_shown_again_instead(lost: Scoreboard, log: FactsLog) -> None:
    """Whoever was told that it is gone, or was not, is shown its figures."""
    fold(lost, [log.organise("team:north", {"time_zones": [], "fiscal_year_start": 1})])
    heir = scoreboard(reread(lost.store))
    list(heir.board.marking.since(1))

    shown = {f.window: f for f in heir.board.take(slow=True) if f.scope == "team:north"}
    assert (shown["quarter:2026-Q4"].gone, shown["year:2026"].gone) == (False, False)
    assert shown["quarter:2026-Q4"].kpis["calls"]["value"] == 1
    assert shown["quarter:2025-Q4"].gone


def test_what_a_former_owner_wrote_of_a_window_that_is_none_is_taken_back(lost: Scoreboard) -> None:
    """A window written by somebody else is shown anew: where there is none of that name, it is gone."""
    for window in ("quarter:2026-Q4", "month:2026-11", "month:2026-13", "day:2030-01-01"):
        lost.board.marking.window("team:north", "team:north", window)
    lost.board.marking.window("team:nowhere", "rep:7@nowhere", "1h")

    taken = {(f.scope, f.window): f.gone for f in lost.board.take(slow=True)}
    assert taken["team:north", "quarter:2026-Q4"]
    assert not taken["team:north", "month:2026-11"]
    assert taken["team:north", "month:2026-13"]
    assert taken["team:north", "day:2030-01-01"]
    assert taken["rep:7@nowhere", "1h"]


def test_another_calendar_is_told_by_the_next_owner_when_the_former_one_did_not(log: FactsLog) -> None:
    """A crash between the durable state and the sinks leaves no day beginning when another time zone says."""
    log.organise("team:north", {"time_zones": [[None, "UTC"]]})
    log.add(MONDAY, cell("north", "7", MONDAY, calls=1))
    log.add(MONDAY + 2 * 86_400_000)
    board = scoreboard()
    fold(board, log.records)
    fold(board, [log.organise("team:north", {"time_zones": [[None, "Asia/Kolkata"]]})])
    heir = scoreboard(reread(board.store))

    list(heir.board.marking.since(2))

    shown = _published(heir, {})
    for on in ("2026-11-23", "2026-11-24"):
        assert shown["team:north", f"day:{on}"].start_ms == at(f"{on} 00:00", "Asia/Kolkata")
    heir.store.scalars["published"] = {"kpi_topic": [3, 9, 0]}
    fold(heir, [log.add(MONDAY)])
    fold(heir, [log.add(MONDAY)])
    assert list(heir.store.items(REDRAWN)) == []


def test_windows_that_began_before_the_first_day_of_a_scope_are_gone_too(log: FactsLog) -> None:
    """A month whose first days were without activity goes when its first day expires, as any other."""
    board = scoreboard(policy=BoardPolicy(day_pane_days=401))
    fold(board, [log.add(MONDAY, cell("north", "7", MONDAY, calls=1))])
    board.board.take(slow=True)
    fold(board, [log.add(at("2026-12-01 00:00"))])
    board.board.take(slow=True)

    fold(board, [log.add(at("2026-11-02 00:00") + 401 * 86_400_000)])

    assert "month:2026-11" in _gone(board)


def test_an_empty_window_of_a_scope_that_has_no_days_is_gone_when_it_is_over(log: FactsLog) -> None:
    """A team with open deals only shows today's zeros, and none of the days before."""
    board = scoreboard()
    fold(board, [log.add(MONDAY, ("north", "7", None, None, {"open_deals": 1}))])
    board.board.take(slow=True)

    fold(board, [log.add(MONDAY + 86_400_000)])

    assert _gone(board) == {"day:2026-11-23"}


def test_nobody_is_ranked_by_what_stands_now() -> None:
    """Ranks are by what happened in a window; of `now` there is no board of zeros."""
    log, stage = FactsLog(), scoreboard()
    log.organise("team:north", {"time_zones": [[None, "UTC"]]})
    log.organise("rep:7", {"active": True})
    log.organise("membership:m", {"rep_id": "7", "team_id": "north"})
    log.add(at("2026-11-23 10:00"), cell("north", "7", at("2026-11-23 09:59"), calls=1))
    log.add(at("2026-11-23 10:00"), ("north", "7", None, None, {"open_deals": 1}))
    fold(stage, log.records)
    stage.board.generation = 1
    list(stage.board.marking.since(None))

    figures = [figure for figure in stage.board.take(slow=True) if figure.scope == "rep:7@north" and figure.current]
    assert {figure.window for figure in figures if figure.ranks is None} == {"now"}
    assert len(figures) > 10
    assert all(figure.ranks is None for figure in stage.board.current() if figure.window == "now")


def test_a_changed_process_places_its_stages_anew(log: FactsLog) -> None:
    """What stands now says the order, of stages without deals too; nothing else is published for it."""
    board = scoreboard()
    log.organise("team:north", {"time_zones": [[None, "UTC"]]})
    log.organise("process:default", {"editions": [[0, [{"id": "new"}, {"id": "offer"}, {"id": "won", "kind": "won"}]]]})
    log.add(at("2026-11-23 10:00"), ("north", "7", None, None, {"open_stage:default:offer": 1}))
    fold(board, log.records)
    board.board.generation = 1
    assert _places(board) == {"now": {"default:new": 0, "default:offer": 1, "default:won": 2}}

    edition = [{"id": "won", "kind": "won"}, {"id": "offer"}, {"id": "new"}]
    fold(board, [log.organise("process:default", {"editions": [[0, edition]]})])
    assert _places(board) == {"now": {"default:offer": 0, "default:new": 1, "default:won": 2}}

    fold(board, [log.organise("process:default", {"editions": [[0, edition], [5, edition]]})])
    assert _places(board) == {}


def _places(stage: Scoreboard) -> dict[str, Any]:
    """What was not taken yet of the team: by window, the places that it says, or that it says none."""
    taken = [figure for figure in stage.board.take(slow=True) if figure.scope == "team:north" and figure.fresh]
    if not any(figure.kind == "now" for figure in taken):
        return {figure.window: None for figure in taken}
    return {figure.window: figure.kpis["stage_open"]["places"] for figure in taken if figure.kind == "now"}
