"""Callers who wait, at random: whenever all is still, the audit agrees with the alerts that are open."""

from random import Random
from typing import Any

import pytest

from tests.findings.floor import call
from tests.unit.audit.test_alerts import MORNING, begun, found, open_alerts
from tests.unit.ledger.world import HOUR, MINUTE, event

pytestmark = pytest.mark.slow
ROUNDS, MINUTES = 5, 15


@pytest.mark.parametrize("seed", range(2))
def test_any_queue_opens_the_alerts_that_the_audit_is_sure_of(seed: int) -> None:
    """Callers come in before work and within it, are answered, give up, are deleted, or are never heard of again."""
    random = Random(seed)
    floor = begun(event("alert_rule", "a", 1000, rule="longest_wait", limit_seconds=random.choice((0, 90, 400))))
    waiting: list[tuple[str, int]] = []
    seen, now_ms = set(), MORNING
    for round_ in range(ROUNDS):
        for minute in range(MINUTES):
            now_ms += MINUTE
            told = [call(f"{rep}-{now_ms}", now_ms, rep=rep) for rep in ("rep-03", "rep-04")]
            if random.random() < 0.3:
                name, began_ms = f"in-{round_}-{minute}", now_ms - random.randrange(MINUTE)
                waiting.append((name, began_ms))
                told.append(_of(name, began_ms, state=random.choice(("queued", "ringing")), outcome=None))
            for known in [each for each in waiting if random.random() < 0.25]:
                waiting.remove(known)
                told += _end(random, *known)
            floor.at(now_ms, *told)
        now_ms += 3 * MINUTE
        floor.at(now_ms)
        shown = open_alerts(floor)
        seen.add(any(alert["kind"] == "longest_wait" for alert in shown))
        assert found(floor, shown, shown, {"longest_wait"}) == []
    assert True in seen
    assert now_ms > MORNING + HOUR


def _end(random: Random, name: str, began_ms: int) -> list[dict[str, Any]]:
    """What becomes of a caller; nothing that anybody is told of, now and then."""
    roll = random.random()
    if roll < 0.1:
        return []
    if roll < 0.2:
        return [event("call", name, began_ms, source="dialer", verb="deleted")]
    return [_of(name, began_ms, outcome="answered" if roll < 0.7 else "abandoned")]


def _of(name: str, began_ms: int, **data: Any) -> dict[str, Any]:
    return call(name, began_ms, rep="rep-03", direction="inbound", **data)
