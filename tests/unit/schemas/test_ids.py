"""Ids of any printable characters: kept safe, told apart, and read again by people."""

import re
from string import ascii_letters, digits

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schemas.ids import KEPT_PATTERN, LONGEST_BYTES, LONGEST_KEPT, kept_id, printable, written_id

PRINTABLE = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1)
IDS = PRINTABLE.filter(lambda text: len(text.encode()) <= LONGEST_BYTES)
LONG = st.text(st.sampled_from("ab@ é中~%"), min_size=LONGEST_KEPT - 3, max_size=150)
SAFE = re.compile(r"[A-Za-z0-9_.%~-]{1,64}").fullmatch


@given(IDS | LONG)
def test_a_kept_id_is_safe_in_keys_and_labels(given: str) -> None:
    """It has no character that ends a key, a hash tag, a scope or a label, and fits what the pipeline checks."""
    kept = kept_id(given)

    assert SAFE(kept)
    assert re.fullmatch(KEPT_PATTERN, kept)


@given(st.lists(IDS | LONG | IDS.map(kept_id), min_size=2, max_size=5, unique=True))
def test_two_ids_never_become_one(given: list[str]) -> None:
    """Not even one that looks like another as it is kept."""
    assert len({kept_id(each) for each in given}) == len(given)


@given(IDS)
def test_people_read_what_was_written(given: str) -> None:
    """An id that was not cut is read again exactly."""
    kept = kept_id(given)
    assume(not re.search("~[0-9a-f]{20}$", kept))

    assert written_id(kept) == given


def test_an_id_that_is_cut_stays_readable() -> None:
    """What is left is whole characters, then a hash of all of it."""
    kept = kept_id("Łukasz Żak, " * 8)

    assert len(kept) <= LONGEST_KEPT
    assert written_id(kept).startswith("Łukasz Żak, Ł")
    assert kept_id("Łukasz Żak, " * 8 + "x") != kept


@given(st.text(st.sampled_from(ascii_letters + digits + "_.-"), min_size=1, max_size=LONGEST_KEPT))
def test_a_plain_id_is_kept_as_it_is(given: str) -> None:
    """Most are plain; they look the same everywhere."""
    assert kept_id(given) == given == written_id(given)


@pytest.mark.parametrize(
    "given", ["", "a\nb", "a\x00", "\x7f", "\x85", "a\u2028", "\ud800", "x" * (LONGEST_BYTES + 1), "é" * 257]
)
def test_what_is_no_id_is_refused(given: str) -> None:
    """Nothing, control characters, what ends a line, half a character, and what is too long in bytes."""
    with pytest.raises(ValueError, match="allowed is"):
        kept_id(given)
    with pytest.raises(ValueError, match="allowed is"):
        printable(given)
