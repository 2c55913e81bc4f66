"""The pipeline's own records in a source log: whether one is ours, and what it says, within what ours ever say.

Bounds hold beside the proof: a key that got out, or a mistake of our own, is then a dead letter and nothing else.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from pipeline.kernel.append_times import stamped_ms
from pipeline.kernel.proofs import Seal
from pipeline.kernel.stage import Record
from pipeline.kinds import KINDS, kind_named
from schemas import control, links
from schemas.blocks import Block
from schemas.cloud_events import LARGEST_EVENT_BYTES
from schemas.control import COPY, OFFSETS, Answer, Control, Forwarded
from schemas.events import TOPICS
from schemas.ids import KEPT_PATTERN
from schemas.types import LIMIT_MS

PARTS = 2**31
LARGEST_MERGE_BYTES = 4 * LARGEST_EVENT_BYTES
"""A merge passes on what was said of the merged one from each of sixteen steps away."""
ORIGINS: Mapping[str, frozenset[str]] = {
    links.TOUCH: frozenset({TOPICS["crm"], TOPICS["telephony"]}),
    links.WIN: frozenset({TOPICS["crm"]}),
    links.BECAME: frozenset({TOPICS["crm"]}),
    links.LOGGED: frozenset({TOPICS["crm"]}),
    links.MERGE: frozenset({TOPICS["crm"]}),
}
"""The logs in which a link of a kind can have begun."""
COPIED_FROM = TOPICS["org"]
NOT_OURS = "not what the pipeline writes"
_KEY = re.compile(rf"({'|'.join(kind.name for kind in KINDS)}):(?:{KEPT_PATTERN})").fullmatch


class ControlRecords:
    """Reads those in one partition of a source log. Whatever cannot be the pipeline's raises ValueError."""

    def __init__(self, topic: str, partition: int, partitions: int, seal: Seal, jump_ms: int) -> None:
        self._topic = topic
        self._partition = partition
        self._partitions = partitions
        self._jump_ms = jump_ms
        self.seal = seal

    def forwarded(self, record: Record) -> Forwarded:
        """An event that came to another partition of this log first, or in a batch."""
        passed = control.unpack_forwarded(record.value or b"")
        self._require(record, passed, topics=(self._topic,))
        if len(passed.value) > LARGEST_EVENT_BYTES or len(passed.key or b"") > control.LARGEST_KEY_BYTES:
            raise ValueError("larger than an event")
        return passed

    def link(self, record: Record) -> Control:
        """What an object of this or another log says of one of this log."""
        value = record.value or b""
        if len(value) > LARGEST_MERGE_BYTES:
            raise ValueError("larger than a link")
        link = control.unpack(value)
        payload = links.read(link.kind, link.payload)
        if len(value) > LARGEST_EVENT_BYTES and link.kind != links.MERGE:
            raise ValueError("larger than an event")
        self._require(record, link, topics=ORIGINS[link.kind])
        if _log_of(link.subject) != self._topic or _log_of(link.origin) != link.topic:
            raise ValueError("of another log")
        return replace(link, payload=payload)

    def require_copy(self, record: Record, said: Control | Block) -> None:
        """Called for a copy of an organisation record, or a block of them, that was read."""
        self._require(record, said, topics=(COPIED_FROM,))
        if isinstance(said, Control) and (said.kind != COPY or said.origin != said.subject):
            raise ValueError("no copy")

    def answer(self, record: Record) -> Answer:
        """What an operator said of append times: all of earlier records of this partition."""
        answer = control.unpack_answer(record.value or b"")
        if answer.last >= record.offset or (answer.counts_as_ms or 0) >= LIMIT_MS:
            raise ValueError("about what is still to come")
        return answer

    def _require(self, record: Record, said: Control | Block | Forwarded, topics: Collection[str]) -> None:
        place, latest_ms = said.position, stamped_ms(record) + self._jump_ms
        if (
            said.topic not in topics
            or not 0 <= said.partition < self._partitions
            or not 0 <= place.offset < OFFSETS
            or not 0 <= place.part < PARTS
            or not 0 <= said.timestamp_ms <= latest_ms
        ):
            raise ValueError("from a place or time that there is not")


def _log_of(key: str) -> str:
    """The log that owns an object; ValueError where the key cannot be one's."""
    read = _KEY(key)
    if read is None:
        raise ValueError("no key of an object")
    return kind_named(read[1]).log
