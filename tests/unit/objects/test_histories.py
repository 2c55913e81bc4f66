from random import Random

from hypothesis import given
from hypothesis import strategies as st

from pipeline.objects import histories
from pipeline.objects.histories import History, Timeline, insert, known_at, timeline, timelines, value_at
from pipeline.objects.object import Object
from pipeline.objects.versions import Version, digest_of, version_of


def _version(time_ms: int, event_id: str = "e", sequence: int = 0, ingested: int = 0) -> Version:
    return version_of(time_ms, sequence, "crm-1", event_id, b"", ingested)


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
    st.none() | st.integers(0, 3),
)
CORRECTED = st.sampled_from([digest_of(each) for each in (b"a", b"b", b"c")])
ENTRIES = st.lists(st.tuples(VERSIONS, st.sampled_from("ABC"), st.none() | CORRECTED), unique_by=lambda entry: entry[0])


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
    item = Object("call:1")
    for version, value, _ in entries:
        item.merge(version, {"f": value}, None, 0)

    assert (item.version, item.get("f")) == max(((v, value) for v, value, _ in entries), default=(None, None))


@given(st.lists(st.tuples(VERSIONS, st.dictionaries(st.sampled_from("fgh"), st.integers(0, 2), min_size=1))))
def test_each_field_keeps_the_greatest_version_that_speaks_of_it(
    events: list[tuple[Version, dict[str, int]]],
) -> None:
    """Whatever fields the versions speak of, in any order, each has its own newest value and version."""
    item, plain = Object("call:1"), dict[str, tuple[Version, int]]()
    for version, changes in {version: (version, changes) for version, changes in events}.values():
        changed = {field: value for field, value in changes.items() if field not in plain or plain[field][0] < version}
        plain |= {field: (version, value) for field, value in changed.items()}

        assert item.merge(version, dict(changes), None, 0) == bool(changed)
        assert not item.merge(version, dict(changes), None, 0)
    assert item.values == {field: value for field, (_, value) in plain.items()}
    assert all(item.older.get(field, item.version) == version for field, (version, _) in plain.items())


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


def test_of_one_time_and_sequence_the_last_version_holds() -> None:
    """Two sequences of one time are two entries; of two with the same sequence the last version replaces the other."""
    two = _timeline((_version(1, sequence=2), "B", None), (_version(1, sequence=1), "A", None))
    one = _timeline((_version(1, "a"), "A", None), (_version(1, "b"), "B", None))

    assert two == [(1, "A"), (1, "B")]
    assert one == [(1, "A" if _version(1, "a") > _version(1, "b") else "B")]
    assert (value_at(two, 1), known_at(two, 1), value_at(two, 0)) == ("B", "B", "A")


def test_a_later_export_wins_from_its_own_first_entry_on() -> None:
    """Of the earlier one its entries before that stay; so does what was told as it happened, and another source."""
    first = [(_version(1, ingested=10), "A", None), (_version(5, ingested=10), "B", None)]
    later = (_version(4, ingested=20), "C", None)
    live = (_version(6), "D", None)
    other = (version_of(7, 0, "crm-2", "e", b"", 10), "E", None)

    assert _timeline(*first, later, live, other) == [(1, "A"), (4, "C"), (6, "D"), (7, "E")]


def test_a_correction_replaces_the_entry_it_names() -> None:
    """An entry that names another moves it to its own time, earlier or later."""
    assert _timeline(
        (_version(5, "e1"), "B", None), (_version(1, "e0"), "A", None), (_version(3, "e2"), "B", digest_of(b"e1"))
    ) == [
        (1, "A"),
        (3, "B"),
    ]


def test_a_correction_of_another_source_names_nothing() -> None:
    """Event ids are unique within a source only."""
    other = version_of(3, 0, "crm-2", "e2", b"")

    assert _timeline((_version(5, "e1"), "B", None), (other, "A", digest_of(b"e1"))) == [(3, "A"), (5, "B")]


def test_an_entry_cannot_correct_itself_away() -> None:
    """An event that names itself stays."""
    assert _timeline((_version(5, "e1"), "B", digest_of(b"e1"))) == [(5, "B")]


def test_what_held_at_a_time() -> None:
    """From its time on an entry holds; before the first one, it is taken for what held, but was not known."""
    spans: Timeline = [(10, "A"), (20, "B")]

    assert [value_at(spans, at_ms) for at_ms in (9, 10, 19, 20, 99)] == ["A", "A", "A", "B", "B"]
    assert [known_at(spans, at_ms) for at_ms in (9, 10)] == [None, "A"]
    assert value_at([], 1) is None


SAID = st.dictionaries(st.sampled_from("fg"), st.sampled_from("ABC"), min_size=1)


@given(st.lists(st.tuples(VERSIONS, SAID, st.none() | CORRECTED), unique_by=lambda entry: entry[0]))
def test_timelines_are_those_of_each_field(
    entries: list[tuple[Version, dict[str, str], int | None]],
) -> None:
    """What all versions say of all fields together is what they say of each by itself."""
    history = sorted(entries, key=lambda entry: entry[0])
    single = {field: [(v, said[field], c) for v, said, c in history if field in said] for field in "fg"}

    assert timelines(history) == {field: timeline(found) for field, found in single.items() if found}


@given(ENTRIES)
def test_exports_are_resolved_as_said(entries: list[histories.Entry]) -> None:
    """By trying each entry against each other one, instead of once through all of them."""
    named = {(v[3], c, v[4]) for v, _, c in entries if c is not None}
    corrected = {(source, event_id) for source, event_id, own in named if event_id != own}
    standing = sorted((entry for entry in entries if entry[0][3:5] not in corrected), key=lambda entry: entry[0])
    told_anew = {
        v for v, _, _ in standing for w, _, _ in standing if v[3] == w[3] and 0 < v[2] < w[2] and w[:2] <= v[:2]
    }
    held: dict[tuple[int, int], str] = {v[:2]: value for v, value, _ in standing if v not in told_anew}
    steps = [(moment[0], value) for moment, value in sorted(held.items())]

    assert _timeline(*entries) == [step for n, step in enumerate(steps) if n == 0 or steps[n - 1][1] != step[1]]


@given(ENTRIES)
def test_a_history_that_goes_on_is_the_same_as_one_made_anew(entries: list[histories.Entry]) -> None:
    """Whatever is plain and goes on: its timelines grow by just what they would be anew."""
    history: History = []
    for version, value, corrects in entries:
        plain, known = histories.is_plain(history), timelines(history)
        entry = (version, {"f": value}, corrects)
        at = insert(history, entry)
        if at is not None and plain and histories.goes_on(history, at):
            histories.extend(known, entry)
            assert known == timelines(history)
            assert histories.is_plain(history)
