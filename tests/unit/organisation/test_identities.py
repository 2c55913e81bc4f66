"""Whom an id means, against the plain definition and by hand."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.organisation.effective import Memberships
from pipeline.organisation.identities import Identities
from pipeline.organisation.organisation import Organisation
from tests.unit.boards.work import calls_of

Told = tuple[str, str, int | None, int | None]
instants = st.none() | st.integers(0, 12)
names = st.sampled_from(["ada", "bob", "crm-7"])
told = st.dictionaries(st.sampled_from("abcdef"), st.tuples(names, names, instants, instants), max_size=6)


def record(named: str, rep: str, since: int | None = None, until: int | None = None) -> dict[str, Any]:
    """That an id means a rep."""
    return {"external_id": named, "rep_id": rep, "valid_from": since, "valid_to": until}


def identities(records: dict[str, Told]) -> Identities:
    """All of these."""
    found = Identities()
    for name, said in records.items():
        found.put(name, None, record(*said))
    return found


@given(told, names, st.integers(0, 13))
def test_an_id_means_whom_the_identity_says_that_began_last(records: dict[str, Told], named: str, at_ms: int) -> None:
    """Of those that hold, then the greater name; the rep whose own id it is where none holds. Identities do not chain.

    Around an instant the same rep is meant for as long as it is said.
    """
    holding = [
        (since or 0, name, rep)
        for name, (each, rep, since, until) in records.items()
        if each == named and (since or 0) <= at_ms and (until is None or at_ms < until)
    ]
    known = identities(records)
    since, until, rep = known.span_of(named, at_ms)

    assert rep == known.rep_of(named, at_ms) == (max(holding)[2] if holding else named)
    assert since <= at_ms
    assert until is None or at_ms < until
    assert {known.rep_of(named, each) for each in range(max(since, 0), 14 if until is None else until)} == {rep}
    assert known.reps_of(named) == {named, *(whom for each, whom, _, _ in records.values() if each == named)}
    assert known.ids_of(named) == {each for each, whom, _, _ in records.values() if whom == named}


@given(told, st.sampled_from("abcdef"), st.none() | st.tuples(names, names, instants, instants), names)
def test_what_changes_beside_them_leaves_identities_as_they_are(
    records: dict[str, Told], name: str, other: Told | None, named: str
) -> None:
    """Those of another organisation, of which one was told otherwise, are as if they had been told so; these stay."""
    known = identities(records)
    before = [known.rep_of(named, at_ms) for at_ms in range(14)]
    changed = known.over()
    changed.put(name, record(*records[name]) if name in records else None, None if other is None else record(*other))
    anew = identities({each: said for each, said in records.items() if each != name} | ({name: other} if other else {}))

    assert [changed.rep_of(named, at_ms) for at_ms in range(14)] == [anew.rep_of(named, at_ms) for at_ms in range(14)]
    assert [known.rep_of(named, at_ms) for at_ms in range(14)] == before


def test_of_an_id_that_nobody_told_of_nothing_is_remembered() -> None:
    """Events may name any number of such ids."""
    known = identities({"a": ("crm-7", "ada", None, None)})

    assert known.span_of("typo", 5)[2] == "typo"
    assert calls_of(Memberships.span_of, lambda: known.span_of("typo", 5)) == 0


def test_a_place_is_that_of_whom_the_id_means_then() -> None:
    """`desk@7` was ada's until 100, then bob's; bob is in no team, and of `rep-99` nobody knows."""
    known = Organisation("EUR", 1_000)
    for key, told_of in {
        "team:north": {},
        "rep:bob": {},
        "membership:m": {"rep_id": "ada", "team_id": "north"},
        "identity:a": record("desk@7", "ada", None, 100),
        "identity:b": record("desk@7", "bob", 100),
        "identity:c": record("crm-9", "rep-99"),
        "identity:d": record("crm-8", "desk@7"),
    }.items():
        known.put(key, told_of)

    assert known.place("desk@7", 99) == known.place("ada", 99) == ("north", "ada")
    assert known.place("desk@7", 100) == ("unassigned", "bob")
    assert known.place_until("desk@7", 0) == (("north", "ada"), 100)
    assert known.place("crm-9", 0) == known.place("crm-8", 0) == ("unassigned", "unassigned")
    assert known.place_of("desk@7", 0) == ("unassigned", "unassigned")


def test_whom_an_id_means_is_looked_up_once_while_nothing_changes() -> None:
    """What holds around an instant is remembered with the place; where there are no identities nobody asks at all."""
    known = Organisation("EUR", 1_000)
    assert _looked_up(known, "crm-7") == 0

    known.put("identity:a", record("crm-7", "ada"))
    assert [_looked_up(known, "crm-7") for _ in range(3)] == [1, 0, 0]

    known.put("identity:a", record("crm-7", "bob"))
    assert [_looked_up(known, "crm-7") for _ in range(2)] == [1, 0]
    known.put("identity:a", None)
    assert _looked_up(known, "crm-7") == _looked_up(known.at(2_000), "crm-7") == 0


def _looked_up(known: Organisation, named: str) -> int:
    return calls_of(Identities.span_of, lambda: known.cell(named, 500))
