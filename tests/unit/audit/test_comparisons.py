"""Reps beside their peers, and before and after sessions: readers and SQL over the audit's figures come to the same."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.audit.comparison import FIGURE_SCRIPTS
from pipeline.audit.database import Database
from pipeline.scores.kpis import BY_NAME
from pipeline.views.benchmarks import benchmarks
from pipeline.views.coaching import COMPARED, sessions_of, today_of
from pipeline.views.ranking import RANKED
from tests.findings.floor import Floor, berlin
from tests.harness import yardsticks
from tests.harness.kept_figures import KeptFigures
from tests.harness.per_rep import shown_of
from tests.harness.recognising_boards import RecognisingBoards, recognition_differences
from tests.unit.audit.logs_of import audited
from tests.unit.ledger.world import DAY, MINUTE, event, organisation

pytestmark = pytest.mark.slow


FEW = settings(max_examples=min(6, settings().max_examples // 5), deadline=None)
NOW, TODAY, MONTH = berlin("2025-11-28T14:00"), "2025-11-28", "2025-11"
REPS = [f"rep-{number:02}" for number in range(1, 10)]
LESS = [name for name, kpi in BY_NAME.items() if kpi.better == "down"]
SUMMED = [kpi for kpi in RANKED if BY_NAME[kpi].formula in ("count", "ratio", "mean")]
"""Those that need no samples."""
CAREERS: list[dict[str, Any]] = [{"hired_on": "2025-11-10"}, {"hired_on": "2025-09-01"}, {"left_on": "2025-11-20"}]
WHO = st.sampled_from(REPS)
STEPS = st.lists(
    st.tuples(
        st.integers(0, 75),
        st.one_of(
            st.tuples(st.just("calls"), WHO, st.integers(1, 9), st.integers(0, 9)),
            st.tuples(st.just("calls"), WHO, st.integers(1, 9), st.integers(0, 9)),
            st.tuples(st.just("deal"), WHO, st.sampled_from(["won", "won", "lost"]), st.integers(0, 3)),
            st.tuples(st.just("deal"), WHO, st.sampled_from(["won", "won", "lost"]), st.integers(0, 3)),
            st.tuples(st.just("session"), WHO, st.sampled_from(["one_to_one", "coaching_session"])),
            st.tuples(st.just("team"), st.sampled_from(["north", "south"])),
            st.tuples(st.just("uncall"), st.integers(0, 20)),
            st.tuples(st.just("move"), WHO, st.sampled_from(["north", "south"])),
            st.tuples(st.just("career"), WHO, st.sampled_from(CAREERS)),
            st.tuples(st.just("away"), WHO),
        ),
    ),
    min_size=12,
    max_size=60,
)  # fmt: skip
"""How many days ago, and what."""


def told(number: int, at_ms: int, kind: str, *what: Any) -> list[dict[str, Any]]:
    """What is told at an instant."""
    if kind == "calls":
        return [_call(f"c{number}-{n}", at_ms + n * MINUTE, what[0], answered=n < what[2]) for n in range(what[1])]
    if kind == "uncall":
        return [event("call", f"c{what[0]}-0", at_ms, verb="deleted", source="dialer")]
    if kind == "deal":
        rep, stage, units = what
        money: dict[str, Any] = {"amount_minor": units * 100, "currency": "EUR"} if units else {}
        created_ms = at_ms - (1 + number % 5) * DAY
        return [event("deal", f"d{number}", at_ms, owner_id=rep, created_at=created_ms, stage_id=stage, **money)]
    if kind == "session":
        return [event("observation", f"o{number}", at_ms, name=what[1], observed_at=at_ms, rep_id=what[0])]
    if kind == "team":
        return [event("observation", f"o{number}", at_ms, name="coaching_session", observed_at=at_ms, team_id=what[0])]
    if kind == "move":
        return [event("membership", f"m-{number}", at_ms, rep_id=what[0], team_id=what[1], valid_from=at_ms)]
    if kind == "career":
        return [event("rep", what[0], at_ms, **what[1])]
    return [event("absence", f"a{number}", at_ms, rep_id=what[0], first_day="2025-11-27", last_day="2025-11-28")]


def _call(name: str, at_ms: int, rep: str, *, answered: bool) -> dict[str, Any]:
    said: dict[str, Any] = {"outcome": "no_answer"}
    if answered:
        said = {"outcome": "answered", "answered_at": at_ms, "talk_seconds": 30}
    more: dict[str, Any] = {"started_at": at_ms, "ended_at": at_ms + MINUTE, "state": "ended"}
    return event("call", name, at_ms, source="dialer", rep_id=rep, direction="outbound", **more, **said)


def played(steps: list[tuple[int, tuple[Any, ...]]]) -> Floor:
    """A floor on which all of it was told when it happened."""
    reps = [event("rep", rep, 1000, active=True) for rep in REPS[2:]]
    members = [event("membership", rep, 1000, rep_id=rep, team_id="north") for rep in REPS[2:]]
    ramp = event("proration", "new", 2000, ramp=[5000])
    floor = Floor([*organisation(), *reps, *members, ramp], now_ms=NOW - 80 * DAY)
    events = (each for n, (ago, what) in enumerate(steps) for each in told(n, NOW - ago * DAY - 300 * MINUTE, *what))
    return floor.live_through(events, NOW)


@FEW
@given(STEPS)
def test_readers_and_sql_compare_alike(steps: list[tuple[int, tuple[Any, ...]]]) -> None:
    """Every rep on a board by every KPI, and every session of every scope."""
    floor = played(steps)
    kept = KeptFigures(floor)
    with audited(floor.world) as database:
        recognition_differences(database, floor.world, RecognisingBoards(floor.world).read())
        database.fill("shown", (row for figure in kept.figures for row in shown_of(figure, BY_NAME)))
        for script in (*FIGURE_SCRIPTS, "present"):
            database.run(script)
        for home in ("team:north", "team:south"):
            _compare_reps(database, kept, home)
        for scope in {figure.scope for figure in kept.figures}:
            _compare_sessions(database, kept, scope)


def _compare_reps(database: Database, kept: KeptFigures, home: str) -> None:
    board = kept.board(home, "month")
    for rep, reading in board.items():
        wanted = {each.kpi: each for each in yardsticks.benchmarks(database, home, rep, MONTH, LESS)}
        kpis = [kpi for kpi in SUMMED if kpi in reading.windows["month"].kpis]
        for each in benchmarks(rep, board, kept.history(reading.scope, "month"), "month", kpis):
            shown = each.value, each.peers, each.team_median, each.percentile
            assert shown == pytest.approx(wanted[each.kpi][1:5]), (rep, each.kpi)
            assert each.before == pytest.approx(wanted[each.kpi].before), (rep, each.kpi)


def _compare_sessions(database: Database, kept: KeptFigures, scope: str) -> None:
    wanted = {(each.day, each.kpi): each for each in yardsticks.sessions(database, scope, TODAY)}
    days = kept.history(scope, "day")
    found = sessions_of(days, COMPARED, today_of(days))
    assert {str(each.day) for each in found} == {day for day, _ in wanted}
    for session in found:
        for kpi, change in session.changes.items():
            shown = session.days_after, change.before, change.after
            _, days_after, _, *sides = wanted[str(session.day), kpi]
            assert shown == pytest.approx((days_after, *sides)), (scope, session.day, kpi)
