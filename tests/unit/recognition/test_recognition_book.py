"""What was told of recognition, counted as it is told."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernel.state_keys import RECOGNISED
from pipeline.kernel.store import Store
from pipeline.recognition.recognition_book import RecognitionBook

TOLD = st.tuples(
    st.sampled_from(["best", "milestone", "contest"]), st.integers(0, 2),
    st.sampled_from(["standing", "running", "final", None]),
)  # fmt: skip


@given(st.lists(TOLD, max_size=30))
def test_what_is_counted_is_what_stands_in_the_book(told: list[tuple[str, int, str | None]]) -> None:
    """After anything that was told or taken back, and in a book that begins from the state."""
    store = Store()
    book = RecognitionBook(store)
    for offset, (kind, number, state) in enumerate(told):
        if state is None:
            book.take_back(f"{kind}:{number}", offset)
        else:
            book.tell(f"{kind}:{number}", {"kind": kind, "state": state}, offset)
    entries = [(RECOGNISED + id_.encode(), book.entry(id_) or {}) for id_ in book.ids()]
    anew = RecognitionBook(store)
    anew.restore(iter(entries))

    counted = Counter((entry["kind"], entry["state"]) for _, entry in entries)
    assert +book.counts == +anew.counts == counted
