"""Whatever happens, what was published equals the sum over the log: checked against plain sums over all cells."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.organisation.days import DAY_MS, EPOCH_DAY
from pipeline.organisation.working_time import WEEKDAYS
from pipeline.scores.figures import Figure
from pipeline.scores.windows import ROLLING
from schemas.facts import Cell
from tests.unit.boards.logs import FactsLog, at, fold, reread, scoreboard

ZONES = {"north": "Europe/Berlin", "south": "America/New_York", "far": "Pacific/Auckland"}
START_MS = at("2026-10-23 20:00")
"""Days before the clocks change in all of these zones."""
MINUTE = 60_000
FINAL_MS = 24 * 3_600_000


@dataclass
class Published:
    """What readers have: the newest figure of each scope and window, and each family as it was written when fresh."""

    figures: dict[tuple[str, str], Figure] = field(default_factory=dict)
    families: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def add(self, figures: list[Figure]) -> None:
        """Take in figures, tombstones too."""
        for figure in figures:
            key = figure.scope, figure.window
            self.figures[key] = figure if figure.whole else figure.after(self.figures.get(key, figure))
            self.families |= {(*key, family): figure.families[family] for family in figure.fresh}


@dataclass
class Applied:
    """A cell, and now when it was applied."""

    cell: Cell
    now_ms: int


def local(now_ms: int, team: str) -> date:
    """The local date of a team."""
    return datetime.fromtimestamp(now_ms / 1000, ZoneInfo(ZONES[team])).date()


Weeks = list[tuple[int, str]]
"""From which day on weeks begin on which weekday, in order."""


def begins_week(day: int, weeks: Weeks) -> bool:
    """Whether a week begins on a day: on its weekday, and where another weekday holds from then on."""
    held = ["monday", *(name for since, name in weeks if since <= day)]
    changed = len(held) > 1 and dict(weeks).get(day) == held[-1] != held[-2]
    return changed or f"{date.fromordinal(day):%A}".lower() == held[-1]


def week_of(day: int, weeks: Weeks) -> tuple[str, int, int]:
    """Id, first and last day of the week of a day, found by looking at the days around it."""
    first = next(each for each in range(day, day - 7, -1) if begins_week(each, weeks))
    last = next(each for each in range(day + 1, day + 8) if begins_week(each, weeks)) - 1
    year, number, weekday = date.fromordinal(first).isocalendar()
    name = f"{year}-W{number:02}" if (weekday, last) == (1, first + 6) else str(date.fromordinal(first))
    return f"week:{name}", first, last


def days_of(window: str, today: date, weeks: Weeks) -> tuple[int, int]:
    """First and last day of a window by its id, as ordinals, told by the calendar module alone."""
    kind, _, name = window.partition(":")
    if kind == "90d":
        return today.toordinal() - 89, today.toordinal()
    if kind == "day":
        first = date.fromisoformat(name)
        return first.toordinal(), first.toordinal()
    if kind == "week":
        first = date.fromisocalendar(int(name[:4]), int(name[6:]), 1) if "W" in name else date.fromisoformat(name)
        _, *days = week_of(first.toordinal(), weeks)
        return days[0], days[1]
    months, year = {"month": 1, "quarter": 3, "year": 12}[kind], int(name[:4])
    month = {"month": name[5:], "quarter": str(int(name[-1]) * 3 - 2), "year": "1"}[kind]
    end = date(year + (int(month) + months > 12), (int(month) + months - 1) % 12 + 1, 1)
    return date(year, int(month), 1).toordinal(), end.toordinal() - 1


def expected(cells: list[Applied], scope: str, window: str, now_ms: int, weeks: Weeks) -> int:
    """The sum over all cells of a scope in a window."""
    team = scope.partition("@")[2] or scope.partition(":")[2]
    rep = scope.partition(":")[2].partition("@")[0] if "@" in scope else None
    own = [c.cell for c in cells if c.cell[0] == team and rep in (None, c.cell[1])]
    today = local(now_ms, team)
    if window in dict(ROLLING):
        first_minute = now_ms // MINUTE - dict(ROLLING)[window]
        own = [c for c in own if c[3] is not None and first_minute <= c[3] <= now_ms // MINUTE]
    else:
        first, last = days_of(window, today, weeks)
        own = [c for c in own if c[2] is not None and first <= c[2] <= min(last, today.toordinal())]
    return sum(c[4]["calls"] for c in own)


def state(cells: list[Applied], figure: Figure, now_ms: int, weeks: Weeks) -> str:
    """Whether a past window is provisional, final or restated."""
    team = figure.home.partition(":")[2]
    rep = figure.scope.partition(":")[2].partition("@")[0] if "@" in figure.scope else None
    first, last = days_of(figure.window, local(now_ms, team), weeks)
    own = [c for c in cells if c.cell[0] == team and rep in (None, c.cell[1]) and c.cell[2] is not None]
    inside = [c.now_ms for c in own if first <= (c.cell[2] or 0) <= last]
    seen_ms = figure.end_ms + FINAL_MS
    if own and min(c.now_ms for c in own) > seen_ms:  # There was no such scope when the window became final.
        seen_ms = min(inside, default=0) + FINAL_MS
    if any(told_ms > seen_ms for told_ms in inside):
        return "restated"
    return "final" if now_ms >= figure.end_ms + FINAL_MS else "provisional"


cells = st.tuples(
    st.sampled_from(sorted(ZONES)),
    st.sampled_from(["", "1", "2"]),
    st.one_of(st.integers(-4, 20), st.integers(0, 3000), st.integers(0, 200_000)),
    st.integers(-2, 3),
    st.sampled_from(["emails", "won", "deal_size~5", "open_qualified", "unconverted"]),
)
gaps = st.one_of(st.integers(0, 3), st.integers(0, 120), st.integers(0, 3000), st.integers(0, 50_000))
steps = st.one_of(
    st.tuples(st.just("facts"), gaps, st.lists(cells, max_size=4)),
    st.tuples(st.just("take"), st.booleans(), st.sampled_from([None, 1, 2])),
    st.tuples(st.just("restart"), st.none(), st.none()),
    st.tuples(st.just("weeks"), st.integers(-10, 30), st.sampled_from(WEEKDAYS)),
)


def check_weeks(published: Published, applied: list[Applied], now_ms: int, weeks: Weeks) -> None:
    """Readers have the weeks of all that was told, and no week besides: what was one and is none is gone."""
    shown = {key for key, figure in published.figures.items() if key[1].startswith("week:") and not figure.gone}
    for scope, window in shown:
        today = local(now_ms, scope.partition("@")[2] or scope.partition(":")[2])
        assert week_of(days_of(window, today, weeks)[0], weeks)[0] == window
    days = {(team, day) for team, _, day, *_ in (each.cell for each in applied) if day is not None}
    due = {(f"team:{team}", week_of(day, weeks)[0]) for team, day in days if day <= local(now_ms, team).toordinal()}
    assert due <= shown


@settings(max_examples=100, deadline=None)
@given(st.lists(steps, min_size=1, max_size=14), st.sampled_from([1, 3, 1000]))
def test_published_figures_equal_the_sum_over_the_log(plan: list[tuple[str, Any, Any]], most_written: int) -> None:
    """After the last take readers have the exact sums.

    Cells are late, early and negative; time passes, weeks begin otherwise, boards restart.
    """
    log, published, applied = FactsLog(), Published(), []
    for team, zone in ZONES.items():
        log.organise(f"team:{team}", {"time_zones": [[None, zone]]})
    board = scoreboard()
    board.board.most_written = most_written
    fold(board, log.records)
    now_ms, bookmark, weeks = START_MS, (-1, START_MS), Weeks()
    for kind, gap, more in [*plan, ("take", True, None)]:
        if kind == "facts":
            now_ms += gap * MINUTE
            made: list[Cell] = []
            standing: list[Cell] = []
            for team, rep, age, calls, other in more:
                when_ms = now_ms - age * MINUTE
                amounts = {"calls": calls, other: calls}
                made.append((team, rep, local(when_ms, team).toordinal(), when_ms // MINUTE, amounts))
                open_now = dict.fromkeys(("open_qualified", "open_stage:default:offer", "unconverted"), calls)
                standing.append((team, rep, None, None, open_now))
            applied += [Applied(cell, now_ms) for cell in made]
            fold(board, [log.add(now_ms, *made, *standing)])
        elif kind == "weeks":
            first_day = START_MS // DAY_MS + EPOCH_DAY + gap
            weeks = sorted({**dict(weeks), first_day: more}.items())
            fold(board, [log.organise("company:company", {"week_starts": [list(each) for each in weeks]})])
        elif kind == "take":
            published.add(board.board.take(slow=False, limit=more))
            if gap:
                published.add(board.board.take(slow=True, limit=more))
                if not board.board.changed:
                    bookmark = (board.board.position, max(board.board.now_ms, START_MS))
        else:
            board = scoreboard(reread(board.store))
            board.board.most_written = most_written
            list(board.board.marking.since(None if bookmark[0] < 0 else bookmark[0], bookmark[1]))

    current = {(f.scope, f.window): f for f in board.board.current()}
    for key, figure in current.items():
        if figure.kind != "now":
            assert figure.kpis["calls"]["value"] == expected(applied, *key, now_ms, weeks), key
        assert published.figures[key].kpis == figure.kpis, key
        for family, text in figure.families.items():
            assert published.families[(*key, family)] == text, (key, family)
    check_weeks(published, applied, now_ms, weeks)
    for key, figure in published.figures.items():
        if figure.gone:
            continue
        assert figure.current == (key in current), key
        if not figure.current:
            assert figure.kpis["calls"]["value"] == expected(applied, *key, now_ms, weeks), key
            assert figure.state == state(applied, figure, now_ms, weeks), key
