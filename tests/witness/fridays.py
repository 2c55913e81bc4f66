"""What a team did on Fridays, by the numbers of the first table in fridays.md."""

from typing import Any

from tests.findings.floor import Floor
from tests.unit.ledger.world import event, organisation
from tests.witness.weeks import NOW, REP, at, dials, won

PEER = "rep-03"
WORKING_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
WEEK = {**{day: [["09:00", "17:00"]] for day in WORKING_DAYS}, "holidays": "DE"}
Event = dict[str, Any]
STORY: dict[int, list[Event]] = {
    1: dials(1, REP, "03-14", 10),
    2: dials(2, REP, "03-21", 12),
    3: dials(3, REP, "03-28", 14),
    4: dials(4, REP, "04-04", 16),
    5: dials(5, REP, "04-11", 18),
    6: dials(6, REP, "04-18", 1),
    7: dials(7, REP, "04-25", 20),
    8: dials(8, REP, "05-02", 6),
    9: dials(9, REP, "09-26", 90),
    10: dials(10, REP, "10-03", 5),
    11: dials(11, REP, "10-10", 20, 10, 60),
    12: dials(12, REP, "10-17", 24, 6, 80),
    13: dials(13, PEER, "10-24", 8, 4, 90),
    14: dials(14, REP, "10-31", 30, 15, 60),
    15: dials(15, REP, "11-07", 22, 11, 70),
    16: dials(16, REP, "11-14", 28, 14, 60),
    17: dials(17, REP, "11-21", 200, 50, 50),
    18: dials(18, REP, "11-28", 4, 4, 60),
    19: won(19, REP, "10-10", 1, 1_000),
    20: won(20, REP, "11-07", 1, 2_000),
    21: [
        event(
            "target", "friday", at("11-27", "09:00"), team_id="north", kpi="dials", period="day",
            period_start="2025-11-28", value=30,
        )
    ],
}  # fmt: skip


def story_floor() -> Floor:
    """The floor at the end of the story: everything was told when it happened."""
    known = [
        event("team", "north", 1001, time_zone="Europe/Berlin", calendar=WEEK),
        event("rep", PEER, 1000, active=True),
        event("membership", PEER, 1000, rep_id=PEER, team_id="north"),
    ]
    floor = Floor([*organisation(), *known], now_ms=at("03-01", "08:00"))
    return floor.live_through((each for events in STORY.values() for each in events), NOW)
