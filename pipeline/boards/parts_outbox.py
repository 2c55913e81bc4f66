"""What a scoreboard has to send to larger scopes: the panes that changed, to everything above their team."""

from collections.abc import Container, Iterable, Iterator

from msgspec import structs

from pipeline.boards.contest_parts import CONTESTS, ContestParts
from pipeline.kernel.measure_bytes import cut, measure_bytes
from pipeline.kernel.partitioner import partition_of
from pipeline.kernel.stage import Send
from pipeline.kernel.state_keys import ANCESTORS
from pipeline.kernel.store import Store
from pipeline.measures import COMPANY
from pipeline.organisation.organisation import Organisation
from pipeline.recognition.contest_board import entrant_of
from pipeline.scores.cold_panes import offset_of
from pipeline.scores.home import Home, Scope
from schemas.parts import Pane, Parts, pack

CLOCK_MS = 5000
"""Now goes on to the rollup at least this often, with or without panes."""
RECORD_MEASURES = 5_000
"""About so many measures one record of parts holds at most: a hundred kilobytes, folded within a few milliseconds."""
RECORD_BYTES = 300 * 1024
"""No record holds more, whatever stages are called: less than a third of what a broker takes."""
PANE_BYTES = 64
"""What msgpack adds at most around the names in a pane."""


def larger_scopes(organisation: Organisation, team: str) -> list[str]:
    """The homes that a team's panes go to: the company, the groups above it, and its own if any team is below it."""
    if team == COMPANY:
        return [COMPANY]
    groups = [f"group:{above}" for above in organisation.ancestors(team)]
    return [COMPANY, *groups, *([f"group:{team}"] if organisation.children(team) else [])]


