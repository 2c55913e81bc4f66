"""What windows say of themselves: whose day it is, and whether somebody saw another figure."""

import json

from pipeline.views.readings import Reading, WindowReading
from pipeline.web.messages import figures_message
from tests.findings.floor import NOW, Floor, call, ms
from tests.unit.ledger.world import DAY, event


def test_company_and_team_say_which_day_they_show() -> None:
    """It is New Year's morning in Auckland and the 31st in New York, the company's zone: 50 calls here, 0 there."""
    floor = Floor(
        [
            event("company", "company", 1000, time_zone="America/New_York"),
            event("team", "akl", 1000, time_zone="Pacific/Auckland"),
            event("membership", "m", 1000, rep_id="r", team_id="akl"),
        ]
    )
    morning = ms("2026-01-01T09:00", "Pacific/Auckland")
    figures = floor.at(morning, *(call(f"c{n}", morning, rep="r") for n in range(50))).figures()
    days = {"company": "day:2025-12-31", "team:akl": "day:2026-01-01"}
    readings = {
        scope: Reading(
            scope, scope, "EUR", {"day": WindowReading(day, "", morning, {"dials": figures[scope, day, "dials"]})}
        )
        for scope, day in days.items()
    }
    shown = figures_message(readings, readings, "day", morning)["scopes"]

    assert (shown["company"]["kpis"]["dials"]["value"], shown["team:akl"]["kpis"]["dials"]["value"]) == (0, 50)
    assert "2025-12-31" in json.dumps(shown["company"])
    assert "2026-01-01" in json.dumps(shown["team:akl"])


def test_a_first_import_restates_nothing() -> None:
    """A call of 20 days ago is the first that anybody hears of that day."""
    floor = Floor().at(NOW, call("c", NOW - 20 * DAY))

    assert floor.past("day:2025-10-14", "dials") == 1
    assert floor.state("day:2025-10-14") == "final"
