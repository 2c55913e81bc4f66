"""Exports tried with their maps, as a user does it: nothing else is installed, and nothing is left."""

import json
import signal
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.harness.whole_command import children, started, wait_until_gone

MAPS = Path(__file__).parents[2] / "deploy" / "import"
GIVEN = [
    str(MAPS / "organisation" / "reps.csv"), str(MAPS / "pipedrive" / "deals.csv"),
    "--map", str(MAPS / "organisation" / "reps.toml"), "--map", str(MAPS / "pipedrive" / "deals.toml"),
]  # fmt: skip
LIMIT_SECONDS = 180


@pytest.mark.slow
def test_an_export_becomes_figures(tmp_path: Path) -> None:
    """The days on which anything happened, with the deal that was won."""
    with started("try", tmp_path / "worker.log", *GIVEN, "--scope", "team:sales", "--json") as tried:
        out, err = tried.communicate(timeout=LIMIT_SECONDS)

    assert tried.returncode == 0, err + (tmp_path / "worker.log").read_text()
    whole: dict[str, Any] = json.loads(out)
    days = {each["id"]: each["kpis"] for each in whole["windows"]}
    assert (whole["scope"], whole["currency"]) == ("team:sales", "EUR")
    assert min(days) == "day:2026-03-02"
    assert days["day:2026-03-20"]["won"]["value"] == 1
    assert days["day:2026-03-20"]["bookings"]["value"] == 240_000
    assert days["day:2026-03-24"]["lost"]["value"] == 1


@pytest.mark.slow
def test_the_page_is_served_until_a_signal(tmp_path: Path) -> None:
    """Figures first, for people; then the page, and a signal ends all of it with code 0."""
    with started("try", tmp_path / "worker.log", *GIVEN) as tried:
        assert tried.stderr is not None
        said = ""
        while "page: " not in said:
            said = tried.stderr.readline()
        address = said.split()[1]
        with urlopen(address, timeout=10) as page:
            assert page.status == 200
        running = children(tried.pid)
        tried.send_signal(signal.SIGINT)
        out, _ = tried.communicate(timeout=LIMIT_SECONDS)

    assert tried.returncode == 0
    assert "day:2026-03-20" in out
    for pid in running:
        wait_until_gone(pid)


def test_what_is_wrong_is_said_in_a_line(tmp_path: Path) -> None:
    """A map too few; a file that is not there."""
    for given, line in (
        (GIVEN[:2] + GIVEN[2:4] * 3, "3 maps for 2 files; allowed: one for all, or one for each"),
        ([str(tmp_path / "none.csv"), *GIVEN[4:]], "none.csv"),
    ):
        with started("try", tmp_path / "worker.log", *given, "--json") as tried:
            _, err = tried.communicate(timeout=LIMIT_SECONDS)
        assert tried.returncode == 2
        assert line in err
