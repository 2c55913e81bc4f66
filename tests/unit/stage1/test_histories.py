from random import Random

from hypothesis import given
from hypothesis import strategies as st

from pipeline.ledger import histories, registers
from pipeline.ledger.histories import History, Timeline, insert, known_at, timeline, value_at
from pipeline.ledger.registers import Registers
from pipeline.ledger.versions import Version, version_of


def _version(time_ms: int, event_id: str = "e", sequence: int = 0) -> Version:
    return version_of(time_ms, sequence, "crm-1", event_id, b"")


def _timeline(*entries: histories.Entry) -> Timeline:
    history: History = []
    for entry in entries:
        insert(history, entry)
    return timeline(history)


VERSIONS = st.builds(
    version_of,
    st.integers(0, 5),
    st.integers(0, 1),
    st.sampled_from("xy"),
    st.sampled_from("abc"),
    st.binary(max_size=1),
)
ENTRIES = st.lists(
    st.tuples(VERSIONS, st.sampled_from("ABC"), st.none() | st.sampled_from("abc")), unique_by=lambda entry: entry[0]
)


@given(ENTRIES, st.randoms(use_true_random=False))
def test_a_history_does_not_depend_on_the_order_of_arrival(entries: list[histories.Entry], random: Random) -> None:
    """The same entries in any order, some of them twice, give the same history."""
    shuffled = [*entries, *entries[::2]]
    random.shuffle(shuffled)
    first: History = []
    second: History = []
    for entry in entries:
        insert(first, entry)
    for entry in shuffled:
        insert(second, entry)

    assert first == second


@given(ENTRIES)
def test_registers_keep_the_greatest_version(entries: list[histories.Entry]) -> None:
    """A register holds the value of the greatest version, whatever came last."""
    kept: Registers = {}
    values: dict[str, str] = {}
    for version, value, _ in entries:
        registers.merge(kept, values, version, {"f": value})

    assert kept.get("f") == (max((v, value) for v, value, _ in entries) if entries else None)


def test_a_late_older_entry_is_inserted() -> None:
    """An entry between two others holds from its time to the next one's."""
    assert _timeline((_version(1), "A", None), (_version(9), "C", None), (_version(5), "B", None)) == [
        (1, "A"),
        (5, "B"),
        (9, "C"),
    ]


def test_a_late_entry_splits_a_run_of_equal_ones() -> None:
    """A, A with a late B between them is A, B, A."""
    assert _timeline((_version(1), "A", None), (_version(9), "A", None), (_version(5), "B", None)) == [
        (1, "A"),
        (5, "B"),
        (9, "A"),
    ]


def test_of_one_time_the_last_version_holds() -> None:
    """Two entries of one event time: the one with the higher sequence replaces the other."""
    assert _timeline((_version(1, sequence=1), "B", None), (_version(1, sequence=0), "A", None)) == [(1, "B")]


def test_a_correction_replaces_the_entry_it_names() -> None:
    """An entry that names another moves it to its own time, earlier or later."""
    assert _timeline(
        (_version(5, "e1"), "B", None), (_version(1, "e0"), "A", None), (_version(3, "e2"), "B", "e1")
    ) == [
        (1, "A"),
        (3, "B"),
    ]


def test_a_correction_of_another_source_names_nothing() -> None:
    """Event ids are unique within a source only."""
    other = version_of(3, 0, "crm-2", "e2", b"")

    assert _timeline((_version(5, "e1"), "B", None), (other, "A", "e1")) == [(3, "A"), (5, "B")]


def test_an_entry_cannot_correct_itself_away() -> None:
    """An event that names itself stays."""
    assert _timeline((_version(5, "e1"), "B", "e1")) == [(5, "B")]


def test_what_held_at_a_time() -> None:
    """From its time on an entry holds; before the first one, it is taken for what held, but was not known."""
    spans: Timeline = [(10, "A"), (20, "B")]

    assert [value_at(spans, at_ms) for at_ms in (9, 10, 19, 20, 99)] == ["A", "A", "A", "B", "B"]
    assert [known_at(spans, at_ms) for at_ms in (9, 10)] == [None, "A"]
    assert value_at([], 1) is None
