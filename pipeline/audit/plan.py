"""Which records a picture rests on: for each partition of the facts, how far each source log counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.audit.cut import Cut
from pipeline.audit.picture import Place

Below = Mapping[str, int]
"""Log to the first offset that does not count."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Figures that are compared at once: those of the homes of some partitions of a stage.

    `clocks` are their cuts; `sources` says, for each partition of the facts, how far the source logs count, `trees` how
    far the facts themselves do, for the tree of teams.
    """

    stage: str
    clocks: Mapping[Place, Cut]
    sources: Mapping[int, Below]
    trees: Below


def at_rest(cuts: Mapping[Place, Cut], ends: Below, partitions: int) -> list[Unit]:
    """While nothing is under way: everything counts for everybody."""
    sources = {log: end for log, end in ends.items() if log.startswith(("crm.events/", "telephony.events/"))}
    trees = {log: end for log, end in ends.items() if log.startswith("facts/")}
    units = []
    for stage in ("scoreboard", "rollup"):
        clocks = {place: cut for place, cut in cuts.items() if place[0] == stage}
        if clocks:
            units.append(Unit(stage, clocks, dict.fromkeys(range(partitions), sources), trees))
    return units


@dataclass(frozen=True, slots=True)
class Passed:
    """A record of parts: where it stands, and the positions in the sender's facts log that its panes are of."""

    log: str
    pos: int
    sender: str
    low: int
    high: int


def live(cuts: Mapping[Place, Cut], history: Iterable[Cut], passed: Sequence[Passed], partitions: int) -> list[Unit]:
    """While events flow: each partition at its own cut.

    A rollup is compared where each scoreboard's parts, as far as it has read them, are those of one published cut.
    """
    known = sorted({(c.partition, c.offset): c for c in [*history, *cuts.values()] if c.stage == "scoreboard"}.items())
    boards = {place: cut for place, cut in cuts.items() if place[0] == "scoreboard"}
    units = [_unit("scoreboard", boards, {cut.partition: cut for cut in boards.values()})] if boards else []
    for place, cut in sorted(cuts.items()):
        if place[0] == "rollup":
            behind = {n: _behind(cut, n, [c for (m, _), c in known if m == n], passed) for n in range(partitions)}
            found = {n: cut for n, cut in behind.items() if cut is not None}
            if len(found) == partitions:
                units.append(_unit("rollup", {place: cut}, found))
    return units


def _unit(stage: str, clocks: Mapping[Place, Cut], boards: Mapping[int, Cut]) -> Unit:
    sources = {n: {log: position + 1 for log, position in cut.seen.items()} for n, cut in boards.items()}
    return Unit(stage, clocks, sources, {f"facts/{n}": cut.offset + 1 for n, cut in boards.items()})


def _behind(rollup: Cut, sender: int, cuts: Sequence[Cut], passed: Sequence[Passed]) -> Cut | None:
    """The latest cut of a scoreboard of which a rollup had read everything and nothing beyond."""
    sent = [each for each in passed if each.log == rollup.log and each.sender == f"facts/{sender}"]
    reached = max((each.high for each in sent if each.pos <= rollup.offset), default=-1)
    beyond = min((each.low for each in sent if each.pos > rollup.offset), default=None)
    fitting = [cut for cut in cuts if cut.offset >= reached and (beyond is None or cut.offset < beyond)]
    return max(fitting, key=lambda cut: cut.offset, default=None)
