"""Times of day as text: read exactly, whatever was read before."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from pipeline.intake import verdicts
from schemas.readers import Instants
from tests.findings.audit import audited_days, audited_measures
from tests.findings.floor import NOW, TODAY, Floor, call, deal, ms, with_time
from tests.unit.ledger.world import MINUTE, event

END_OF_DAY = "2025-11-02T23:59:59.9999999Z"
"""Seven digits, as .NET and Java write the last instant of a day."""


@pytest.fixture(autouse=True)
def _new_process() -> Iterator[None]:
    """A worker that has read nothing before; and no other test reads after it."""
    verdicts._decoder.cache_clear()
    yield
    verdicts._decoder.cache_clear()


def _ended_day() -> dict[str, Any]:
    return with_time(
        event("activity", "t", NOW, kind="visit", rep_id="rep-01", occurred_at=NOW), "occurred_at", END_OF_DAY
    )


def _hour_of_calls() -> Floor:
    """After somebody else's end of day: 20 calls from second 1 to 59 of a minute, and a deal won in second 59."""
    floor = Floor().at(NOW - MINUTE, _ended_day(), with_time(call("p", NOW, rep="rep-02"), "started_at", END_OF_DAY))
    start = NOW - 30 * MINUTE
    calls = []
    for n in range(20):
        began = start + n * MINUTE + 1000
        calls.append(call(f"c{n}", began, answered_at=began, ended_at=began + 58_000))
    won = [deal("d", start + 30_000, "new"), event("deal", "d", start + 59_000, stage_id="won")]
    return floor.at(NOW, *calls, *won)


def test_a_second_is_read_the_same_whatever_was_read_before() -> None:
    """:59 is second 59, after a stamp that lies a tenth of a microsecond before midnight too."""
    instants = Instants()
    assert instants[END_OF_DAY] <= ms("2025-11-03T00:00")
    assert instants["2025-11-03T11:00:01.000Z"] == ms("2025-11-03T11:00:01")

    assert instants["2025-11-03T11:00:59.000Z"] == ms("2025-11-03T11:00:59")


def test_an_end_of_day_changes_no_other_figure() -> None:
    """20 calls of 58 s are 1,160 s of talk; a deal that was won is won."""
    floor = _hour_of_calls()

    assert floor.value(TODAY, "talk_time") == 20 * 58
    assert floor.value(TODAY, "won") == 1


def test_the_last_instant_of_a_month_is_in_that_month() -> None:
    """Digits beyond the millisecond are cut off: 23:59:59.9999999 of November is no December; so has the audit it."""
    floor = Floor(
        [
            event("company", "company", 1000, time_zone="UTC"),
            event("team", "north", 1000),
            event("membership", "m", 1000, rep_id="rep-01", team_id="north"),
        ]
    )
    now = ms("2025-12-01T09:00")
    task = event("activity", "t", now, kind="visit", rep_id="rep-01", occurred_at=now)
    floor.at(now, with_time(task, "occurred_at", "2025-11-30T23:59:59.9999999Z"))

    assert audited_days(floor, "activities") == {date(2025, 11, 30).toordinal(): 1}
    assert floor.past("month:2025-11", "activities") == 1


def test_both_readers_agree_on_a_lower_case_z() -> None:
    """RFC 3339 allows `z`; whichever is right, the worker and the audit have the same calls."""
    told = call("c", NOW)
    told["time"] = told["time"].replace("Z", "z")
    floor = Floor().at(NOW, told)

    assert floor.measures("dials") == audited_measures(floor, "dials")
