"""`salespulse alerts backtest` refuses what it cannot answer before it asks a broker."""

import pytest
from typer.testing import CliRunner

from pipeline.backtesting.outcome import outcome
from pipeline.cli import app
from pipeline.cli.backtest import summary

SPAN = ("--from", "2026-11-23T00:00:00Z", "--to", "2026-11-24T00:00:00Z")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("service_level", *SPAN, "--set", "count=20", "--set", "percent=500"), "from 0 to 100"),
        (("silent_rep", *SPAN, "--sweep", "minutes=0,20"), "from 1 to 10080"),
        (("silence", *SPAN), "allowed are silent_rep"),
        (("silent_rep", SPAN[0], SPAN[3], SPAN[2], SPAN[1]), "a time after --from"),
    ],
)
def test_what_is_wrong_is_said_by_the_option(asked: tuple[str, ...], said: str) -> None:
    """As of every wrong option the exit code is 2."""
    found = CliRunner(env={"COLUMNS": "300", "TERMINAL_WIDTH": "300"}).invoke(app, ["alerts", "backtest", *asked])
    assert found.exit_code == 2, found.output
    assert said in found.output


def test_what_there_is_nothing_to_compute_of_is_a_dash() -> None:
    """Without teams there is no rate, without alerts and marked days no share; one alert is no several."""
    nothing = outcome([], [], 0, 86_400_000, frozenset())

    assert summary(nothing) == "0 alerts, – a team and week, 0 at most; precision –, recall –"
    one = {"alerts": [{}], "per_team_and_week": 0.5, "most_of_a_team_and_week": 1}
    assert summary(one) == "1 alert, 0.5 a team and week, 1 at most"
