"""Which records a picture rests on: for each partition of the facts, how far each source log counts."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.audit.cut import Cut, Version
from pipeline.audit.picture import STAGES, Picture, Place, stage_of
from pipeline.audit.positions import Below, Positions
from pipeline.audit.report import Difference

SCOREBOARD, ROLLUP = STAGES
OWN_CUTS = 2
"""At so many versions that are newer than the cut figures are compared, in each partition: those most figures have."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Figures that are compared at once: those of the homes of some partitions of a stage.

    `clocks` are their cuts; `sources` says, for each partition of the facts, how far the source logs count, `trees` how
    far the facts themselves do, for the tree of teams. With `own` only figures of exactly the cut's version are
    compared, and none can be missing.
    """

    stage: str
    clocks: Mapping[Place, Cut]
    sources: Mapping[int, Below]
    trees: Below
    own: bool = False


class Plan:
    """Makes the units of pictures. `sent` are each scoreboard's published cuts, all that it had to say by then sent.

    `settled` says how far all source logs count while nothing is under way; None while something is.
    """

    def __init__(
        self,
        positions: Positions,
        sent: Mapping[int, Sequence[Cut]],
        partitions: int,
        partition_of_home: Callable[[str], int],
        ends: Below,
        settled: Below | None,
    ) -> None:
        self._positions = positions
        self._sent = sent
        self._partitions = partitions
        self._partition_of_home = partition_of_home
        self._ends = ends
        self._settled = settled

    def units(self, picture: Picture) -> Iterator[Unit]:
        """What can be compared of a picture."""
        if self._settled is not None:
            yield from self._at_rest(picture.cuts, self._settled)
        else:
            boards = {place: cut for place, cut in picture.cuts.items() if cut.stage == SCOREBOARD}
            yield from self._of_scoreboards(boards)
            for place, cut in sorted(picture.cuts.items()):
                if cut.stage == ROLLUP:
                    yield from self._of_rollup(place, cut)
        for boards in self._own_cuts(picture, SCOREBOARD):
            yield from self._of_scoreboards(boards, own=True)
        for rollups in self._own_cuts(picture, ROLLUP):
            for place, cut in rollups.items():
                yield from self._of_rollup(place, cut, own=True)

    def impossible(self, picture: Picture) -> Iterator[Difference]:
        """Figures with a version that no log has reached."""
        for figure in picture.figures:
            place = (stage_of(figure.home), self._partition_of_home(figure.home))
            cut = picture.cuts.get(place)
            if cut is not None and cut.version < figure.version and not self._known(figure.version, cut):
                end = f"below {cut.version[0]}/{self._ends[cut.log]}"
                version = f"{figure.version[0]}/{figure.version[1]}"
                yield Difference(picture.name, figure.scope, figure.window, "version", figure.family, version, end)

    def _at_rest(self, cuts: Mapping[Place, Cut], settled: Below) -> Iterator[Unit]:
        trees = {log: end for log, end in self._ends.items() if log.startswith("facts/")}
        for stage in STAGES:
            clocks = {place: cut for place, cut in cuts.items() if place[0] == stage}
            if clocks:
                yield Unit(stage, clocks, dict.fromkeys(range(self._partitions), settled), trees)

    def _of_scoreboards(self, boards: Mapping[Place, Cut], *, own: bool = False) -> Iterator[Unit]:
        found = {n: self._positions.sources(n, cut.offset, self._base(n, cut)) for (_, n), cut in boards.items()}
        sources = {n: below for n, below in found.items() if below is not None}
        clocks = {place: cut for place, cut in boards.items() if place[1] in sources}
        if clocks:
            yield Unit(SCOREBOARD, clocks, sources, _trees({n: cut.offset for (_, n), cut in clocks.items()}), own)

    def _of_rollup(self, place: Place, cut: Cut, *, own: bool = False) -> Iterator[Unit]:
        offsets: dict[int, int] = {}
        sources: dict[int, Below] = {}
        for n in range(self._partitions):
            board = self._positions.behind(cut.partition, cut.offset, self._sent.get(n, ()))
            if board is None:
                return
            below = self._positions.sources(n, board.offset, board)
            if below is None:
                return
            offsets[n], sources[n] = board.offset, below
        yield Unit(ROLLUP, {place: cut}, sources, _trees(offsets), own)

    def _base(self, partition: int, cut: Cut) -> Cut | None:
        """The published cut to go on from where facts are gone."""
        earlier = [each for each in self._sent.get(partition, ()) if each.offset <= cut.offset]
        return cut if cut.seen else max(earlier, key=lambda each: each.offset, default=None)

    def _own_cuts(self, picture: Picture, stage: str) -> Iterator[dict[Place, Cut]]:
        """Cuts at the versions of figures that are newer than the picture's cuts, those most figures have first."""
        newer: dict[Place, Counter[Version]] = {}
        for figure in picture.figures:
            place = (stage_of(figure.home), self._partition_of_home(figure.home))
            cut = picture.cuts.get(place)
            if place[0] == stage and cut is not None and self._known(figure.version, cut):
                newer.setdefault(place, Counter())[figure.version] += 1
        for rank in range(OWN_CUTS):
            cuts: dict[Place, Cut] = {}
            for place, versions in newer.items():
                ranked = sorted(versions, key=lambda version: (-versions[version], version))
                if rank < len(ranked):
                    version = ranked[rank]
                    now_ms = self._positions.logs[f"{_input(stage)}/{place[1]}"].now_ms(version[1])
                    if now_ms is not None:
                        base = picture.cuts[place]
                        cuts[place] = replace(base, offset=version[1], version=version, now_ms=now_ms, seen={})
            if cuts:
                yield cuts

    def _known(self, version: Version, cut: Cut) -> bool:
        """Whether a version is later than the cut, and one that there can be."""
        return cut.version < version and version[0] == cut.version[0] and version[1] < self._ends[cut.log]


def _trees(offsets: Mapping[int, int]) -> Below:
    return {f"facts/{n}": offset + 1 for n, offset in offsets.items()}


def _input(stage: str) -> str:
    return "facts" if stage == SCOREBOARD else "parts"
