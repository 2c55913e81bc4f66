"""What a team did beside its own past: the audit's own reading, on a floor in memory and by hand."""

from math import comb
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.audit.own_past import KINDS, _fell
from tests.findings.floor import Floor, call, deal
from tests.unit.audit.test_alerts import MORNING, begun, found, open_alerts
from tests.unit.boards.logs import WEEK
from tests.unit.ledger.world import DAY, HOUR, MINUTE, event, organisation

pytestmark = pytest.mark.slow


def at_work(floor: Floor, from_minute: int, to_minute: int) -> Floor:
    """Two reps who call every four minutes."""
    for minute in range(from_minute, to_minute, 4):
        now_ms = MORNING + HOUR // 2 + minute * MINUTE
        floor.at(now_ms, *[call(f"{rep}-{minute}", now_ms, rep=rep) for rep in ("rep-01", "rep-03")])
    return floor


def agreed(floor: Floor) -> list[str]:
    """The kinds that are open, once the audit has found that, and only that, in what is shown."""
    shown = open_alerts(floor)
    ours = sorted(alert["kind"] for alert in shown if alert["kind"] in KINDS)
    assert [line for line in found(floor, shown, shown) if line[2] in KINDS] == []
    assert sorted(line[2] for line in found(floor, [], []) if line[2] in KINDS) == sorted(2 * ours)
    return ours


def closed(days_ago: int, won: int, lost: int) -> list[dict[str, Any]]:
    """Deals of north that were closed some days ago."""
    at_ms = MORNING - days_ago * DAY
    stages = ["won"] * won + ["lost"] * lost
    told = [
        deal(f"d{days_ago}-{number}", time_ms, each, created_at=at_ms - DAY)
        for number, stage in enumerate(stages)
        for time_ms, each in ((at_ms - DAY, "offer"), (at_ms, stage))
    ]
    return [each | {"source": "dialer"} for each in told]


@pytest.mark.parametrize(("won", "kinds"), [(0, ["conversion_dropped", "win_rate_dropped"]), (5, [])])
def test_the_audit_works_the_shares_out_by_itself(won: int, kinds: list[str]) -> None:
    """40 of 100 deals were won three months ago, and none, or 5, of 25 last week. It is certain an hour of work later.

    All of them were in offer before, so from there fewer went on too.
    """
    floor = begun()
    floor.at(MORNING, *closed(90, 40, 60), *closed(7, won, 25 - won))
    at_work(floor, 0, 76)
    floor.at(MORNING + HOUR // 2 + 78 * MINUTE)

    assert agreed(floor) == kinds


def test_the_audit_knows_what_no_longer_comes() -> None:
    """Two emails a day on weekdays, beside eight calls; for a day there is none, then one comes."""
    org = [*organisation(), event("team", "north", 1001, calendar=WEEK), event("rep", "rep-03", 1000, active=True)]
    org.append(event("membership", "m3", 1000, rep_id="rep-03", team_id="north"))
    floor = Floor(org, now_ms=MORNING - 22 * DAY)
    for days_ago in range(21, 0, -1):
        at_ms = MORNING + HOUR - days_ago * DAY
        told = [call(f"c{days_ago}-{n}", at_ms) for n in range(8)]
        mails = range(2 * (days_ago > 1))
        told += [
            event(
                "email",
                f"m{days_ago}-{n}",
                at_ms,
                source="dialer",
                rep_id="rep-01",
                direction="outbound",
                sent_at=at_ms,
            )
            for n in mails
        ]
        floor.at(at_ms, *told)
    at_work(floor, 0, 80)
    floor.at(MORNING + HOUR // 2 + 79 * MINUTE)
    assert agreed(floor) == ["sudden_zero"]

    now_ms = MORNING + HOUR // 2 + 84 * MINUTE
    floor.at(
        now_ms, event("email", "back", now_ms, source="dialer", rep_id="rep-01", direction="outbound", sent_at=now_ms)
    )
    at_work(floor, 88, 92)
    floor.at(MORNING + HOUR // 2 + 91 * MINUTE)
    assert agreed(floor) == []


@given(st.integers(20, 60), st.integers(60, 200), st.data())
def test_any_share_is_judged_by_the_sum_of_all_ways(late: int, before: int, data: st.DataObject) -> None:
    """In whole numbers."""
    some, had = data.draw(st.integers(0, late)), data.draw(st.integers(0, before))
    chances = sum(comb(some + had, n) * comb(late + before - some - had, late - n) for n in range(some + 1))
    chance = chances / comb(late + before, late)
    if abs(chance / 0.001 - 1) > 1e-6:
        assert _fell((some, late, had, before), 0.001) == (some * before < had * late and chance <= 0.001)
