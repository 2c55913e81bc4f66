"""The list of windows is told once, and panes of minutes are kept long enough for each of them."""

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pipeline
from pipeline.audit import picture
from pipeline.config.settings import (
    LEAST_PANE_HOURS,
    MOST_PANE_HOURS,
    Settings,
    SetupError,
    load_settings,
    panes_too_short,
)
from pipeline.scores.chosen import Chosen
from pipeline.scores.marks import KINDS
from pipeline.web.messages import windows
from schemas.kpis import WindowKind
from schemas.windows import CURRENT, ROLLING, title

ROOT = Path(pipeline.__file__).parent
ROLLINGS = st.lists(st.integers(1, 200 * 60), min_size=1, max_size=4, unique=True).map(
    lambda widths: [(f"{width}m", width) for width in sorted(widths)]
)


def _decays(width: int, hours: int) -> bool:
    """Whether a pane of minute 0 leaves the window no later than it expires, minute by minute."""
    leaves = next(now for now in range(width + 2) if not now - width <= 0)
    expires = next(now for now in range(hours * 60 + 2) if now - hours * 60 > 0)
    return leaves <= expires


@given(ROLLINGS, st.integers(25, MOST_PANE_HOURS))
def test_a_window_that_would_never_decay_is_refused(rolling: list[tuple[str, int]], hours: int) -> None:
    """What is taken decays; what is refused is told with the hours that would do, and those do."""
    line = panes_too_short(hours, rolling)
    if line is None:
        assert all(_decays(width, hours) for _, width in rolling)
        return
    least = int(line.partition("from ")[2].split()[0])
    assert line.startswith(f"SALESPULSE_MINUTE_PANE_HOURS: {hours} is not allowed; allowed: ")
    assert line.endswith(f"for the rolling window {rolling[-1][0]}")
    assert hours < least
    assert all(_decays(width, least) for _, width in rolling)


def test_a_window_of_two_days_does_not_fit_the_default() -> None:
    """The setting is named, and what it must be."""
    assert panes_too_short(Settings().minute_pane_hours, [*ROLLING, ("48h", 2880)]) == (
        "SALESPULSE_MINUTE_PANE_HOURS: 26 is not allowed; allowed: a whole number from 49 to 168, "
        "for the rolling window 48h"
    )


def test_panes_are_never_kept_for_less_than_the_windows_there_are() -> None:
    """The bounds of the setting follow from the list."""
    assert panes_too_short(LEAST_PANE_HOURS) is None
    with pytest.raises(SetupError, match=f"from {LEAST_PANE_HOURS} to"):
        load_settings({}, minute_pane_hours=LEAST_PANE_HOURS - 1)


def test_everybody_reads_the_one_list() -> None:
    """Names of rolling windows are spelled in the list and, on purpose, in the audit; nowhere else."""
    names = [f'"{window}"' for window, _ in ROLLING]
    files = [path for path in ROOT.rglob("*") if path.suffix in (".py", ".js") and "audit" not in path.parts]

    assert [path.name for path in files if sum(name in path.read_text() for name in names) > 1] == []
    assert set(get_args(WindowKind)) == set(KINDS)
    assert tuple(window for window, _ in ROLLING) == picture.ROLLING


def test_a_page_names_each_window_for_people() -> None:
    """In the order of the list, each otherwise."""
    assert [window["name"] for window in windows(Chosen())] == list(CURRENT)
    assert [title(window) for window in ("5m", "8h", "day", "month", "90d")] == [
        "5 min", "8 h", "today", "month", "90 days",
    ]  # fmt: skip
    assert len({window["title"] for window in windows(Chosen())}) == len(CURRENT)
