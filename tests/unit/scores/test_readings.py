"""Readings: the numbers of the figures that are published, straight from the measures, and when they may be kept."""

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import measures as m
from pipeline.boards.scoreboard import Scoreboard
from pipeline.kernel.sketch import bucket
from pipeline.scores.figures import Figure
from pipeline.scores.home import Scope
from pipeline.scores.kpis import BY_NAME
from pipeline.scores.marks import NAMES
from pipeline.scores.readings import Choice, Reading
from tests.unit.boards.logs import FactsLog, at, cell, fold, reread, scoreboard

NOON = at("2026-11-23 12:00")
MINUTE = 60_000
NAMED = (
    *sorted({name for kpi in BY_NAME.values() for name in (*kpi.numerator, *kpi.denominator) if name[-1] not in ":~"}),
    f"{m.STAGE_ENTERED}sales:new", f"{m.STAGE_CONVERTED}sales:new", f"{m.OPEN_STAGE}sales:new",
    f"{m.DEAL_SIZE}{bucket(100)}", f"{m.DEAL_SIZE}{bucket(90_000)}", f"{m.WON_CYCLE}{bucket(7)}",
    f"{m.STAGE_FELL_BACK}sales:new", f"{m.STAGE_ONCE}sales:new~{bucket(90)}", f"{m.STAGE_ONCE_MS}sales:new",
    f"{m.STAGE_LATEST}sales:new~{bucket(9)}", f"{m.STAGE_TOTAL_MS}sales:new",
)  # fmt: skip
Key = tuple[str, str, str, str]
PARTS = ("numerator", "denominator")
ages = st.integers(0, 3 * 1440)
measured = st.dictionaries(st.sampled_from(NAMED), st.one_of(st.integers(1, 9), st.integers(-(2**70), 2**70)))
steps = st.lists(st.tuples(st.sampled_from("78"), ages, measured, st.booleans()), min_size=1, max_size=4)


def choice(*, reps: bool) -> Choice:
    """Everything that there is."""
    return Choice(BY_NAME, NAMES, reps=reps)


def read(stage: Scoreboard, choices: Iterable[Choice]) -> dict[Key, float]:
    """All numbers, by scope, window, KPI and stage."""
    return {
        (scope.name, window, f"{kpi.name} {part}".strip(), stage_id): value
        for each in choices
        for scope in stage.board.shown(reps=each.reps)
        for window, (kpi, part), stage_id, value in each.of(stage.board, scope)
    }


def published(figures: Iterable[Figure]) -> dict[Key, float]:
    """The same out of figures; what cannot be computed is left out. Of reps only values are read, and no timeline."""
    found: dict[Key, float | None] = {}
    for figure in figures:
        window = figure.window if figure.kind == "rolling" else figure.kind
        for name, told in figure.kpis.items():
            formula = BY_NAME[name].formula
            if formula == "timeline":
                continue
            by_stage = told[formula] if formula in ("stages", "states") else {"": told}
            found |= {(figure.scope, window, name, stage): each["value"] for stage, each in by_stage.items()}
            if not figure.scope.startswith("rep:") and BY_NAME[name].formula in ("ratio", "mean"):
                found |= {(figure.scope, window, f"{name} {part}", ""): told[part] for part in PARTS}
    return {key: value for key, value in found.items() if value is not None}


def played(log: FactsLog, now_ms: int, step: tuple[str, int, dict[str, int], bool]) -> None:
    """One rep has counted something, some minutes ago, or as of now only."""
    rep, minutes, found, standing = step
    when_ms = now_ms - minutes * MINUTE
    minute = cell("north", rep, when_ms)
    log.add(now_ms, ("north", rep, None, None, found) if standing else (*minute[:4], found))


@settings(max_examples=50)
@given(steps)
def test_readings_are_the_numbers_of_the_figures(told: list[tuple[str, int, dict[str, int], bool]]) -> None:
    """Of every scope, in every window, whatever was counted; sums beyond 64 bits have no number."""
    log, stage = FactsLog(), scoreboard()
    for number, step in enumerate(told):
        played(log, NOON + number * 7 * MINUTE, step)
    fold(stage, log.records)

    assert read(stage, [choice(reps=False), choice(reps=True)]) == published(stage.board.current())


@settings(max_examples=50)
@given(steps, st.lists(st.sampled_from([1, 10, 61, 500, 1440, 60 * 24 * 40]), max_size=4))
def test_what_was_read_holds_at_the_same_revision(
    told: list[tuple[str, int, dict[str, int], bool]], pauses: list[int]
) -> None:
    """As facts come and time goes on: a scope whose revision is as before has the numbers it had before."""
    log, stage, now_ms = FactsLog(), scoreboard(), NOON
    choices = [choice(reps=False), choice(reps=True)]
    kept: dict[Scope, tuple[int, list[Reading]]] = {}
    for number in range(max(len(told), len(pauses))):
        if number < len(told):
            played(log, now_ms, told[number])
        if number < len(pauses):
            now_ms += pauses[number] * MINUTE
            log.add(now_ms)
        fold(stage, log.records[stage.store.position + 1 :])
        for each in choices:
            for scope in stage.board.shown(reps=each.reps):
                now = list(each.of(stage.board, scope))
                before, was = kept.get(scope, (-1, []))
                assert before != scope.revision or was == now
                kept[scope] = scope.revision, now


def test_a_choice_is_read_in_its_windows_only() -> None:
    """Two KPIs in two windows: four numbers of a rep, none of what was not chosen."""
    log, stage = FactsLog(), scoreboard()
    log.add(NOON, cell("north", "7", NOON, calls=3, talk_ms=1500, emails=1))
    fold(stage, log.records)
    chosen = Choice(["calls", "talk_time"], ["day", "1h"], reps=True)

    found = read(stage, [chosen])
    assert found == {
        ("rep:7@north", "1h", "calls", ""): 3,
        ("rep:7@north", "1h", "talk_time", ""): 1.5,
        ("rep:7@north", "day", "calls", ""): 3,
        ("rep:7@north", "day", "talk_time", ""): 1.5,
    }
    assert chosen.most_series == 4


def test_both_numbers_of_a_quotient_are_read_of_teams() -> None:
    """So two teams can be pooled: one call of 2 and three of 4 seconds are 3.5 on average."""
    log, stage = FactsLog(), scoreboard()
    log.add(NOON, cell("north", "7", NOON, calls=1, talk_legs=1, talk_ms=2000))
    log.add(NOON, cell("south", "8", NOON, calls=3, talk_legs=3, talk_ms=12_000))
    fold(stage, log.records)

    found = read(stage, [Choice(["avg_talk_time"], ["day"], reps=False)])
    teams = ["team:north", "team:south"]
    above, below = (sum(found[team, "day", f"avg_talk_time {part}", ""] for team in teams) for part in PARTS)
    assert above / below == 3.5


def test_a_kpi_of_no_chosen_window_is_told() -> None:
    """What stands open has no figure of a day, and cost none of a rep."""
    chosen = Choice(["calls", "open_deals", "cost"], ["day"], reps=True)

    assert [kpi.name for kpi in chosen.without_window()] == ["open_deals", "cost"]


def test_a_restored_board_is_read_anew() -> None:
    """The scopes of a board that was read again have other revisions than new ones, which held nothing."""
    log, stage = FactsLog(), scoreboard()
    log.add(NOON, cell("north", "7", NOON, calls=3))
    fold(stage, log.records)
    again = scoreboard(reread(stage.store))

    assert all(scope.revision > 1 for scope in again.board.shown(reps=True))
