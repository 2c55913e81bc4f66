"""What lies apart of an object of which much is told: which blocks hold the rest of its history and of its links."""

from collections.abc import Iterable, Mapping

from pipeline.objects.firsts import Told

Address = tuple[str, str]
"""(kind of link, key of its origin)."""
FEW_LEFT = 4
"""A block of links with no more than these goes back into the object, so that no block is kept for next to nothing."""
Runs = list[tuple[int, int]]
"""Numbers in order, as (first, how many): most follow on each other."""


class BlockIndex:
    """The blocks of one object. `history` are those of its oldest entries, in order, with how many each holds.

    `home` says for each link that lies apart in which block; `near` are the other links. What has to be written or
    deleted with the next change is in `changed_history`, `changed_links` and `dropped`; `sizes` are in bytes, by block.
    `missing` are the blocks of history and of links that an object which was read does not have yet.
    """

    __slots__ = (
        "changed_history", "changed_links", "counts", "dropped", "held", "history", "home", "members", "missing",
        "near", "sizes",
    )  # fmt: skip

    def __init__(self, near: Mapping[str, Mapping[str, Told]]) -> None:
        self.history: list[int] = []
        self.counts: list[int] = []
        self.held = 0
        self.home: dict[Address, int] = {}
        self.members: dict[int, dict[Address, None]] = {}
        self.near: dict[Address, Told] = {
            (kind, origin): told for kind, origins in near.items() for origin, told in origins.items()
        }
        self.changed_history: set[int] = set()
        self.changed_links: set[int] = set()
        self.dropped: set[int] = set()
        self.sizes: dict[int, int] = {}
        self.missing: tuple[list[int], list[int]] = [], []

    def _new(self) -> int:
        number = max((*self.sizes, *self.dropped), default=-1) + 1
        self.sizes[number] = 0
        return number

    def seal_history(self, count: int) -> None:
        """Put the oldest entries that are still with the object into a block of their own."""
        number = self._new()
        self.history.append(number)
        self.counts.append(count)
        self.held += count
        self.changed_history.add(number)

    def inserted(self, at: int) -> None:
        """Note that the history has a further entry at this place."""
        if at >= self.held:
            return
        self.held += 1
        for place, count in enumerate(self.counts):
            if at < count:
                self.counts[place] += 1
                self.changed_history.add(self.history[place])
                return
            at -= count

    def span(self, number: int) -> slice:
        """Which entries of the history a block holds."""
        place = self.history.index(number)
        start = sum(self.counts[:place])
        return slice(start, start + self.counts[place])

    def split_history(self, number: int) -> None:
        """Cut a block that has become too large; both halves are to be written."""
        place = self.history.index(number)
        count = self.counts[place]
        other = self._new()
        self.history.insert(place + 1, other)
        self.counts[place : place + 1] = [count // 2, count - count // 2]
        self.changed_history.update((number, other))

    def seal_links(self, addresses: Iterable[Address]) -> None:
        """Put some of the links that are with the object into a block of their own."""
        number = self._new()
        for address in addresses:
            del self.near[address]
            self._settle(address, number)
        self.changed_links.add(number)

    def split_links(self, number: int) -> None:
        """Cut a block that has become too large; both halves are to be written."""
        moved = sorted(self.members[number])[len(self.members[number]) // 2 :]
        other = self._new()
        for address in moved:
            del self.members[number][address]
            self._settle(address, other)
        self.changed_links.update((number, other))

    def _settle(self, address: Address, number: int) -> None:
        self.home[address] = number
        self.members.setdefault(number, {})[address] = None

    def linked(self, address: Address, told: Told | None, links: Mapping[str, Mapping[str, Told]]) -> None:
        """Note that a link is another one; None: that it was taken back. `links` are all of the object, as before."""
        number = self.home.get(address)
        if number is None:
            if told is None:
                del self.near[address]
            else:
                self.near[address] = told
            return
        self.changed_links.add(number)
        if told is None:
            del self.home[address], self.members[number][address]
            if len(self.members[number]) <= FEW_LEFT:
                self._dissolve(number, links)

    def _dissolve(self, number: int, links: Mapping[str, Mapping[str, Told]]) -> None:
        for address in self.members.pop(number):
            del self.home[address]
            self.near[address] = links[address[0]][address[1]]
        del self.sizes[number]
        self.changed_links.discard(number)
        self.dropped.add(number)

    def restored(self, number: int, addresses: Iterable[Address], size: int) -> None:
        """Called while an object is read: a block of links, as it was written."""
        self.sizes[number] = size
        for address in addresses:
            self._settle(address, number)

    def restored_history(self, number: int, count: int, size: int) -> None:
        """Called while an object is read: the next block of its history."""
        self.history.append(number)
        self.counts.append(count)
        self.held += count
        self.sizes[number] = size


def runs_of(numbers: Iterable[int]) -> Runs:
    """The numbers as runs, in their order."""
    runs: Runs = []
    for number in numbers:
        if runs and number == sum(runs[-1]):
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((number, 1))
    return runs


def numbers_in(runs: Runs) -> list[int]:
    """Read what `runs_of` gave."""
    return [number for first, count in runs for number in range(first, first + count)]
