from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from pipeline.organisation.overlay import Groups, Overlay

NAMES = st.sampled_from("abc")
ENTRIES = st.dictionaries(NAMES, st.integers(0, 9))


class Change(NamedTuple):
    """Of one entry, None for taking it out."""

    group: str
    name: str
    entry: int | None


CHANGES = st.lists(st.builds(Change, st.sampled_from("xyz"), NAMES, st.none() | st.integers(0, 9)), max_size=12)
Plain = dict[str, dict[str, int]]


def _apply(changes: list[Change], groups: Groups[str, int], plain: Plain) -> Plain:
    """Make the changes to the groups; returns what they hold then by the plain way."""
    found = {group: dict(entries) for group, entries in plain.items()}
    for group, name, entry in changes:
        if entry is None:
            assert groups.take(group, name) == found.get(group, {}).pop(name, None)
        else:
            groups.put(group, name, entry)
            found.setdefault(group, {})[name] = entry
    return found


def _held(groups: Groups[str, int]) -> Plain:
    return {group: dict(groups.of(group)) for group in "xyz"}


def _whole(plain: Plain) -> Plain:
    return {group: plain.get(group, {}) for group in "xyz"}


@given(CHANGES, CHANGES, CHANGES)
def test_groups_over_others_change_by_themselves(first: list[Change], over: list[Change], above: list[Change]) -> None:
    """Each holds what those below it held and what was changed in it since; the ones below keep what they have."""
    below: Groups[str, int] = Groups()
    middle, top = below.over(), below.over().over()
    held = _apply(first, below, {})
    in_middle = _apply(over, middle, held)
    in_top = _apply(above, top, held)

    assert (_held(below), _held(middle), _held(top)) == (_whole(held), _whole(in_middle), _whole(in_top))


@given(ENTRIES, st.lists(st.tuples(NAMES, st.none() | st.integers(0, 9)), max_size=8))
def test_an_overlay_is_a_mapping_like_any_other(below: dict[str, int], changes: list[tuple[str, int | None]]) -> None:
    """It has the length, keys and entries that a changed copy would have."""
    overlay, copied = Overlay(below), dict(below)
    kept = dict(below)
    for name, entry in changes:
        if entry is None:
            assert overlay.pop(name, None) == copied.pop(name, None)
        else:
            overlay[name] = copied[name] = entry

    assert (dict(overlay), len(overlay), below) == (copied, len(copied), kept)
    assert all((name in overlay) == (name in copied) for name in "abc")
