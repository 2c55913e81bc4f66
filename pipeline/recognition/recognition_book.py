"""What was told of recognition, as state: each entry stands under its id, and says where it was taken back."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipeline.kernel.state_keys import RECOGNISED
from pipeline.kernel.store import Store
from schemas.recognition import TAKEN_BACK, Achievement, ContestStandings, Recognition

Entry = Mapping[str, Any]
"""The fields of a record, but its id, and of its version the offset."""


class RecognitionBook:
    """All that one partition told. Whoever publishes takes what changed; told twice is nothing."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._since: dict[str, int] = {}
        """All entries, with the position at which each changed."""
        self._changed: set[str] = set()
        self.counts: Counter[tuple[str, str]] = Counter()
        """How many entries there are, by kind and state; of those that had others meanwhile 0."""

    def restore(self, entries: Iterable[tuple[bytes, Entry]]) -> None:
        """Called once the store was read, with what it has of recognition."""
        told = list(entries)
        self._since = {key[1:].decode(): entry["offset"] for key, entry in told}
        self.counts = Counter((entry["kind"], entry["state"]) for _, entry in told)

    def ids(self) -> list[str]:
        """The ids of all entries, those taken back too, sorted."""
        return sorted(self._since)

    def entry(self, id_: str) -> Entry | None:
        """What was told under an id last; None where nothing was."""
        found: Entry | None = self._store.get(RECOGNISED + id_.encode())
        return found

    def tell(self, id_: str, fields: Entry, offset: int) -> None:
        """Tell the present fields of an entry, if they are others than before."""
        before = self.entry(id_)
        if before is None or {**before, "offset": offset} != {**fields, "offset": offset}:
            self._store.put(RECOGNISED + id_.encode(), {**fields, "offset": offset})
            self._since[id_] = offset
            self._changed.add(id_)
            if before is not None:
                self.counts[before["kind"], before["state"]] -= 1
            self.counts[fields["kind"], fields["state"]] += 1

    def take_back(self, id_: str, offset: int) -> None:
        """Say of an entry, if there is one, that it does not hold any more; all else of it stays as it was told."""
        if (before := self.entry(id_)) is not None:
            self.tell(id_, {**before, "state": TAKEN_BACK}, offset)

    def all(self, generation: int) -> list[Recognition]:
        """Everything that was told, by id."""
        return [self._record(id_, generation) for id_ in self.ids()]

    def take(self, generation: int) -> list[Recognition]:
        """What changed since it was last taken, by id."""
        changed, self._changed = self._changed, set()
        return [self._record(id_, generation) for id_ in sorted(changed)]

    def marking_since(self, offset: int | None) -> Iterator[int]:
        """Take again what changed after a position; None: all. Yields how much work that was."""
        self._changed.update(id_ for id_, changed in self._since.items() if offset is None or changed > offset)
        yield 1

    def _record(self, id_: str, generation: int) -> Recognition:
        entry = dict(self.entry(id_) or {})
        model = ContestStandings if entry["kind"] == "contest" else Achievement
        return model(id=id_, version=[generation, entry.pop("offset")], **entry)
