"""One change of the organisation that touches a million objects."""

import os
from collections.abc import Iterator

import pytest

from pipeline import clock
from tests.faults.cluster import Cluster
from tests.faults.conftest import Begin
from tests.faults.groups import committed
from tests.faults.scrapes import total
from tests.faults.sent import DAY_MS, HOUR_MS, Sent, event
from tests.servers.process import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.kafka]
OBJECTS = int(os.environ.get("FAULT_OBJECTS", "1000000"))
LIMIT_SECONDS = 2400


def calls(now_ms: int) -> Iterator[Sent]:
    """One call each, of one rep, within the last three weeks; every second one was answered."""
    for n in range(OBJECTS):
        began_ms = now_ms - HOUR_MS - n * 20 * DAY_MS // OBJECTS
        yield event(
            "call", f"c{n}", began_ms, n + 100, source="dialer-1", rep_id="mover", direction="outbound", state="ended",
            outcome="answered" if n % 2 else "busy", started_at=began_ms, ended_at=began_ms,
        )  # fmt: skip


def shown(cluster: Cluster, kpi: str) -> dict[str, float]:
    """A KPI of both teams and of the company, of the last 90 days."""
    return {
        scope: total(cluster, f"salespulse_kpi_{kpi}", scope=scope, window="90d")
        for scope in ("team:north", "team:south", "company")
    }


def test_one_change_of_the_organisation_may_touch_a_million_objects(begin: Begin) -> None:
    """A membership backdated by a month moves a rep with a million calls to another team: all of them count there
    afterwards and none is lost or doubled, while both workers keep their partitions.
    """
    cluster = begin(organised=False)
    now_ms = clock.now_ms()
    since_ms = now_ms - 60 * DAY_MS
    told = [event("company", "company", since_ms, 1, time_zone="UTC", currency="EUR")]
    told += [event("team", team, since_ms, n, time_zone="UTC") for n, team in enumerate(("north", "south"), 2)]
    told += [
        event("rep", "mover", since_ms, 4, active=True),
        event("membership", "m1", since_ms, 5, rep_id="mover", team_id="north", valid_from=since_ms),
    ]
    cluster.feed.send(told)
    cluster.feed.send(calls(now_ms))
    cluster.feed.flush()
    before = {"team:north": float(OBJECTS), "team:south": 0.0, "company": float(OBJECTS)}
    wait_until(lambda: shown(cluster, "calls") == before, "a million calls of the north", LIMIT_SECONDS, 5)
    lives = [member.life for member in cluster.fleet.members.values()]
    taken_over = cluster.fleet.times_said("took over")
    reached = committed(cluster)

    moved = event("membership", "m2", now_ms, 9, rep_id="mover", team_id="south", valid_from=now_ms - 30 * DAY_MS)
    cluster.feed.send([moved])
    cluster.feed.flush()
    after = {"team:north": 0.0, "team:south": float(OBJECTS), "company": float(OBJECTS)}
    wait_until(lambda: shown(cluster, "calls") == after, "a million calls of the south", LIMIT_SECONDS, 5)

    assert shown(cluster, "connected_calls") == {scope: calls // 2 for scope, calls in after.items()}
    assert committed(cluster) > reached
    assert [member.life for member in cluster.fleet.members.values()] == lives
    assert cluster.fleet.times_said("took over") == taken_over