class PartsOutbox:
    """The panes still to be sent, and the links of each team to the larger scopes that take them in.

    A link is `[offset, changed_ms, attached]` in the state: since when it is as it is. A pane's version for a larger
    scope is the later one of pane and link, so moving a team sends its panes with a higher version, and empty ones to
    the scopes it left.
    """

    def __init__(self, store: Store, organisation: Organisation, partition: int, partitions: int) -> None:
        self._store = store
        self._organisation = organisation
        self._partition = partition
        self._partitions = partitions
        self._links: dict[str, dict[str, list[int]]] = {}
        self._panes: dict[Scope, set[int]] = {}
        self._new_links: dict[tuple[str, str], Home] = {}
        self._clock = -1
        self.contests = ContestParts(store, organisation)

    def restore(self, entries: Iterable[tuple[bytes, dict[str, list[int]]]]) -> None:
        """Called once the store was read, with what it has of links."""
        self._links = {key[1:].decode(): dict(links) for key, links in entries}

    def link(self, home: Home, offset: int, now_ms: int) -> None:
        """Called for a new home, and for every one when the tree of teams may have changed."""
        team = home.name.partition(":")[2]
        links = self._links.setdefault(team, {})
        wanted = larger_scopes(self._organisation, team)
        attached = {above for above, link in links.items() if link[2]}
        changed = sorted(attached.symmetric_difference(wanted))
        for above in changed:
            links[above] = [offset, now_ms, above in wanted]
            self._new_links[home.name, above] = home
        if changed:
            self._store.put(ANCESTORS + team.encode(), links)

    def note(self, scope: Scope, slots: set[int]) -> None:
        """Panes of a scope changed: of a rep for the rep over all teams, of a team for all that is above it."""
        if scope is scope.home.total or (scope.rep and scope.published):
            self._panes.setdefault(scope, set()).update(slots)

    def note_entrants(self, new: Container[str], homes: Iterable[Home]) -> None:
        """Note all days of contests of those who take part on others than before."""
        for home in homes:
            for scope in home.scopes.values():
                if entrant_of(scope.name) in new:
                    self.note(scope, {day for day in scope.days if self.contests.takes(scope.name, day)})

    def mark_since(self, homes: list[Home], offset: int | None) -> None:
        """Note every pane and link that changed after a position; None: all there are."""
        self.contests.mark_since(offset)
        for home in homes:
            for scope in home.scopes.values():
                slots = {slot for slot in scope.slots() if _changed_after(scope, slot, offset)}
                if slots:
                    self.note(scope, slots)
            for above, (linked, _, _) in self._links.get(home.name.partition(":")[2], {}).items():
                if offset is None or linked > offset:
                    self._new_links[home.name, above] = home

    def take(self, generation: int, now_ms: int, limit: int) -> list[Send]:
        """Records with the panes noted since the last call, about `limit` at most; the rest is for the next call.

        Whenever now has crossed a multiple of `CLOCK_MS` there is one for the partition of the same number, be it
        empty, and while there are contests one for where they are: they are as late as every sender says.
        """
        by_partition: dict[int, list[Pane]] = {}
        if now_ms // CLOCK_MS > self._clock:
            self._clock = now_ms // CLOCK_MS
            by_partition[self._partition] = []
            if self.contests.are_there:
                by_partition[partition_of(COMPANY, self._partitions)] = []
        for pane in self._noted(limit):
            home = COMPANY if pane.home == CONTESTS else pane.home
            by_partition.setdefault(partition_of(home, self._partitions), []).extend(_pieces(pane))
        return [
            Send("parts", partition, pack(Parts(1, self._partition, generation, now_ms, panes)))
            for partition in sorted(by_partition)
            for panes in _slices(by_partition[partition])
        ]

    def _noted(self, limit: int) -> Iterator[Pane]:
        room = limit
        for key in list(self._new_links):
            if room <= 0:
                return
            home = self._new_links.pop(key)
            for slot in home.total.slots():
                room -= 1
                yield self._for_larger(home.total, slot, key[1])
        for scope in list(self._panes):
            if room <= 0:
                return
            for slot in sorted(self._panes.pop(scope)):
                for pane in self._of(scope, slot):
                    room -= 1
                    yield pane

    def _of(self, scope: Scope, slot: int) -> Iterator[Pane]:
        pane = scope.at(slot)
        if pane is None:  # expired since
            return
        if self.contests.takes(scope.name, slot):
            offset, changed_ms, measures, *_ = pane
            yield _pane(CONTESTS, scope.name, slot, offset, changed_ms, self.contests.deciding(measures))
        if scope is not scope.home.total:
            yield _pane(f"rep:{scope.rep}", scope.name, slot, *pane)
            return
        for above, (_, _, attached) in sorted(self._links[scope.name.partition(":")[2]].items()):
            if attached:
                yield self._for_larger(scope, slot, above)

    def _for_larger(self, scope: Scope, slot: int, above: str) -> Pane:
        pane = scope.at(slot)
        assert pane is not None
        offset, changed_ms, measures, *first_ms = pane
        linked, linked_ms, attached = self._links[scope.name.partition(":")[2]][above]
        # Before it was linked, nothing of it was told there.
        told_ms = [max(linked_ms, *first_ms)] if first_ms else []
        held = measures if attached else {}
        return _pane(above, scope.name, slot, max(offset, linked), max(changed_ms, linked_ms), held, *told_ms)


def _pane(
    home: str, child: str, slot: int, offset: int, changed_ms: int, measures: dict[str, int], first_ms: int = 0
) -> Pane:
    day, minute = slot if slot > 0 else None, -slot if slot < 0 else None
    return Pane(home, child, day, minute, offset, changed_ms, measures, first_ms=first_ms)


def _changed_after(scope: Scope, slot: int, offset: int | None) -> bool:
    pane = scope.kept(slot)
    return pane is not None and (offset is None or offset_of(pane) > offset)


def _slices(panes: list[Pane]) -> Iterator[list[Pane]]:
    """The panes in slices of a record's size; of none, one empty slice."""
    slice_: list[Pane] = []
    size = held = 0
    for pane in panes:
        adds = _pane_bytes(pane)
        if slice_ and (held >= RECORD_MEASURES or size + adds > RECORD_BYTES):
            yield slice_
            slice_, size, held = [], 0, 0
        slice_.append(pane)
        size += adds
        held += 3 + len(pane.measures)
    if slice_ or not panes:
        yield slice_


def _pieces(pane: Pane) -> Iterator[Pane]:
    """A pane as it is, or in pieces where one record does not hold it."""
    room = RECORD_BYTES - PANE_BYTES - len(pane.home) - len(pane.child)
    for number, piece in enumerate(cut(pane.measures, room)):
        yield pane if piece is pane.measures else structs.replace(pane, measures=piece, piece=number)


def _pane_bytes(pane: Pane) -> int:
    return PANE_BYTES + len(pane.home) + len(pane.child) + measure_bytes(pane.measures)
