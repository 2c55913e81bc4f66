"""Whatever is chosen, what is published of it is what is published of everything, and nothing else is published."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.boards.rollup import Rollup
from pipeline.boards.scoreboard import Scoreboard
from pipeline.config.settings import SetupError, load_settings
from pipeline.policies import chosen as chosen_of
from pipeline.scores.board import BoardPolicy
from pipeline.scores.chosen import Chosen, ChosenWindows
from pipeline.scores.definition import DEFINITION
from pipeline.scores.figures import Figure
from tests.unit.boards.logs import FactsLog, LogRecord, at, cell, fold, reread, scoreboard, send_on

START_MS = at("2026-11-28 20:00")
"""Saturday: day, week and month end soon."""
HOUR_MS = 3_600_000
ROLLING = ("5m", "15m", "1h", "8h", "24h")
CALENDAR = ("day", "week", "month", "quarter", "year")
FAMILIES = DEFINITION.table.families
Key = tuple[str, str]


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A list of windows as a setting says it, in any order."""
    some = draw(st.lists(st.sampled_from((*ROLLING, *CALENDAR, *(f"{kind}+" for kind in CALENDAR), "now", "90d"))))
    return draw(st.sampled_from(["all", "none", ",".join(some) or "none"]))


choices = st.builds(
    lambda teams, reps, members, families: Chosen.read(teams, reps, members, families, FAMILIES),
    texts(),
    texts(),
    texts(),
    st.sampled_from(["all"]) | st.lists(st.sampled_from(FAMILIES), min_size=1).map(",".join),
)
cells = st.tuples(
    st.sampled_from(["north", "south"]),
    st.sampled_from(["", "1", "2"]),
    st.integers(0, 3000),
    st.sampled_from(["calls", "won", "emails", "deal_size~5", "stage_entered:default:offer", "activities"]),
)
gaps = st.sampled_from([0, 1, 9, 70, 300, 1500, 4000])
"""Minutes."""
steps = st.one_of(
    st.tuples(st.just("facts"), gaps, st.lists(cells, max_size=4)),
    st.tuples(st.just("take"), st.booleans(), st.none()),
    st.tuples(st.just("restart"), st.none(), st.none()),
    st.tuples(st.just("zone"), st.sampled_from(["Pacific/Auckland", "Pacific/Honolulu", "UTC"]), st.none()),
)


@dataclass
class Reader:
    """What a reader of one board has: of each scope and window its KPIs by family; `told` is all that was ever sent."""

    shown: dict[Key, Figure] = field(default_factory=dict)
    told: set[Key] = field(default_factory=set)

    def add(self, figures: list[Figure]) -> None:
        """Take in figures, tombstones too."""
        for figure in figures:
            key = figure.scope, figure.window
            if figure.gone:
                self.shown.pop(key, None)
                continue
            self.told.add(key)
            self.shown[key] = figure if figure.whole else figure.after(self.shown.get(key, figure))

    def said(self) -> dict[Key, dict[str, str]]:
        """Families by scope and window, of windows that say anything."""
        return {key: dict(figure.families) for key, figure in self.shown.items() if figure.families}


def is_chosen(chosen: Chosen, figure: Figure) -> bool:
    """Whether a figure is of a window that is published."""
    windows = chosen.teams
    if figure.scope.startswith("rep:"):
        windows = chosen.members if "@" in figure.scope else chosen.reps
    kind = figure.window.partition(":")[0]
    return kind in (windows.current if figure.current else windows.past)


def some_of(reference: Reader, chosen: Chosen) -> dict[Key, dict[str, str]]:
    """What a reader of everything has of what is chosen."""
    found = {}
    for key, figure in reference.shown.items():
        if is_chosen(chosen, figure):
            of_rep = key[0].startswith("rep:") and chosen.families is not None
            families = {
                name: text for name, text in figure.families.items() if not of_rep or name in (chosen.families or ())
            }
            if families:
                found[key] = families
    return found


class Floor:
    """A scoreboard and a rollup of one choice, over the logs of a floor, and what a reader of them has."""

    def __init__(self, chosen: Chosen, log: FactsLog) -> None:
        self.log = log
        self.reader = Reader()
        self._parts: list[LogRecord] = []
        self._begin(chosen, None, None)
        self.fold(log.records)

    def _begin(self, chosen: Chosen, scoreboard_store: Any, rollup_store: Any) -> None:
        policy = BoardPolicy(chosen=chosen)
        self.scoreboard: Scoreboard = scoreboard(scoreboard_store, policy)
        self.rollup = Rollup(0, rollup_store or type(self.scoreboard.store)(), 1, policy)
        list(self.rollup.restore())

    def fold(self, records: list[LogRecord]) -> None:
        """Fold facts, and the parts that follow."""
        fold(self.scoreboard, records)
        fold(self.rollup, send_on(self.scoreboard.take_parts(), self._parts))

    def organise(self, record: LogRecord) -> None:
        """Fold a copy of an organisation record, which every board is sent."""
        self.fold([record])
        copy = LogRecord(len(self._parts), record.value, headers=record.headers)
        self._parts.append(copy)
        fold(self.rollup, [copy])

    def take(self, *, slow: bool) -> None:
        """Publish what changed."""
        for board in (self.scoreboard.board, self.rollup.board):
            self.reader.add(board.take(slow=slow))

    def restart(self, chosen: Chosen | None = None) -> None:
        """Another worker reads the state and publishes everything again; with another choice as a publisher does."""
        choice = chosen or self.scoreboard.policy.chosen
        self._begin(choice, reread(self.scoreboard.store), reread(self.rollup.store))
        for board in (self.scoreboard.board, self.rollup.board):
            list(board.marking.since(None))
            for home in board.homes() if chosen else ():
                list(board.marking.unchosen(home))
                list(board.marking.all_windows(home))


