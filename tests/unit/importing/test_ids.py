"""Names and vendors' ids as ids."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.importing.ids import VALID, folded, hashed, slug, valid_or_hashed
from tests.unit.importing.checked import check_rows, deals

TEXTS = st.text(st.characters(min_codepoint=33, exclude_categories=["Cs"]), min_size=1, max_size=200)


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Rep 01", "rep-01"), ("  Zoë  O'Néill ", "zoe-o-neill"), ("TEAM/North", "team-north"), ("ß", "ss"),
        ("Łukasz Żak", "lukasz-zak"), ("Søren Ærø", "soren-aero"), ("Þór", "thor"), ("Ιωάννα Νάνα", "ioanna-nana"),
        ("Юлия Щукина", "yuliya-shchukina"), ("İpek", "ipek"), ("Đặng", "dang"),
    ],
)  # fmt: skip
def test_a_slug_is_lower_case_without_accents(name: str, made: str) -> None:
    """Letters of Latin, Greek and Cyrillic scripts become those of ASCII."""
    assert slug(name) == made


@pytest.mark.parametrize("name", ["", "--", "?!"])
def test_what_has_no_letter_is_refused(name: str) -> None:
    """There is nothing to make an id of."""
    with pytest.raises(ValueError, match="no letter or digit"):
        slug(name)


def test_names_in_other_scripts_are_told_apart() -> None:
    """Nobody writes them in Latin here: a hash does."""
    names = ["北京", "南京", "أحمد", "נועה", "x" * 100, "x" * 101, "Ann 北京", "Ann 南京"]

    assert len({slug(name) for name in names}) == len(names)
    assert slug("Ann 北京").startswith("ann-")


@given(TEXTS)
def test_every_id_is_one_that_events_may_have(text: str) -> None:
    """Whatever the text, what is made of it is an id, and a slug of a slug is itself."""
    made = [hashed(text), valid_or_hashed(text)]
    try:
        made.append(slug(text))
        assert slug(slug(text)) == slug(text)
    except ValueError:
        assert not re.search(r"[A-Za-z0-9]", text)

    assert all(VALID.fullmatch(each) for each in made)


@given(st.lists(TEXTS, min_size=2, max_size=8, unique=True))
def test_vendors_ids_are_never_merged(texts: list[str]) -> None:
    """Different ones become different ids."""
    assert len({hashed(text) for text in texts}) == len({valid_or_hashed(text) for text in texts}) == len(texts)


@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_names_that_share_an_id_are_told_before_anything_is_sent(names: list[str]) -> None:
    """Unless they are the same name in another case, or with other spaces."""
    field_map = deals({"owner_id": {"column": "rep", "parse": "slug"}})
    rows = [{"id": str(number), "at": "2026-03-04T10:00:00Z", "rep": name} for number, name in enumerate(names)]
    summary = check_rows(field_map, rows).summary
    made: dict[str, set[str]] = {}
    for name in names:
        try:
            made.setdefault(slug(name.strip()), set()).add(folded(name))
        except ValueError:
            continue
    shared = sum(len(each) > 1 for each in made.values())

    assert sum(finding.count for finding in summary.findings if finding.name == "shared_ids") == shared
    assert not shared or not summary.sendable


def test_who_shares_an_id_is_named() -> None:
    """Two people who would have become one."""
    field_map = deals({"owner_id": {"column": "rep", "parse": "slug"}})
    rows = [
        {"id": str(n), "at": "2026-03-04T10:00:00Z", "rep": name} for n, name in enumerate(["Zoë Müller", "Zoe Muller"])
    ]
    (line,) = check_rows(field_map, rows).said

    assert line.startswith("ids that several names share: 1 (")
    assert "Zoë Müller" in line
    assert "list under values who is who" in line
