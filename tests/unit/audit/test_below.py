"""Far below the usual, or the team: where the audit is certain of it the pipeline says the same."""

from random import Random
from typing import Any

import pytest

from tests.findings.floor import Floor, berlin, call
from tests.unit.audit.test_alerts import found, open_alerts
from tests.unit.boards.logs import WEEK
from tests.unit.ledger.world import DAY, HOUR, MINUTE, event, organisation

pytestmark = pytest.mark.slow

REPS = [f"rep-{number:02d}" for number in range(1, 8)]
MORNING = berlin("2025-11-04T08:00")
"""A Tuesday, nine days after the clocks went back."""
NEW = "below_peers:rep:rep-07@north"
KINDS = {"silent_rep", "silent_team", "feed_silent", "below_usual", "below_peers"}


def in_ramp(now_ms: int, *ramp: int) -> list[dict[str, Any]]:
    """The last rep was hired a month ago less a day, and new reps of the team count so much."""
    hired = event("rep", REPS[-1], now_ms, active=True, hired_on="2025-10-05")
    return [hired, event("proration", "new", now_ms, team_id="north", ramp=list(ramp))]


def tuned(random: Random) -> list[dict[str, Any]]:
    """What the team, and all teams, say of the two rules."""
    usual: dict[str, Any] = {"rule": "below_usual", "limit_basis_points": random.choice((3, 10, 100))}
    peers: dict[str, Any] = {"limit_percent": random.choice((8, 10, 30)), "least_count": random.choice((3, 5, 6))}
    return [
        event("alert_rule", "a", 1000, **usual),
        event("alert_rule", "b", 1000, rule="below_peers", team_id="north", **peers),
    ]


def begun(random: Random, *rules: dict[str, Any]) -> Floor:
    """Seven reps of team north, of whom the first was busy on the four Tuesdays before, and the others less."""
    org = [*organisation(), *rules, event("team", "north", 1001, calendar=WEEK, silence_minutes=600)]
    for rep in REPS:
        org.append(event("rep", rep, 1000, active=True))
        org.append(event("membership", f"m-{rep}", 1000, rep_id=rep, team_id="north", valid_from=MORNING - 60 * DAY))
    floor = Floor(org, now_ms=MORNING - MINUTE)
    done = []
    for week in range(1, 5):
        begin = MORNING + HOUR - 7 * week * DAY - (0 if week == 1 else HOUR)
        for number in range(96):
            at_ms = begin + number * 5 * MINUTE + random.randrange(MINUTE)
            done.append(call(f"h{week}-{number}", at_ms, rep=REPS[0]))
            if random.random() < 0.4:
                done.append(call(f"o{week}-{number}", at_ms, rep=random.choice(REPS[1:])))
    return floor.at(MORNING, *done)


@pytest.mark.parametrize("seed", range(2))
def test_what_is_certain_is_what_the_pipeline_says(seed: int) -> None:
    """A day on which reps stop and go on, one hardly begins and turns out to be new, and history is corrected."""
    random, opened = Random(seed), set[str]()
    floor = begun(random, *tuned(random))
    stops, ramps = random.randrange(24, 60), random.randrange(30, 90)
    for step in range(108):
        now_ms = MORNING + step * 5 * MINUTE
        told: list[dict[str, Any]] = [call(f"t{step}-{n}", now_ms, rep=rep) for rep in REPS[1:6] for n in range(2)]
        if not stops <= step < stops + 24:
            told += [call(f"f{step}-{n}", now_ms, rep=REPS[0]) for n in range(2)]
        if random.random() < 0.02 * seed:
            told.append(event("call", f"h{random.randrange(1, 5)}-{random.randrange(96)}", now_ms, verb="deleted"))
        if step in (ramps, ramps + 12):
            told += in_ramp(now_ms, *([5000] if step == ramps else []))
        floor.at(now_ms, *told)
        shown = open_alerts(floor)
        assert not (ramps < step <= ramps + 12 and NEW in {alert["id"] for alert in shown})
        opened |= {alert["id"].partition(":")[0] for alert in shown}
        if step % 30 == 12 * seed + 10 or step == ramps + 2:
            assert found(floor, shown, shown, KINDS) == []

    assert {"below_usual", "below_peers"} <= opened
    assert NEW in {alert["id"] for alert in open_alerts(floor)}


def test_an_alert_that_is_missing_or_over_is_found() -> None:
    """The first rep stopped at ten, the last one never began; the second one is no worse than the others."""
    floor = begun(Random(1))
    for step in range(62):
        now_ms = MORNING + step * 5 * MINUTE
        busy = REPS[1:6] if step >= 24 else REPS[:6]
        floor.at(now_ms, *[call(f"t{step}-{n}", now_ms, rep=rep) for rep in busy for n in range(2)])
    shown = open_alerts(floor)
    ids = {alert["id"] for alert in shown}
    assert {"below_usual:rep:rep-01@north", "below_peers:rep:rep-07@north"} <= ids
    assert found(floor, shown, shown, KINDS) == []

    assert {(scope, kind) for _, scope, kind, *_ in found(floor, [], [], KINDS)} >= {
        ("rep:rep-01@north", "below_usual"), ("rep:rep-07@north", "below_peers"),
    }  # fmt: skip
    wrong = {**next(alert for alert in shown if alert["kind"] == "below_peers")}
    wrong |= {"id": "below_peers:rep:rep-02@north", "scope": "rep:rep-02@north"}
    assert {told[1:4] for told in found(floor, [*shown, wrong], [*shown, wrong], KINDS)} == {
        ("rep:rep-02@north", "below_peers", "open")
    }  # fmt: skip


def test_what_is_open_of_somebody_in_ramp_is_over() -> None:
    """The last one turns out to be new: nothing is open of that rep, and whatever says otherwise is wrong."""
    floor = begun(Random(1))
    steps = [MORNING + step * 5 * MINUTE for step in range(40)]
    for number, now_ms in enumerate(steps):
        calls = [call(f"t{number}-{n}", now_ms, rep=rep) for rep in REPS[:6] for n in range(2)]
        floor.at(now_ms, *calls, *(in_ramp(now_ms, 5000) if number == 36 else ()))
        if number == 35:
            (wrong,) = open_alerts(floor)
    assert (wrong["id"], open_alerts(floor)) == (NEW, [])

    assert found(floor, [], [], KINDS) == []
    assert {told[1:4] for told in found(floor, [wrong], [wrong], KINDS)} == {(wrong["scope"], "below_peers", "open")}


def test_what_a_team_says_of_the_rules_is_read_by_the_audit() -> None:
    """The first two reps do a third of what four others do: below 45 % of the median, among four others and more."""
    floor = begun(Random(1), event("alert_rule", "b", 1000, rule="below_peers", limit_percent=45, least_count=4))
    for step in range(36):
        now_ms = MORNING + step * 5 * MINUTE
        calls = [call(f"t{step}-{n}-{rep}", now_ms, rep=rep) for rep in REPS[2:6] for n in range(3)]
        floor.at(now_ms, *calls, *[call(f"t{step}-{rep}", now_ms, rep=rep) for rep in REPS[:2]])
    shown = open_alerts(floor)
    ids = [f"below_peers:rep:{rep}@north" for rep in (REPS[0], REPS[1], REPS[6])]

    assert sorted(alert["id"] for alert in shown if alert["kind"] == "below_peers") == ids
    assert found(floor, shown, shown, KINDS) == []
    assert {(scope, kind) for _, scope, kind, *_ in found(floor, [], [], KINDS)} >= {
        (id_.removeprefix("below_peers:"), "below_peers") for id_ in ids
    }
