"""What stages declare to send is what they send: no more, and nothing that is never sent."""

from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agents import crm, org, telephony
from pipeline.kernel.flows import COPIES, DEAD_LETTERS, FACTS, FORWARDED, LINKS, Flow
from pipeline.kernel.stage import Record, Send, Stage
from schemas.control import KIND_HEADER
from tests.unit.ledger.any_events import any_event
from tests.unit.ledger.world import NOON_MS, World, event, organisation

DECLARED = {"org.changes": org.SENDS, "crm.events": crm.SENDS, "telephony.events": telephony.SENDS}
CONTROL = {b"org": COPIES, b"orgs": COPIES, b"link": LINKS, b"fwd": FORWARDED}
BY_TOPIC = {"facts": FACTS, "dead-letters": DEAD_LETTERS}
EVERY_SORT: list[dict[str, Any]] = [
    event("call", "1", rep_id="rep-01", started_at=NOON_MS, direction="outbound", lead_id="1"),
    event("call", "3", rep_id="rep-01", started_at=NOON_MS, direction="outbound"),
    event("call", "4", rep_id="rep-01", started_at=NOON_MS, direction="outbound"),
    event("activity", "1", kind="call", rep_id="rep-01", occurred_at=NOON_MS, call_id="1", lead_id="1"),
    event("lead", "1", created_at=NOON_MS, owner_id="rep-01"),
    {**event("call", "2"), "type": "telephony.call.sung"},
    {**event("email", "2"), "type": "crm.email.sung"},
    {**event("team", "west"), "type": "org.team.sung"},
]
"""A call on a lead, and the CRM's record of it; and one event of each domain that is refused."""


def flow_of(send: Send) -> Flow:
    """What a record is, by its header and topic."""
    control = dict(send.headers).get(KIND_HEADER)
    return Flow(BY_TOPIC[send.topic] if control is None else CONTROL[control], send.topic)


class Noting:
    """A stage as it is, and what it sent."""

    def __init__(self, stage: Stage, flows: set[Flow]) -> None:
        self._stage = stage
        self._flows = flows

    def restore(self) -> Iterator[None] | None:
        """As the stage does."""
        return self._stage.restore()

    def fold(self, records: Sequence[Record]) -> Iterator[Sequence[Send]]:
        """As the stage does."""
        for sends in self._stage.fold(records):
            self._flows.update(flow_of(send) for send in sends)
            yield sends


def sent(*batches: list[dict[str, Any]], astray: bool = False) -> dict[str, set[Flow]]:
    """All that the source stages send, by the topic they read, while these batches are folded."""
    world = World()
    flows: dict[str, set[Flow]] = {topic: set() for topic in DECLARED}
    for (topic, partition), stage in world.stages.items():
        world.stages[topic, partition] = Noting(stage, flows[topic])
    for batch in batches:
        for one in batch:
            world.produce([one], partition=0 if astray else None)
        world.run()
    return flows


@given(st.lists(any_event(), max_size=20), st.booleans())
def test_nothing_undeclared_is_sent(events: list[dict[str, Any]], astray: bool) -> None:
    """Whatever events come, on whichever partition: every record that leaves a stage is declared."""
    for topic, flows in sent(organisation(), events, astray=astray).items():
        assert flows <= set(DECLARED[topic])


def test_everything_declared_is_sent() -> None:
    """A small stream, sent to one partition regardless of keys, makes every declared sort of record leave."""
    for topic, flows in sent(organisation(), EVERY_SORT, astray=True).items():
        assert flows == set(DECLARED[topic])
