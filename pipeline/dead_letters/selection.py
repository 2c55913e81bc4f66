"""Which letters are meant: by reason, topic, time, and origin."""

import re
from dataclasses import dataclass

from pipeline.dead_letters.letter import Letter
from pipeline.topics.table import SOURCES
from schemas.dead_letters import Origin

_ORIGIN = re.compile(rf"({'|'.join(map(re.escape, SOURCES))})/(\d{{1,9}})/(\d{{1,18}})(?:/([1-9]\d{{0,3}}))?")


@dataclass(frozen=True, slots=True)
class Selection:
    """All letters that fit everything given; what is empty or None leaves all in. Instants are append times in ms."""

    reasons: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    origins: frozenset[Origin] = frozenset()
    since_ms: int | None = None
    until_ms: int | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Selection()

    def __contains__(self, letter: Letter) -> bool:
        origin, appended_ms = letter.origin, letter.refusal.arrival.timestamp_ms
        return (
            (not self.reasons or letter.refusal.reason in self.reasons)
            and (not self.topics or origin.topic in self.topics)
            and (not self.origins or origin in self.origins)
            and (self.since_ms is None or appended_ms >= self.since_ms)
            and (self.until_ms is None or appended_ms < self.until_ms)
        )


def parse_origin(text: str) -> Origin:
    """`crm.events/2/1234`: topic, partition, offset; behind them the number of an event in a batch.

    ValueError for anything else.
    """
    read = _ORIGIN.fullmatch(text)
    if read is None:
        raise ValueError(f"{text!r} is not an origin; allowed: topic/partition/offset, such as crm.events/2/1234")
    return Origin(read[1], int(read[2]), int(read[3]), int(read[4] or 0))
