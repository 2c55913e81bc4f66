"""Fault 22: producers and workers of other versions.

That a state log with a record of a newer version is refused by its bytes is in
tests/unit/engine/changelog/test_log_record.py.
"""

import json
from typing import Any

import pytest
from confluent_kafka import Producer

from pipeline import clock
from pipeline.engine.changelog.log_record import VERSION, Claim, encode
from tests.faults.conftest import Begin
from tests.faults.sent import Sent, event
from tests.faults.verdict import judge

pytestmark = [pytest.mark.faults, pytest.mark.kafka]


def changed(sent: Sent, refused: str | None = None, **fields: Any) -> Sent:
    """The same event with other fields in its envelope, or without them where they are None."""
    said = json.loads(sent.value or b"{}") | fields
    value = json.dumps({name: held for name, held in said.items() if held is not None}).encode()
    return sent._replace(value=value, refused=refused)


def of_other_versions(now_ms: int) -> list[Sent]:
    """Events as older and newer producers send them."""
    began: dict[str, Any] = {"started_at": now_ms - 60_000, "direction": "outbound", "rep_id": "r1"}
    calls = [
        event("call", f"other-{number}", now_ms, 10**7 + number, source="dialer-1", **began) for number in range(6)
    ]
    new_field = json.loads(calls[0].value or b"{}")["data"] | {"sentiment": "good", "tags": ["a"]}
    return [
        changed(calls[0], data=new_field, traceparent="00-1-2-03"),
        changed(calls[1], sequence=None),
        changed(calls[2], refused="unknown_type", type="telephony.call.transcribed"),
        changed(calls[3], refused="unknown_type", type="telephony.voicebot.changed"),
        changed(calls[4], refused="invalid_event", specversion="2.0"),
        changed(calls[5], refused="invalid_event", subject=None),
    ]


def test_fault_22_producers_of_other_versions_are_told_apart(begin: Begin) -> None:
    """New optional fields and missing ones are fine; unknown types and another envelope are dead letters, counted."""
    cluster = begin(workers=1)
    records = of_other_versions(clock.now_ms())
    cluster.feed.start(rate=100)
    cluster.feed.send(records)
    cluster.stream.refused.update(sent.refused for sent in records if sent.refused is not None)
    clock.pause(6)
    judge(cluster, least=200)

    assert 'salespulse_dead_letters_total{namespace="faults",reason="unknown_type"} 2.0' in (
        cluster.fleet.members["w1"].process.scrape()
    )
    assert not cluster.fleet.ended


def test_fault_22_a_worker_refuses_the_state_of_a_newer_one(begin: Begin) -> None:
    """It ends with a line, at once and at each start, and leaves the state as it is."""
    cluster = begin(workers=1)
    newer = bytes([VERSION + 1]) + encode(Claim("a newer worker"))[1:]
    producer = Producer({"bootstrap.servers": cluster.settings.brokers, "log_level": 0})
    producer.produce("faults.state.scoreboard", newer, partition=2)
    producer.flush()
    cluster.feed.start(rate=60)
    for _ in range(2):
        assert f"version {VERSION + 1}" in cluster.fleet.next_end().last_line


def test_fault_22_a_worker_refuses_a_state_of_other_rules(begin: Begin) -> None:
    """One that was set up otherwise says what differs, and ends before it writes into the state."""
    cluster = begin(workers=1)
    cluster.fleet.leave("w1")
    cluster.fleet.join("w1", SALESPULSE_CURRENCY="USD")

    line = cluster.fleet.next_end().last_line
    assert "currency=EUR" in line
    assert "currency=USD" in line
    cluster.feed.start(rate=60)
    clock.pause(3)
    judge(cluster, least=200)
