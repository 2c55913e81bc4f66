"""Owners that Redis names and no state log knows: who was refused for them, and when they may be written over. Pure.

An owner claims its partition in the state log before it writes anywhere. So whoever was refused for a later owner, and
has since had a record of its own acknowledged with no later claim before it, knows that Redis names nobody of its log.
That may be another log of the same name only where the generation is another one: a deployment that was begun anew on
other brokers. Its sentinels move while it lives; one that stands still, or is of a time to come, is nobody's.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline import clock
from pipeline.sinks.redis_guard import Named
from pipeline.sinks.sink import Deposed, Owner

STILL_SECONDS = 180.0
"""An owner that lives moves each of its sentinels within two minutes: every survey looks at some, and all in turn."""
AHEAD_MS = 86_400_000
TOLD_SECONDS = 3600.0
MOST_TOLD = 5
LOOKED_SECONDS = 60.0
"""Whoever is refused looks every few seconds; one that does not has lost the partition meanwhile."""


@dataclass(slots=True)
class _Refusal:
    """What a sentinel held, since when, and when it was last known to be nobody's of this log."""

    named: Named
    since: float
    unknown_at: float = float("-inf")


class Contested:
    """The refusals of one Redis, by the owner that was refused."""

    def __init__(
        self, seconds: Callable[[], float] = clock.elapsed_seconds, now_ms: Callable[[], int] = clock.now_ms
    ) -> None:
        self._seconds = seconds
        self._now_ms = now_ms
        self._refusals: dict[Owner, dict[str, _Refusal]] = {}
        self._settled: deque[tuple[float, Named]] = deque(maxlen=MOST_TOLD)

    def refuse(self, owner: Owner, named: Sequence[Named]) -> None:
        """Note whom Redis names instead; what it names already is named since then."""
        known, now = self._refusals.get(owner, {}), self._seconds()
        for former in [each for each in self._refusals if each[:2] == owner[:2]]:
            del self._refusals[former]
        self._refusals[owner] = {
            each.sentinel: known[each.sentinel]
            if each.sentinel in known and known[each.sentinel].named == each
            else _Refusal(each, now)
            for each in named
        }

    def unknown(self, owner: Owner) -> list[Named]:
        """Called once the owner knows that its log has no later claim: the sentinels that it may write over.

        Deposed while one of them may be another log's.
        """
        refusals = list(self._refusals.get(owner, {}).values())
        if not refusals:
            raise Deposed("a later lease of this worker publishes the partition")
        for refusal in refusals:
            refusal.unknown_at = self._seconds()
        for refusal in refusals:
            if self._may_be_anothers(owner, refusal):
                raise Deposed(f"held by {refusal.named}, which may be another deployment's")
        return [refusal.named for refusal in refusals]

    def settle(self, owner: Owner) -> None:
        """What Redis named is written over."""
        for refusal in self._refusals.pop(owner, {}).values():
            self._settled.append((self._seconds(), refusal.named))

    def missing(self) -> list[str]:
        """For readiness: whom Redis names that no state log knows."""
        return [
            f"Redis names an owner that never claimed its partition: {refusal.named}"
            for refusals in self._refusals.values()
            for refusal in refusals.values()
            if self._seconds() - refusal.unknown_at < LOOKED_SECONDS
        ]

    def doubts(self) -> list[str]:
        """For readiness, as warnings: whom it named within the last hour."""
        since = self._seconds() - TOLD_SECONDS
        return [
            f"Redis named an owner that never claimed its partition, and somebody else may write to it: {named}"
            for at, named in self._settled
            if at >= since
        ]

    def _may_be_anothers(self, owner: Owner, refusal: _Refusal) -> bool:
        generation = refusal.named.generation
        if generation is None or generation == owner.generation or generation > self._now_ms() + AHEAD_MS:
            return False
        return self._seconds() - refusal.since < STILL_SECONDS
