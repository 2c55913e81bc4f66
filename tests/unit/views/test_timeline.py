"""The timeline of a rep's day as people and programs read it."""

from typing import Any

import pytest

from pipeline.cli.figures import print_figures
from pipeline.views.readings import Reading, WindowReading
from pipeline.views.timeline import Stretch, as_json, rows, timeline

NINE, TODAY = 1_795_424_400_000, "2026-11-23"
"""In UTC."""
HOUR = 3_600_000


def told(*stretches: tuple[str, int, int | None], beyond: int = 0) -> dict[str, Any]:
    """The KPI, with states between so many hours after nine."""
    found = [
        {"state": state, "from_ms": NINE + begin * HOUR, "to_ms": None if end is None else NINE + end * HOUR}
        for state, begin, end in stretches
    ]
    return {"value": len(found) + beyond, "stretches": found, "beyond": beyond}


def reading(scope: str, line: dict[str, Any] | None) -> Reading:
    """A scope with its day."""
    kpis = {"calls": {"value": 1}} if line is None else {"phone_timeline": line}
    day = WindowReading(id=f"day:{TODAY}", state="provisional", as_of_ms=NINE, kpis=kpis)
    return Reading(scope=scope, home="team:north", windows={"day": day})


def floor(*readings: Reading) -> dict[str, Reading]:
    """Scopes by name."""
    return {each.scope: each for each in readings}


def test_the_day_of_a_rep_is_joined_of_all_teams() -> None:
    """Who moved at noon; another rep whose name begins alike is somebody else."""
    figures = floor(
        reading("rep:1@south", told(("break:lunch", 3, None))),
        reading("rep:1@north", told(("available", 0, 1), ("on_call", 1, 3), beyond=2)),
        reading("rep:10@north", told(("on_call", 0, None))),
        reading("rep:1", None),
    )
    found = timeline(figures, "rep:1")

    assert found is not None
    assert [(each.team, each.state) for each in found.stretches] == [
        ("north", "available"), ("north", "on_call"), ("south", "break:lunch"),
    ]  # fmt: skip
    assert (found.scope, found.beyond) == ("rep:1", 2)
    assert timeline(figures, "rep:1@south") == (
        "rep:1@south",
        (Stretch(NINE + 3 * HOUR, None, "break:lunch", "south"),),
        0,
    )


def test_where_none_is_published_there_is_none() -> None:
    """Of a rep without that family, of a team, and of nobody."""
    figures = floor(reading("rep:1@north", None), reading("team:north", None))

    assert [timeline(figures, scope) for scope in ("rep:1", "rep:1@north", "team:north", "rep:9")] == [None] * 4


def test_programs_get_instants_and_people_times_of_day() -> None:
    """What goes on has no end yet."""
    line = told(("break:lunch", 0, 1), ("on_call", 1, None), beyond=3)
    found = timeline(floor(reading("rep:1@north", line)), "rep:1@north")

    assert found is not None
    assert as_json(found)["stretches"] == [
        {"team": "north", "state": "break:lunch", "start": f"{TODAY}T09:00:00.000Z", "end": f"{TODAY}T10:00:00.000Z"},
        {"team": "north", "state": "on_call", "start": f"{TODAY}T10:00:00.000Z", "end": None},
    ]
    assert rows(line) == [
        ("09:00:00 UTC to 10:00:00 UTC", "break: lunch"), ("10:00:00 UTC to now", "on call"), ("beyond", "3 more"),
    ]  # fmt: skip


def test_the_command_prints_a_state_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """From when until when, in place of the number of states."""
    line = told(("break:lunch", 0, 1), ("on_call", 1, None))
    print_figures(reading("rep:1@north", line), ["phone_timeline"])
    printed = [text.split() for text in capsys.readouterr().out.splitlines() if "phone_timeline" in text]

    assert [" ".join(words).strip("│ ") for words in printed] == [
        "phone_timeline 09:00:00 UTC to 10:00:00 UTC │ break: lunch", "phone_timeline 10:00:00 UTC to now │ on call",
    ]  # fmt: skip
