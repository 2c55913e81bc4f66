"""What is spooled comes back as it was, and takes no memory."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from pipeline.audit.picture import Heading, ShownFigure
from pipeline.audit.spool import Spool

figures = st.builds(
    ShownFigure,
    st.text(max_size=3), st.text(max_size=3), st.just("day:2026-11-23"), st.tuples(st.integers(), st.integers()),
    st.dictionaries(st.text(max_size=3), st.integers() | st.none() | st.floats(allow_nan=False), max_size=3),
    heading=st.none() | st.just(Heading("final", "EUR", 1)),
)  # fmt: skip


@given(st.lists(figures, max_size=20), st.integers(0, 20), st.sampled_from([0, 1, 7, 10_000]))
def test_what_was_added_comes_back_in_order(given_figures: list[ShownFigure], before: int, in_memory: int) -> None:
    """Whenever it is read: once before all are there, once while another reader is half through, and at the end."""
    spool = Spool(ShownFigure, in_memory=in_memory)
    for figure in given_figures[:before]:
        spool.append(figure)
    half = iter(spool)
    begun = [next(half, None)]
    for figure in given_figures[before:]:
        spool.append(figure)

    assert list(spool) == given_figures
    assert [each for each in (*begun, *half) if each] == given_figures[:before]


def test_ten_times_as_many_take_no_more_memory() -> None:
    """Once they go to the disk, neither adding nor reading takes memory for all of them."""

    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            spool = Spool(ShownFigure, in_memory=1000)
            for number in range(count):
                spool.append(ShownFigure(f"rep:{number}", "team:north", "day", (1, number), {"calls": number}))
            assert sum(1 for _ in spool) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(30_000) < 1.5 * peak(3_000)
