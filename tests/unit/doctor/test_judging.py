"""What the doctor makes of what it was told: each fault is found, and a sound installation has none. Pure."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.settings import Settings
from pipeline.doctor.alerts import Refused, examine_feeds, examine_letters, unread_letters
from pipeline.doctor.finding import Level, unknown
from pipeline.doctor.kafka import Cluster, findings_of_kafka
from pipeline.doctor.scrapes import examine_scrapes, samples_of
from pipeline.doctor.workers import Member, examine_workers, held_by
from pipeline.topics.table import STAGES, full_name, topics
from pipeline.views.freshness import Beat, Evidence, Place
from schemas.heartbeat import Heartbeat

SETTINGS = Settings()
NOW_MS = 1_795_867_200_000
LATER_MS = NOW_MS + 90_000
HELD = {"salespulse.facts": (0,)}
HOME = frozenset({"company"})
ALL_RIGHTS = {full_name("salespulse", topic.name): frozenset({"READ", "WRITE", "DESCRIBE", "DELETE"}) for topic in topics(SETTINGS)}  # fmt: skip # noqa: E501
SOUND: dict[str, Any] = {"version": (4, 1), "brokers": 1, "rights": ALL_RIGHTS}


def beats(**other: int) -> dict[Place, Beat]:
    """Every partition held by a worker whose clock is right."""
    told = {"at_ms": NOW_MS - 100, "now_ms": NOW_MS - 500, "still_ms": 0, "partitions": 4, **other}
    return {Place(stage, number): Beat(Heartbeat(**told), 100) for stage in STAGES for number in range(4)}


def of_kafka(**other: Any) -> list[str]:
    """The lines about a cluster that is sound but for this."""
    return [finding.line for finding in findings_of_kafka(Cluster(**{**SOUND, **other}), SETTINGS)]


def place(leader: int = 1, in_sync: int = 3) -> dict[str, Any]:
    """A partition of three replicas."""
    return {"topic": "salespulse.facts", "partition": 2, "leader": leader, "replicas": 3, "in_sync": in_sync}


@pytest.mark.parametrize(
    ("other", "line"),
    [
        ({"version": (2, 1)}, "the brokers are of release 2.1"),
        ({"differences": ["topic a: missing; create it with: salespulse topics --create"]}, "topic a: missing"),
        ({"brokers": 3}, "topics have one replica, on 3 brokers"),
        ({"partitions": [place(leader=-1)]}, "salespulse.facts 2: no broker leads it"),
        ({"partitions": [place(in_sync=2)] * 5}, "salespulse.facts 2 and 2 more: replicas are missing or behind"),
        (
            {"rights": {**ALL_RIGHTS, "salespulse.facts": frozenset({"READ", "DESCRIBE"})}},
            "the user lacks WRITE on salespulse.facts",
        ),
        (
            {"rights": {name: held - {"DELETE"} for name, held in ALL_RIGHTS.items()}},
            "salespulse.state.crm, salespulse.state.telephony, salespulse.state.org and 2 more",
        ),
    ],
)
def test_what_is_wrong_with_kafka_is_one_finding(other: dict[str, Any], line: str) -> None:
    """Of a cluster that has nothing else."""
    (found,) = of_kafka(**other)
    assert found == line or found.endswith(line)


def test_nothing_is_wrong_with_a_sound_cluster() -> None:
    """Also where it does not tell who may do what."""
    assert of_kafka() == of_kafka(rights={}) == of_kafka(partitions=[place()]) == []


@pytest.mark.parametrize(
    ("evidence", "members", "behind", "line"),
    [
        (Evidence(True, {}, HOME), [], 0, "figures are not live: a worker has started"),
        (Evidence(True, beats(still_ms=60_000), HOME), None, 0, "figures are not live: no progress"),
        (Evidence(True, beats(), HOME), [Member("a", "h", HELD), Member("a", "i", HELD)], 0, "two workers"),
        (Evidence(True, beats(), HOME), [Member("a", "h", {})], 0, "none holds a partition"),
        (Evidence(True, beats(), HOME), None, 20_000, "20,000 events wait to be read"),
        (Evidence(True, beats(at_ms=LATER_MS, now_ms=LATER_MS), HOME), None, 0, "a worker's clock is +90 s"),
        (Evidence(down_since_ms=NOW_MS), None, None, "figures are not live: Redis does not respond"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_workers_is_one_finding(
    evidence: Evidence, members: list[Member] | None, behind: int | None, line: str
) -> None:
    """Each with something to do."""
    (found,) = examine_workers(evidence, members, behind, NOW_MS).findings
    assert line in found.line
    assert found.cure


def test_sound_workers_are_told_with_what_they_hold() -> None:
    """A line each, with ranges of partitions."""
    two, one = Member("two", "h", {"t.facts": (3, 1, 0)}), Member("one", "g", {"t.facts": (2,)})
    members = [two, one, Member("spare", "i", {})]
    examined = examine_workers(Evidence(True, beats(), HOME), members, 12, NOW_MS)

    assert (examined.state, examined.findings) == ("ok", ())
    assert examined.summary == "figures are live, 20 of 20 partitions held by 3 workers, 12 events behind"
    assert list(held_by(members)) == ["one at g: t.facts 2", "spare at i: nothing, a spare", "two at h: t.facts 0-1, 3"]


@given(st.lists(st.sampled_from(["crm.events invalid_json x", "telephony.events late y", "org.changes full z", "crm.events future q"])))  # fmt: skip # noqa: E501
def test_refused_records_are_told_by_their_causes(causes: list[str]) -> None:
    """The most frequent first, three at most; the count is of all of them, and old ones are none."""
    letters = [Refused(NOW_MS - 1000, *cause.split()) for cause in causes]
    old = [Refused(NOW_MS - 2 * 86_400_000, "crm.events", "empty", "no value")]
    examined = examine_letters([*letters, *old], NOW_MS)

    assert examined.summary == f"{len(causes)} in the last 24 hours"
    assert len(examined.findings) == min(3, len(set(causes)))
    counts = [int(finding.line.split()[0]) for finding in examined.findings]
    assert counts == sorted((causes.count(each) for each in set(causes)), reverse=True)[:3]


def test_silent_sources_are_told_once() -> None:
    """However many teams miss one; what is silent otherwise is no feed."""
    missed = [{"kind": "feed_silent", "scope": "feed:pbx"}] * 2
    examined = examine_feeds([*missed, {"kind": "silent_rep", "scope": "rep:7@north"}])

    assert [finding.line for finding in examined.findings] == ["nothing is heard from pbx, which is expected now"]
    assert examine_feeds([]).state == "ok"


def test_scrapes_of_a_sound_installation_say_nothing() -> None:
    """Two workers of one release, and an audit of today."""
    worker = 'salespulse_build_info{version="1.0.0"} 1\nsalespulse_sink_up{sink="redis"} 1\n'
    audit = (
        f"salespulse_audit_last_run_timestamp_seconds {NOW_MS / 1000}\nsalespulse_audit_differences 0\n"
        f"salespulse_audit_could_run 1\nsalespulse_audit_last_success_timestamp_seconds {NOW_MS / 1000}\n"
    )
    scrapes = {"a": samples_of(worker), "b": samples_of(worker), "audit": samples_of(audit)}
    examined = examine_scrapes(scrapes, NOW_MS / 1000)

    assert (examined.findings, examined.summary) == ((), "3 of 3 answer, release 1.0.0")
    gone = examine_scrapes({**scrapes, "c": None}, NOW_MS / 1000)
    assert [(finding.level, finding.line) for finding in gone.findings] == [(Level.FAULT, "c does not answer")]


def test_what_could_not_be_asked_is_not_sound() -> None:
    """Letters that may not be read are not none, and a part that waits for another one is not well."""
    unread = unread_letters("SALESPULSE_BROKERS: Kafka at kafka:9092 refuses the request")
    waiting = unknown("feeds", "Redis does not answer")

    assert (unread.state, unread.summary) == ("warning", "not read")
    assert (waiting.state, waiting.summary) == ("unknown", "unknown: Redis does not answer")
