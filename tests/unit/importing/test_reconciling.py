"""What an export tells is found in the log or corrected; after that nothing is found."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.importing.reconciling import Said, corrections, deletion, differences, object_of
from pipeline.importing.tellings import Telling, event_of_telling
from schemas.events import MODELS, iso
from tests.unit.importing.test_settling import BEGAN_MS, DAY_MS, FIELDS, told_once

KINDS = st.sampled_from(["deal", "lead", "meeting", "call"])
NOW_MS = BEGAN_MS + 100 * DAY_MS
SOURCES = ("crm", "webhook")


@st.composite
def told(draw: st.DrawFn, kind: str, sources: Sequence[str] = SOURCES, ingested_ms: int = 0) -> list[Said]:
    """Some events of one object."""
    fields = {name: st.sampled_from(values) for name, values in FIELDS[kind].items()}
    moments = draw(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 1)), min_size=1, max_size=5, unique=True))
    return [
        Said(
            draw(st.sampled_from(sources)),
            told_once(
                kind, (BEGAN_MS + day * DAY_MS, number), draw(st.fixed_dictionaries({}, optional=fields)), "changed",
                ingested_ms,
            ),
        )
        for day, number in moments
    ]  # fmt: skip


@given(st.data(), KINDS, st.sampled_from([0, DAY_MS]))
def test_what_differs_is_corrected(data: st.DataObject, kind: str, within_ms: int) -> None:
    """Whatever the log has, live or imported, deleted or not: once corrected, the export finds nothing."""
    export = data.draw(told(kind, ("crm",), NOW_MS - DAY_MS))
    log = data.draw(told(kind) | told(kind, ("crm",), NOW_MS - 2 * DAY_MS))
    if data.draw(st.booleans()):
        log.append(Said("crm", Telling("deleted", BEGAN_MS + 5 * DAY_MS, 0, 0, "gone", {})))
    found = differences(kind, export, log, within_ms)
    made = corrections(f"{kind}:1", "crm", export, log, found, NOW_MS)
    after = [*log, *(Said("crm", each) for each in made)]

    assert (made == []) == (found == [])
    assert differences(kind, export, after, within_ms) == []
    for each in made:
        event = event_of_telling(each, "crm", f"{kind}:1")
        MODELS[event["type"]].model_validate(event)


@given(st.data(), KINDS)
def test_an_export_of_what_was_told_finds_nothing(data: st.DataObject, kind: str) -> None:
    """The same rows again, whenever they were imported."""
    export = data.draw(told(kind, ("crm",), NOW_MS - DAY_MS))
    log = [Said("crm", each.telling._replace(ingested_ms=NOW_MS - 2 * DAY_MS)) for each in export]

    assert differences(kind, export, log) == []


@given(st.data(), KINDS)
def test_what_is_not_in_the_log_is_told_as_it_is(data: st.DataObject, kind: str) -> None:
    """A row that was lost becomes the events that it should have been."""
    export = data.draw(told(kind, ("crm",), NOW_MS - DAY_MS))
    made = corrections(f"{kind}:1", "crm", export, [], [], NOW_MS)

    assert [(each.id, each.data) for each in made] == [(each.telling.id, each.telling.data) for each in export]
    assert differences(kind, export, [Said("crm", each) for each in made]) == []


@given(st.data(), KINDS)
def test_a_deletion_holds(data: st.DataObject, kind: str) -> None:
    """Whatever was told of the object."""
    log = data.draw(told(kind))
    made = deletion(f"{kind}:1", "crm", log, NOW_MS)

    assert object_of(kind, [*log, Said("crm", made)]).values["life"] == "deleted"


def deal(*said: tuple[int, str], ingested_ms: int = 0, **data: Any) -> list[Said]:
    """A deal that went through stages on these days."""
    return [
        Said(
            "crm", told_once("deal", (BEGAN_MS + day * DAY_MS, 0), {"stage_id": stage, **data}, "changed", ingested_ms)
        )
        for day, stage in said
    ]


def test_what_the_log_knows_beside_the_export_is_no_difference() -> None:
    """A stage in between, a field that the export does not have."""
    log = deal((0, "new"), (3, "offer"), (5, "won"), product="p")

    assert differences("deal", deal((0, "new"), (5, "won")), log) == []


def test_a_closing_on_another_day_is_found_and_mended() -> None:
    """The stage is the same, its day is not; within two days it would be the same."""
    log, export = deal((0, "new"), (3, "offer"), (5, "won")), deal((0, "new"), (7, "won"), ingested_ms=NOW_MS)
    (found,) = differences("deal", export, log)
    made = corrections("deal:1", "crm", export, log, [found], NOW_MS)
    after = object_of("deal", [*log, *(Said("crm", each) for each in made)])

    assert (found.field, found.export, found.at) == ("stage_id", "won", (BEGAN_MS + 7 * DAY_MS, 0))
    assert differences("deal", export, log, 2 * DAY_MS) == []
    assert [(at_ms - BEGAN_MS) // DAY_MS for at_ms, stage in after.timeline("stage_id") if stage == "won"] == [7]


def test_instants_within_a_day_are_the_same_where_somebody_says_so() -> None:
    """A date stands for a day, the log has the minute."""
    export = deal((0, "new"), created_at=iso(BEGAN_MS))
    log = deal((0, "new"), created_at=iso(BEGAN_MS + 5000))

    assert [each.field for each in differences("deal", export, log)] == ["created_at"]
    assert differences("deal", export, log, 5000) == []