def played(plan: list[tuple[str, Any, Any]], floors: list[Floor], log: FactsLog) -> int:
    """Let all of them live through the same."""
    now_ms = START_MS
    for kind, given_, more in plan:
        if kind == "facts":
            now_ms += given_ * 60_000
            made = [
                (*cell(team, rep, now_ms - age * 60_000)[:4], {measure: 1, "calls": 2})
                for team, rep, age, measure in more
            ]
            standing = [(team, rep, None, None, {"open_deals": 1}) for team, rep, *_ in more]
            record = log.add(now_ms, *made, *standing)
            for floor in floors:
                floor.fold([record])
        if kind == "zone":
            record = log.organise("team:north", {"time_zones": [[None, given_]]})
            for floor in floors:
                floor.organise(record)
        for floor in floors:
            if kind == "take":
                floor.take(slow=given_)
            elif kind == "restart":
                floor.restart()
    return now_ms


@settings(max_examples=60, deadline=None)
@given(choices, choices, st.lists(steps, min_size=1, max_size=10))
def test_any_choice_is_shown_and_nothing_else(first: Chosen, then: Chosen, plan: list[tuple[str, Any, Any]]) -> None:
    """What was sent of a choice is of it alone; and with another choice all of that is there, and the rest is gone."""
    log = FactsLog()
    log.employ("north", "1")
    log.employ("south", "2")
    everything, some = Floor(Chosen(), log), Floor(first, log)
    now_ms = played(plan, [everything, some], log)
    for floor in (everything, some):
        floor.take(slow=True)

    assert some.reader.said() == some_of(everything.reader, first)
    assert some.reader.told <= everything.reader.told

    everything.restart(Chosen())
    some.restart(then)
    for floor in (everything, some):
        floor.fold([log.add(now_ms)])
        floor.take(slow=True)

    assert some.reader.said() == some_of(everything.reader, then)


def test_a_setting_is_read_and_written() -> None:
    """In the order of the one list; what is published of past windows is published of the current one too."""
    windows = ChosenWindows.read("month+,5m,now,day")

    assert windows == ChosenWindows(("5m", "day", "month", "now"), ("month",))
    assert str(windows) == "5m,day,month+,now"
    assert (str(ChosenWindows.read("all")), str(ChosenWindows.read("none"))) == ("all", "none")


@given(texts())
def test_any_setting_reads_as_it_is_written(text: str) -> None:
    """Whatever is named, in whatever order."""
    windows = ChosenWindows.read(text)

    assert ChosenWindows.read(str(windows)) == windows


@pytest.mark.parametrize(
    ("setting", "value"),
    [("teams", "none"), ("teams", "1h,1d"), ("reps", "90d+"), ("members", ""), ("members", "all,day"), ("reps", "1h,")],
)
def test_what_is_no_choice_is_refused(setting: str, value: str) -> None:
    """By one line that names the setting and what is allowed."""
    if not value:
        assert load_settings({f"SALESPULSE_PUBLISH_{setting.upper()}": value}).publish_members
        return
    with pytest.raises(SetupError, match=f"^SALESPULSE_PUBLISH_{setting.upper()}: .* is not allowed; allowed: all, "):
        load_settings({f"SALESPULSE_PUBLISH_{setting.upper()}": value})


def test_a_family_that_there_is_none_of_is_refused() -> None:
    """By one line too, when a worker is assembled."""
    with pytest.raises(SetupError, match=r"^SALESPULSE_PUBLISH_REPS_FAMILIES: there is no family luck; allowed: all,"):
        chosen_of(load_settings({}, publish_reps_families="calls,luck"))


def test_the_default_shows_what_the_board_and_ranks_are_of() -> None:
    """Reps in what the page and the terminal show of them; teams in everything."""
    chosen = chosen_of(load_settings({}))
    columns = ("activities", "calls", "connect_rate", "talk_time", "emails", "won", "bookings", "meetings_set")

    assert chosen.teams == ChosenWindows()
    assert {"1h", "day", "week", "month", "quarter", "now"} <= set(chosen.reps.current)
    assert {DEFINITION.table.by_name[name].family for name in columns} <= set(chosen.families or ())
