"""Occupancy of today has what goes on: every minute makes it longer, without any event."""

from typing import Any

from pipeline.scores.agent_states import MOST_STATES, REST, agent_states
from pipeline.scores.named import Named
from tests.unit.boards.logs import FactsLog, at, day, fold, scoreboard

NOON = at("2026-11-23 12:00")
TODAY = day("2026-11-23")
MINUTE = 60_000


def running(since_ms: int, number: int = 1, on: int = TODAY) -> dict[str, int]:
    """So many reps on contact since an instant."""
    return {f"contact_running:{on}": number, f"contact_running_since:{on}": number * (since_ms // MINUTE)}


def of(stage: Any, window: str, kpi: str = "contact_time") -> Any:
    """A KPI of the team in a current window."""
    figures = [each for each in stage.board.current() if each.scope == "team:north"]
    return next(each.kpis[kpi]["value"] for each in figures if window in (each.kind, each.window))


def taken(stage: Any) -> set[tuple[str, str]]:
    """The windows in which contact time is published anew."""
    return {(each.scope, each.kind) for each in stage.board.take(slow=True) if "occupancy" in each.fresh}


def test_every_minute_adds_what_goes_on() -> None:
    """Ten minutes done, and one rep on a call for the last five; then for six."""
    log, stage = FactsLog(), scoreboard()
    log.add(NOON, ("north", "7", TODAY, None, {"contact_ms": 600_000, "available_ms": 900_000}))
    log.add(NOON, ("north", "7", None, None, running(NOON - 5 * MINUTE)))
    fold(stage, log.records)
    assert of(stage, "day") == of(stage, "90d") == 900
    assert of(stage, "day", "occupancy") == 0.5

    taken(stage)
    fold(stage, [log.add(NOON + MINUTE)])
    assert of(stage, "day") == 960
    assert {("team:north", "day"), ("rep:7@north", "day"), ("team:north", "year")} <= taken(stage)
    fold(stage, [log.add(NOON + MINUTE + 1)])
    assert taken(stage) == set()


def test_nothing_is_published_again_once_nothing_goes_on() -> None:
    """The call ends: its time counts, and the next minute changes nothing."""
    log, stage = FactsLog(), scoreboard()
    log.add(NOON, ("north", "7", None, None, running(NOON - 5 * MINUTE)))
    log.add(
        NOON,
        ("north", "7", None, None, {name: -n for name, n in running(NOON - 5 * MINUTE).items()}),
        ("north", "7", TODAY, None, {"contact_ms": 300_000}),
    )
    fold(stage, log.records)
    assert of(stage, "day") == 300

    taken(stage)
    fold(stage, [log.add(NOON + MINUTE)])
    assert taken(stage) == set()


def test_what_began_on_another_day_counts_once_it_is_over() -> None:
    """A phone that was left on since yesterday."""
    log, stage = FactsLog(), scoreboard()
    log.add(NOON, ("north", "7", None, None, running(NOON - 900 * MINUTE, on=TODAY - 1)))
    fold(stage, log.records)

    assert of(stage, "day", "occupancy") is None
    assert of(stage, "day") == 0


def test_what_begins_ahead_of_now_takes_nothing_off() -> None:
    """By a clock that is two minutes fast."""
    log, stage = FactsLog(), scoreboard()
    log.add(NOON, ("north", "7", None, None, running(NOON + 2 * MINUTE)))
    fold(stage, log.records)

    assert of(stage, "day") == 0


def test_a_board_that_is_restored_goes_on_counting() -> None:
    """Nothing but the panes is in the state."""
    log, stage = FactsLog(), scoreboard()
    log.add(NOON, ("north", "7", None, None, running(NOON - 5 * MINUTE, 2)))
    fold(stage, log.records)
    again = scoreboard(stage.store)

    assert of(again, "day") == of(stage, "day") == 600
    taken(again)
    fold(again, [log.add(NOON + MINUTE)])
    assert of(again, "day") == 720
    assert ("team:north", "day") in taken(again)


def test_live_states_tell_how_many_and_since_when() -> None:
    """Two reps on calls since 10 and 20, one at lunch."""
    standing = {
        "agents:on_call": 2, "agents_since_ms:on_call": 30, "agents:break:lunch": 1, "agents_since_ms:break:lunch": 7,
    }  # fmt: skip

    assert agent_states(Named(standing, {}).stages) == {
        "value": 3,
        "states": {"break:lunch": {"value": 1, "since_ms": 7}, "on_call": {"value": 2, "since_ms": 15}},
    }


def test_however_many_reasons_there_are_some_are_named() -> None:
    """Those of most reps; all others are one."""
    standing = {f"agents:break:r{n:03}": 1 for n in range(MOST_STATES + 20)}
    standing |= {name.replace("agents", "agents_since_ms"): 100 * n for name, n in standing.items()}
    found = agent_states(Named(standing, {}).stages)

    assert found["value"] == sum(state["value"] for state in found["states"].values()) == MOST_STATES + 20
    assert found["states"][REST] == {"value": 20, "since_ms": 100}
