"""Figures of a rep say whether the rep is at work today: told anew by a record, and by midnight."""

from typing import Any

from tests.unit.boards.logs import FactsLog, at, cell, day, fold, scoreboard

NOON = at("2026-11-23 12:00")
DAY = 86_400_000


def said(stage: Any, *, fresh: bool = False) -> dict[str, str | None]:
    """What the figures of today, and of now, say of the rep within the team and of the team."""
    figures = stage.board.take(slow=True) if fresh else stage.board.current()
    return {
        f"{each.scope} {each.kind}": each.attendance for each in figures if each.current and each.kind in ("day", "now")
    }


def test_a_record_and_midnight_tell_who_is_at_work() -> None:
    """Absent from today to tomorrow; of what is not of days, and of teams, nothing is said."""
    log, stage = FactsLog(), scoreboard()
    log.employ("north", "7")
    log.add(NOON, cell("north", "7", NOON, calls=1), ("north", "7", None, None, {"open_deals": 1}))
    fold(stage, log.records)
    assert said(stage) == {
        "team:north day": None, "team:north now": None, "rep:7@north day": "present", "rep:7@north now": None,
    }  # fmt: skip
    said(stage, fresh=True)

    away = {"rep_id": "7", "first_day": day("2026-11-23"), "last_day": day("2026-11-24")}
    fold(stage, [log.organise("absence:a", away)])
    assert said(stage, fresh=True)["rep:7@north day"] == "absent"
    fold(stage, [log.add(NOON + DAY)])
    assert said(stage, fresh=True)["rep:7@north day"] == "absent"
    fold(stage, [log.add(NOON + 2 * DAY)])
    assert said(stage, fresh=True)["rep:7@north day"] == "present"

    fold(stage, [log.organise("rep:7", {"active": True, "left_on": day("2026-11-25")})])
    assert said(stage, fresh=True)["rep:7@north day"] == "present"
    fold(stage, [log.add(NOON + 3 * DAY)])
    assert said(stage)["rep:7@north day"] == "left"


def test_of_a_rep_in_no_team_it_is_told_anew_too() -> None:
    """Absent, back again, and gone: that a rep has no team says nothing of who is at work."""
    log, stage = FactsLog(), scoreboard()
    log.organise("rep:7", {"active": True})
    log.add(NOON, cell("unassigned", "7", NOON, calls=1))
    fold(stage, log.records)
    assert said(stage, fresh=True)["rep:7@unassigned day"] == "present"

    today = day("2026-11-23")
    for record, told in (
        (log.organise("absence:a", {"rep_id": "7", "first_day": today, "last_day": today}), "absent"),
        (log.organise("absence:a", None), "present"),
        (log.organise("rep:7", {"active": False}), "left"),
    ):
        fold(stage, [record])
        assert said(stage, fresh=True).get("rep:7@unassigned day") == told


def test_a_team_that_a_rep_no_longer_belongs_to_is_told_too() -> None:
    """No membership names the team any more, not even a former one; the figures of the rep are still there."""
    log, stage = FactsLog(), scoreboard()
    log.employ("north", "7")
    log.add(NOON, cell("north", "7", NOON, calls=1))
    log.organise("membership:7", None)
    fold(stage, log.records)
    assert said(stage, fresh=True)["rep:7@north day"] == "present"

    for record, told in (
        (log.organise("rep:7", {"active": False}), "left"),
        (log.organise("rep:7", {"active": True}), "present"),
    ):
        fold(stage, [record])
        assert said(stage, fresh=True).get("rep:7@north day") == told
