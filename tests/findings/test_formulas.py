"""Formulas of calls: one population, one time basis."""

import pytest

from pipeline.scores.kpis import KPIS
from tests.findings.floor import NOW, TODAY, Floor, call
from tests.unit.ledger.world import MINUTE, event


def talked(name: str, began_ms: int, seconds: int) -> dict[str, object]:
    """A call that was answered at once and ended."""
    return call(name, began_ms, answered_at=began_ms, ended_at=began_ms + seconds * 1000)


LONG = talked("long", NOW - 46 * MINUTE, 45 * 60)
"""45 minutes, ended a minute ago."""


def test_average_talk_is_over_the_calls_that_ended() -> None:
    """Two calls ended within 5 minutes, of 2,700 s and 30 s: 1,365 s."""
    assert Floor().at(NOW, LONG, talked("short", NOW - MINUTE, 30)).value("5m", "avg_talk_time") == (2700 + 30) / 2


def test_a_long_call_that_ended_is_an_average_of_its_own() -> None:
    """One call ended within 15 minutes, after 2,700 s."""
    assert Floor().at(NOW, LONG).value("15m", "avg_talk_time") == 2700


def test_running_calls_do_not_lower_the_average() -> None:
    """One call of 300 s ended, nine are running."""
    began = NOW - 20 * MINUTE
    running = [call(f"r{n}", began, answered_at=began, outcome=None, state="answered") for n in range(9)]

    assert Floor().at(NOW, talked("done", NOW - 10 * MINUTE, 300), *running).value(TODAY, "avg_talk_time") == 300


def test_a_logged_call_without_dials_is_one_dial() -> None:
    """Two dials, both connected: 100 %."""
    logged = event("activity", "a", NOW, kind="call", rep_id="rep-01", occurred_at=NOW, dials=0, connected=True)

    assert Floor().at(NOW, logged, call("c", NOW)).value(TODAY, "connect_rate") == 1


def test_an_unknown_wait_is_in_no_average_and_in_no_service_level() -> None:
    """Ten calls in were answered; of one the wait is known, 50 s: late of one."""
    began = NOW - MINUTE
    calls = [call(f"c{n}", began, direction="inbound") for n in range(9)]
    figures = Floor().at(NOW, *calls, call("w", began, direction="inbound", wait_seconds=50)).figures()
    of_answered = figures["team:north", TODAY, "service_level_20s_answered"]
    of_offered = figures["team:north", TODAY, "service_level_20s"]

    assert figures["team:north", TODAY, "answer_speed"]["value"] == 50
    assert (of_answered["value"], of_answered["denominator"]) == (0, 1)
    assert (of_offered["value"], of_offered["denominator"]) == (0, 1)


@pytest.mark.parametrize("measure", ["negative_talk", "negative_cycles"])
def test_what_was_clamped_is_a_figure(measure: str) -> None:
    """Calls and deals that end before they begin are corrected to 0; how many is a KPI."""
    assert measure in {name for kpi in KPIS for name in kpi.numerator}
