"""The breaker: halts a worker while a topic brings mostly records that are refused.

It changes no result. What it looks at is the tally in the states of a topic's partitions, which follows from their
logs alone; what tripped it trips it again after a restart, wherever the partition is taken over, until an operator has
said that these records may go to the dead letters.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.intake.refusals import TALLY
from pipeline.kernel.stage import Halt
from pipeline.kernel.stage_spec import Check
from pipeline.kernel.store import Store
from pipeline.organisation.days import MINUTE_MS

LIMIT_SETTING, PASS_SETTING = "SALESPULSE_DEAD_LETTER_LIMIT_PERCENT", "SALESPULSE_DEAD_LETTERS_PASS_BEFORE"


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """Trips above `limit_percent` of at least `least_records` of a topic in one minute of append time.

    Minutes that began before `pass_before_ms` never trip it.
    """

    limit_percent: int = 20
    least_records: int = 1000
    pass_before_ms: int = 0


class Breaker:
    """The tallies of all partitions that a worker has held, by topic: what was counted stays true."""

    def __init__(self, policy: BreakerPolicy) -> None:
        self._policy = policy
        self._tallies: dict[tuple[str, int], Sequence[Sequence[int]]] = {}

    def check(self, topic: str) -> Check:
        """What a stage that reads this topic is checked with before it sends."""

        def check(partition: int, store: Store) -> None:
            self.look(topic, partition, store.scalars.get(TALLY, ()))

        return check

    def look(self, topic: str, partition: int, tally: Sequence[Sequence[int]]) -> None:
        """Called with a partition's tally before anything of its batch is sent. Halt where its topic is over the limit.

        The minutes looked at are those in this tally, over all partitions that were in the same minute.
        """
        self._tallies[topic, partition] = [tuple(counts) for counts in tally]
        policy = self._policy
        for minute, _, refused_here in tally:
            if not refused_here or minute * MINUTE_MS < policy.pass_before_ms:
                continue
            records, refused = self._sums(topic, minute)
            if records >= policy.least_records and refused * 100 > policy.limit_percent * records:
                raise Halt(self._line(topic, minute, records, refused))

    def _sums(self, topic: str, minute: int) -> tuple[int, int]:
        sums: Counter[str] = Counter()
        for (name, _), tally in self._tallies.items():
            for counted, records, refused in tally:
                if name == topic and counted == minute:
                    sums["records"] += records
                    sums["refused"] += refused
        return sums["records"], sums["refused"]

    def _line(self, topic: str, minute: int, records: int, refused: int) -> str:
        after = _utc((minute + 1) * MINUTE_MS)
        return (
            f"{topic}: {refused} of {records} records appended in the minute of {_utc(minute * MINUTE_MS)} were "
            f"refused ({refused * 100 // records} %, limit {self._policy.limit_percent} %); nothing in this batch was "
            f"acknowledged. Fix the producer, then release the records already there to the dead letters with "
            f"{PASS_SETTING}={after} (or later), or raise {LIMIT_SETTING}"
        )


def _utc(instant_ms: int) -> str:
    return datetime.fromtimestamp(instant_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
