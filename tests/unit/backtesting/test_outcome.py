"""What a backtest comes to: alarms a manager and week, precision and recall."""

from typing import Any

import pytest

from pipeline.backtesting.outcome import Marked, Opening, asked_for, outcome, read_marked
from pipeline.backtesting.trial import Question
from schemas.alerts import Alert

DAY = 86_400_000


def opening(scope: str, day: int, home: str = "team:north") -> Opening:
    """An alert of a rep who was silent, on one of the days from 0 on."""
    told: dict[str, Any] = dict.fromkeys(Alert.model_fields)
    told |= {
        "id": f"silent_rep:{scope}", "kind": "silent_rep", "scope": scope, "home": home, "opened_ms": day * DAY,
        "rule_version": 1, "state": "open", "since_ms": 0, "seen": 60, "expected": 60, "unit": "working_minutes",
        "calendar_version": "none", "version": [1, 1],
    }  # fmt: skip
    return Opening(Alert(**told), day + 1)


def test_alarms_are_counted_by_team_and_week() -> None:
    """Two weeks of two teams: three in all, of which two of north in the first week."""
    given = [opening("rep:7@north", 0), opening("rep:8@north", 6), opening("rep:9@south", 7, "team:south")]
    found = outcome(given, ["team:north", "team:south"], 0, 14 * DAY, None)
    assert (found["per_team_and_week"], found["most_of_a_team_and_week"]) == (0.75, 2)
    assert [alert["id"] for alert in found["alerts"]] == [each.alert.id for each in given]
    assert outcome([], [], 0, DAY, None)["per_team_and_week"] is None


def test_precision_is_of_alerts_and_recall_of_days() -> None:
    """Of three alerts two are on one marked day; of two marked days one had any."""
    given = [opening("rep:7@north", 0), opening("rep:7@north", 0), opening("rep:8@north", 0)]
    marked = frozenset({Marked("rep:7@north", 1), Marked("rep:7@north", 2)})
    found = outcome(given, ["team:north"], 0, 7 * DAY, marked)
    assert (found["precision"], found["recall"]) == (0.667, 0.5)
    assert found["missed"] == [{"scope": "rep:7@north", "day": "0001-01-02"}]


def test_without_alerts_or_days_there_is_no_share() -> None:
    """Null is not 0."""
    found = outcome([], ["team:north"], 0, DAY, frozenset())
    assert (found["precision"], found["recall"], found["missed"]) == (None, None, [])


def test_only_days_that_were_asked_for_are_missed() -> None:
    """Those of the team that is asked for, and within the span by its own local days."""
    marked = frozenset(
        Marked(scope, day)
        for scope in ("rep:7@north", "team:north", "rep:8@south", "feed:dialer")
        for day in (1, 2, 3, 4)
    )

    def span(home: str) -> tuple[int, int]:
        return (2, 3) if home == "team:north" else (1, 2)

    found = asked_for(marked, Question("silent_rep", team="north").concerns, span)
    assert sorted(found) == [
        Marked("feed:dialer", 1), Marked("feed:dialer", 2), Marked("rep:7@north", 2), Marked("rep:7@north", 3),
        Marked("team:north", 2), Marked("team:north", 3),
    ]  # fmt: skip
    assert len(asked_for(marked, Question("silent_rep").concerns, span)) == 8


def test_a_file_of_marked_days_is_read_or_refused_by_its_row() -> None:
    """Both columns are needed, and a day as ISO 8601 has it."""
    assert read_marked([{"scope": "team:north", "day": "2026-11-23"}]) == {Marked("team:north", 739_943)}
    written = [{"scope": scope, "day": "2026-11-23"} for scope in ("rep:Zoë@north", "rep:Zo%C3%AB@north")]
    assert read_marked(written) == {Marked("rep:Zo%C3%AB@north", 739_943)}
    for row in (
        {"scope": "team:north", "day": "23.11.2026"},
        {"day": "2026-11-23"},
        {"scope": "a", "day": None},
        {"scope": "", "day": "2026-11-23"},
        {"scope": "rep:", "day": "2026-11-23"},
        {"scope": "rep-7", "day": "2026-11-23"},
    ):
        with pytest.raises(ValueError, match="row 2: needed are scope"):
            read_marked([row])
