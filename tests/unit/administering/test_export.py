"""The organisation written out, and read back."""

from typing import Any

from hypothesis import assume, given

from pipeline.administering.export import exported
from pipeline.administering.plan import plan
from pipeline.administering.sections import SECTION_OF, says_nothing
from pipeline.administering.topic import Told, compared
from tests.unit.administering.organisations import NOW_MS, apply, organisations, planned, read, told_of
from tests.unit.ledger.world import event


def standing(told: Told) -> dict[str, Any]:
    """All records that say something, as two of them are compared; no file has what people do about alerts."""
    return {
        key: compared(key, record) for key, record in told.records()
        if key.partition(":")[0] in SECTION_OF and not says_nothing(key.partition(":")[0], record)
    }  # fmt: skip


@given(organisations)
def test_to_apply_what_was_exported_changes_nothing(events: list[dict[str, Any]]) -> None:
    """Whatever was told, in any order, by whomever; and nothing is left that the file does not name."""
    told = told_of(events)
    text = exported(told)
    if text:
        made = planned(told, text, end_others=True)
        assert (made.steps, made.others, made.faults) == ([], [], [])


@given(organisations)
def test_an_export_makes_the_same_organisation_elsewhere(events: list[dict[str, Any]]) -> None:
    """An empty deployment that it is applied to has the same records; applied once more it sends nothing."""
    told, empty = told_of(events), told_of(())
    text = exported(told)
    if text:
        apply(empty, text)
        assert standing(empty) == standing(told)
        assert not planned(empty, text, NOW_MS + 2, end_others=True).steps


@given(organisations, organisations)
def test_whatever_stood_before_a_file_holds_once_it_is_applied(
    events: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    """Every object of the file is as the file says, all others are as they were; a second time nothing is sent."""
    told, wanted = told_of(events), told_of(others)
    text = exported(wanted)
    assume(text)
    before = standing(told)
    found = read(told, text)
    assume(not plan(told, found, NOW_MS + 1, end_others=False).faults)
    apply(told, text)
    after = standing(told)

    named = standing(wanted)
    placed = {key: record for key, record in after.items() if key in found.wanted}
    assert sorted(map(str, placed.values())) == sorted(map(str, named.values()))
    assert {key: each for key, each in after.items() if key not in found.wanted} == {
        key: each for key, each in before.items() if key not in found.wanted
    }
    assert not planned(told, text, NOW_MS + 2).steps


@given(organisations, organisations)
def test_others_end_once_and_no_more(events: list[dict[str, Any]], others: list[dict[str, Any]]) -> None:
    """With the others ended as well a second time nothing is sent either."""
    told, wanted = told_of(events), told_of(others)
    text = exported(wanted)
    assume(text)
    assume(not plan(told, read(told, text), NOW_MS + 1, end_others=True).faults)
    apply(told, text, end_others=True)
    assert not planned(told, text, NOW_MS + 400_000, end_others=True).steps


def test_the_file_is_as_somebody_would_write_it() -> None:
    """Fields of the schema under the ids of their objects; no id where what it is of tells it."""
    told = told_of(())
    text = (
        "company: {time_zone: Europe/Amsterdam, currency: EUR}\n"
        "\n"
        "teams:\n"
        "  emea: {}\n"
        "  north:\n"
        "    parent_id: emea\n"
        "    time_zone: Europe/Amsterdam\n"
        "    calendar:\n"
        "      monday:\n"
        "      - ['09:00', '17:30']\n"
        "      holidays: NL\n"
        "\n"
        "memberships:\n"
        "- {rep_id: ada, team_id: north, valid_from: '2026-01-01T00:00:00Z'}\n"
    )
    apply(told, text)

    assert exported(told) == text


def test_what_another_source_named_keeps_its_id() -> None:
    """An entry whose id does not follow from what it says has it written down."""
    told = told_of([event("membership", "hr/1", NOW_MS, rep_id="ada", team_id="north")])

    assert exported(told) == "memberships:\n- {id: hr/1, rep_id: ada, team_id: north}\n"


def test_an_id_turns_no_terminal_around() -> None:
    """What is no letter of a line is escaped, and read back as it was."""
    told = told_of([event("rep", "a\u202eb", NOW_MS), event("rep", "Ö", NOW_MS)])
    text = exported(told)

    assert text == 'reps:\n  "\\xD6": {}\n  "a\\u202Eb": {}\n'
    assert not planned(told, text, end_others=True).steps


def test_a_membership_that_was_deleted_before_it_began_never_held() -> None:
    """The file says so by an end that is the beginning: one before it would be refused."""
    told = told_of([event("membership", "m", NOW_MS - 2000, rep_id="ada", team_id="north", valid_from=NOW_MS),
                    event("membership", "m", NOW_MS - 1000, verb="deleted")])  # fmt: skip
    at = "'2026-11-18T11:06:40Z'"

    assert (
        exported(told) == f"memberships:\n- {{id: m, rep_id: ada, team_id: north, valid_from: {at}, valid_to: {at}}}\n"
    )
    assert not planned(told, exported(told), end_others=True).steps
