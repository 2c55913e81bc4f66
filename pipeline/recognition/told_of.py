"""What was told of one scope by one KPI, and its total in the state."""

from collections.abc import Iterator

from pipeline.kernel.state_keys import ACHIEVED
from pipeline.kernel.store import Store
from pipeline.recognition.achieved import Achieved, Feat, standing
from pipeline.recognition.recognition_book import RecognitionBook

Key = tuple[str, str | int]
"""Of what can be achieved by a KPI in a scope: the kind, and what of it."""


class ToldOf(dict[Key, Achieved | None]):
    """What the book says of a scope by a KPI, by kind and what of it: read when it is asked first."""

    def __init__(self, book: RecognitionBook, scope: str, kpi: str) -> None:
        super().__init__()
        self._book = book
        self.scope = scope
        self.kpi = kpi
        self.total_key = total_key(scope, kpi)

    def feat(self, key: Key) -> Feat:
        """What can be achieved, by kind and what of it."""
        kind, what = key
        return Feat(kind, str(what), self.kpi, self.scope)

    def __missing__(self, key: Key) -> Achieved | None:
        found = self[key] = standing(self._book.entry(self.feat(key).id))
        return found

    def tell(self, key: Key, achieved: Achieved | None, offset: int) -> None:
        """What is achieved now, or that it is not, after all."""
        feat = self.feat(key)
        self.clear()
        if achieved is None:
            self._book.take_back(feat.id, offset)
        else:
            self._book.tell(feat.id, feat.entry(achieved), offset)


class Told:
    """What was told of all scopes of a board. In the state is the total of each by the KPIs that need one.

    A total goes on when days expire: what it has beside the days that are kept was done on days that are gone. In the
    state too is what was told of such days and something else took the place of: a correction may undo that.
    """

    def __init__(self, store: Store, book: RecognitionBook) -> None:
        self._store = store
        self._book = book
        self._of: dict[tuple[str, str], ToldOf] = {}
        """By scope and KPI."""

    def of(self, scope: str, kpi: str) -> ToldOf:
        """What was told of a scope by a KPI."""
        if (told := self._of.get((scope, kpi))) is None:
            told = self._of[scope, kpi] = ToldOf(self._book, scope, kpi)
        return told

    def feats(self) -> Iterator[Feat]:
        """All that was ever told."""
        return filter(None, map(Feat.read, self._book.ids()))

    def total(self, told: ToldOf) -> int | None:
        """The total of a scope by a KPI; None where none is kept yet."""
        found: int | None = self._store.get(told.total_key)
        return found

    def put_total(self, told: ToldOf, total: int) -> None:
        """Keep a total."""
        self._store.put(told.total_key, total)

    def outlived(self, told: ToldOf, key: Key) -> Achieved | None:
        """What was told of days that are gone, and is not told any more."""
        found = self._store.get(ACHIEVED + told.feat(key).id.encode())
        return None if found is None else Achieved(*found)

    def put_outlived(self, told: ToldOf, key: Key, achieved: Achieved) -> None:
        """Keep what was told of days that are gone, since something else takes its place."""
        self._store.put(ACHIEVED + told.feat(key).id.encode(), list(achieved))

    def end(self, feat: Feat, offset: int) -> None:
        """Something is recognised no more: take it back, and all that is known of it."""
        self._store.delete(ACHIEVED + feat.id.encode())
        self.of(feat.scope, feat.kpi).tell((feat.kind, feat.what), None, offset)

    def drop_totals(self, prefix: str, kpi: str) -> None:
        """Nobody needs the totals by a KPI any more, of scopes that begin so."""
        for key, _ in list(self._store.items(total_key(prefix, kpi))):
            self._store.delete(key)


def total_key(scope: str, kpi: str) -> bytes:
    """Of the total of a scope of which bests or milestones are told."""
    return ACHIEVED + f"{kpi}|{scope}".encode()
