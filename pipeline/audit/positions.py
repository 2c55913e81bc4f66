"""Where facts and parts come from: how far the logs behind them count at each of their offsets, and what time it is."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from pipeline.audit.cut import Cut
from schemas.facts import Facts
from schemas.parts import Parts

LEAP_MS = 600_000
Below = Mapping[str, int]
"""Log to the first offset that does not count."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What one record of the facts brings a scoreboard up to in one source log; `whole`: the last part of an offset."""

    pos: int
    origin: str
    offset: int
    part: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Passed:
    """One record of parts: the facts log of its sender, and the positions in it that its panes are of."""

    pos: int
    sender: str
    low: int
    high: int


@dataclass
class Transit:
    """What is known of one partition of the facts or the parts, from its first record that is still there."""

    head: int | None = None
    nows: list[tuple[int, int]] = field(default_factory=list)
    reached: list[Reached] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)
    generations: dict[int, set[int]] = field(default_factory=dict)
    """Of the senders of parts."""

    def starts(self, pos: int) -> None:
        """Called for every record."""
        if self.head is None:
            self.head = pos

    def facts(self, pos: int, found: Facts) -> None:
        """Called for each record of the facts."""
        self._tell(pos, found.now_ms)
        if found.entries:
            last = max(found.entries, key=lambda entry: (entry.offset, entry.part))
            origin = f"{found.topic}/{found.partition}"
            self.reached.append(Reached(pos, origin, last.offset, last.part, last.last))

    def parts(self, pos: int, found: Parts) -> None:
        """Called for each record of the parts."""
        self._tell(pos, found.now_ms)
        self.generations.setdefault(found.partition, set()).add(found.generation)
        offsets = [pane.offset for pane in found.panes]
        if offsets:
            self.passed.append(Passed(pos, f"facts/{found.partition}", min(offsets), max(offsets)))

    def _tell(self, pos: int, now_ms: int) -> None:
        if not self.nows or now_ms > self.nows[-1][1]:
            self.nows.append((pos, now_ms))

    def steady_since_ms(self) -> int:
        """Since when time has gone on without a leap, as it makes when a backlog is read."""
        told = [now_ms for _, now_ms in self.nows]
        leaps = [after for before, after in pairwise(told) if after - before > LEAP_MS]
        return max([*told[:1], *leaps], default=0)

    def now_ms(self, offset: int) -> int | None:
        """Now at an offset; None where what told it is no longer there."""
        told = [now_ms for pos, now_ms in self.nows if pos <= offset]
        return told[-1] if told else None


class Positions:
    """All partitions of facts and parts, by `facts/0`."""

    def __init__(self) -> None:
        self.logs: dict[str, Transit] = defaultdict(Transit)

    def sources(self, partition: int, offset: int, base: Cut | None) -> Below | None:
        """How far the source logs count in the facts at an offset.

        None where an offset of a source is half applied there, and where facts are gone that would say it. `base`, a
        published cut, stands for those that are gone.
        """
        log = self.logs[f"facts/{partition}"]
        seen: dict[str, tuple[int, int, bool]] = {}
        start = -1
        if log.head:
            if base is None or not log.head - 1 <= base.offset <= offset:
                return None
            start = base.offset
            seen = {origin: (position, 0, True) for origin, position in base.seen.items()}
        for each in log.reached:
            if start < each.pos <= offset:
                here = (each.offset, each.part, each.whole)
                seen[each.origin] = max(here, seen.get(each.origin, here))
        if not all(whole for _, _, whole in seen.values()):
            return None
        return {origin: position + 1 for origin, (position, _, _) in seen.items()}

    def behind(self, partition: int, offset: int, cuts: Sequence[Cut]) -> Cut | None:
        """The latest of a scoreboard's cuts of which a rollup had read everything, at an offset, and nothing beyond.

        At each of these cuts all that had changed was sent. Between two a pane may have changed twice and be sent once.
        """
        sent = [each for each in self.logs[f"parts/{partition}"].passed if each.sender == cuts[0].log] if cuts else []
        reached = max((each.high for each in sent if each.pos <= offset), default=-1)
        beyond = min((each.low for each in sent if each.pos > offset), default=None)
        fitting = [cut for cut in cuts if cut.offset >= reached and (beyond is None or cut.offset < beyond)]
        return max(fitting, key=lambda cut: cut.offset, default=None)
