"""Workers: who holds what, whether figures are live, how far they are behind, and whether clocks agree."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pipeline.doctor.finding import Examined, Finding, fault, warning
from pipeline.views.freshness import SILENT_MS, Evidence, State, overall
from pipeline.views.wording import counted

PART = "workers"
SKEW_MS = 60_000
CURES: Mapping[State, str] = {
    State.FILLING: "wait: Redis was emptied, or the namespace is new",
    State.BEHIND: "wait if it is catching up, else look at the worker's log and at Kafka",
    State.UNHELD: "start the worker that held it; look at its log if it ends again and again",
    State.EMPTY: "start a worker, and send events",
    State.NO_WORKER: "start a worker: salespulse worker",
    State.NO_REDIS: "see Redis",
}
BACKLOG = 10_000


class Member(NamedTuple):
    """A worker in the consumer group."""

    name: str
    host: str
    partitions: Mapping[str, Sequence[int]]
    """By full topic name."""


def examine_workers(evidence: Evidence, members: Sequence[Member] | None, behind: int | None, now_ms: int) -> Examined:
    """Judge what Redis and the consumer group tell; None stands for what nobody could be asked. Pure."""
    verdict = overall(evidence)
    held = sum(beat.age_ms <= SILENT_MS for beat in evidence.beats.values())
    summary = f"figures are {verdict.state}, {held} of {len(evidence.beats)} partitions held"
    if members is not None:
        summary += f" by {counted(len(members), 'worker')}"
    if behind is not None:
        summary += f", {counted(behind, 'event')} behind"
    return Examined(PART, summary, tuple(_findings(evidence, members, behind, now_ms)))


def held_by(members: Sequence[Member]) -> Iterator[str]:
    """A line for each worker: its name, its machine, and what it holds."""
    for member in sorted(members):
        topics = ", ".join(f"{topic} {_ranges(numbers)}" for topic, numbers in sorted(member.partitions.items()))
        yield f"{member.name} at {member.host}: {topics or 'nothing, a spare'}"


def _findings(
    evidence: Evidence, members: Sequence[Member] | None, behind: int | None, now_ms: int
) -> Iterator[Finding]:
    verdict = overall(evidence)
    if not verdict.live:
        found = warning if verdict.state is State.FILLING else fault
        yield found(f"figures are not live: {verdict.why}", CURES[verdict.state])
    if members is not None and len({member.name for member in members}) < len(members):
        yield fault("two workers have one name", "give each its own SALESPULSE_WORKER_ID")
    if members and all(not member.partitions for member in members):
        yield warning("workers are in the group, and none holds a partition", "wait: the group is rebalancing")
    if behind is not None and behind > BACKLOG:
        yield warning(f"{behind:,} events wait to be read", "wait, or start more workers, up to one per partition")
    live = [beat for beat in evidence.beats.values() if beat.age_ms <= SILENT_MS]
    off_ms = max((beat.said.at_ms + beat.age_ms - now_ms for beat in live), default=0, key=abs)
    if abs(off_ms) > SKEW_MS:
        yield warning(f"a worker's clock is {off_ms / 1000:+,.0f} s from this machine's", "set both by NTP")


def _ranges(numbers: Sequence[int]) -> str:
    """`0-2, 5` of 0, 1, 2 and 5."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in found)


def member_of(told: Mapping[str, Any]) -> Member:
    """A member as the brokers describe it."""
    assignment = told.get("member_assignment") or {}
    partitions = {each["topic"]: tuple(each["partitions"]) for each in assignment.get("assigned_partitions", ())}
    name = told.get("group_instance_id") or told["client_id"]
    return Member(str(name), str(told["client_host"]).lstrip("/"), partitions)
