"""What was told of one scope by one KPI, and under which key its total stands in the state."""

from pipeline.kernel.state_keys import ACHIEVED
from pipeline.recognition.achieved import Achieved, Feat, standing
from pipeline.recognition.recognition_book import RecognitionBook


class ToldOf(dict[tuple[str, str | int], Achieved | None]):
    """What the book says of a scope by a KPI, by kind and what of it: read when it is asked first."""

    def __init__(self, book: RecognitionBook, scope: str, kpi: str) -> None:
        super().__init__()
        self._book = book
        self._scope = scope
        self.kpi = kpi
        self.total_key = total_key(scope, kpi)

    def __missing__(self, key: tuple[str, str | int]) -> Achieved | None:
        kind, what = key
        found = self[key] = standing(self._book.entry(Feat(kind, str(what), self.kpi, self._scope).id))
        return found


def total_key(scope: str, kpi: str) -> bytes:
    """Of the total of a scope whose milestones are told."""
    return ACHIEVED + f"{kpi}|{scope}".encode()
