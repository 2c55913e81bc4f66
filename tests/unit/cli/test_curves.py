"""`salespulse curves learn`: what it shows before it sends anything."""

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.cli.curves import _show
from pipeline.curves.learning import Learnt
from pipeline.curves.telling import Result

run = CliRunner()


def test_json_does_not_ask() -> None:
    """So it wants to be told; a name has to be given in any case."""
    unasked = run.invoke(app, ["curves", "learn", "--by", "ops", "--json"])
    nameless = run.invoke(app, ["curves", "learn", "--yes"])

    assert (unasked.exit_code, nameless.exit_code) == (2, 2)
    assert "--yes" in unasked.stderr
    assert "--by" in nameless.stderr


def test_what_was_learnt_is_shown_and_what_was_not(capsys: pytest.CaptureFixture[str]) -> None:
    """After a quarter, a half and three quarters of the time, and how far totals were from the projection there."""
    shares = [300 * number for number in range(1, 20)]
    curve = Learnt("team:north", "won", "month", 9, 12, shares, [8_000] * 19, [12_500] * 19)

    _show(Result([curve], [("team:west", "won", "month", "2 months are over; 8 are needed")]))

    shown = " ".join(capsys.readouterr().out.split())
    for each in ("team:north", "9 months", "15 %", "30 %", "45 %", "80 to 125 % of the projection"):
        assert each in shown
    assert "team:west, won, month: 2 months are over; 8 are needed" in shown
