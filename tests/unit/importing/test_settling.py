"""What is taken back comes to what was never told: settled by the versions of the pipeline's own objects."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.importing.settling import settle
from pipeline.importing.tellings import Telling, View, changes_of, data_of, event_of_telling, telling_of, view
from pipeline.sending.event import content_of, domain_of, id_of
from schemas.events import MODELS, iso

DAY_MS = 86_400_000
BEGAN_MS = 1_700_000_000_000
SOURCE = "crm"
FIELDS: dict[str, dict[str, Sequence[Any]]] = {
    "deal": {
        "stage_id": ["new", "offer", "won", None], "amount_minor": [100, 200, None], "owner_id": ["a", "b"],
        "created_at": [iso(BEGAN_MS), iso(BEGAN_MS + DAY_MS), None], "product": ["p", "q", None],
    },
    "lead": {"status": ["open", "converted", None], "owner_id": ["a", "b", None], "channel": ["web", None]},
    "meeting": {"status": ["scheduled", "held"], "starts_at": [iso(BEGAN_MS + DAY_MS), None], "rep_id": ["a", "b"]},
    "call": {"rep_id": ["a", None], "started_at": [iso(BEGAN_MS)], "direction": ["inbound", "outbound"]},
    "rep": {"active": [True, False, None], "country": ["DE", "FR"]},
    "membership": {"rep_id": ["a", "b"], "team_id": ["x", "y"], "valid_from": [iso(BEGAN_MS), None]},
    "team": {"parent_id": ["x", None], "time_zone": ["Europe/Berlin", "Asia/Tokyo"], "time_zone_from": ["2026-01-01"]},
    "process": {"stages": [[{"id": "new"}], [{"id": "won", "kind": "won"}]], "valid_from": [iso(BEGAN_MS)]},
    "company": {"currency": ["EUR", "USD"], "week_start": ["monday", "sunday"], "week_start_from": ["2026-01-01"]},
}  # fmt: skip
"""Of each kind some fields with some values."""
KINDS = st.sampled_from(sorted(FIELDS))


def told_once(kind: str, moment: tuple[int, int], data: dict[str, Any], verb: str, ingested_ms: int) -> Telling:
    """An event as an import makes it: its id follows from its content, without when it was imported."""
    bare = Telling(verb, *moment, 0, "", data if verb == "changed" else {})
    event = {k: v for k, v in event_of_telling(bare, SOURCE, f"{kind}:1").items() if k not in ("ingested", "id")}
    return bare._replace(id=id_of(content_of(event)), ingested_ms=ingested_ms)


@st.composite
def exports(draw: st.DrawFn, kind: str) -> list[list[Telling]]:
    """What several exports tell of one object: at few moments, so that they meet."""
    fields = {name: st.sampled_from(values) for name, values in FIELDS[kind].items()}
    verbs = st.sampled_from(["changed"] * 8 + ["deleted", "restored"])
    found = []
    for number in range(draw(st.integers(2, 4))):
        moments = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1)), max_size=4, unique=True))
        ingested_ms = BEGAN_MS + 10 * DAY_MS + number * 1000
        found.append([
            told_once(
                kind, (BEGAN_MS + day * DAY_MS, sequence), draw(st.fixed_dictionaries({}, optional=fields)),
                draw(verbs), ingested_ms,
            )
            for day, sequence in moments
        ])  # fmt: skip
    return found


def seen(kind: str, told: Sequence[Telling]) -> View:
    """How the object stands."""
    return view(kind, SOURCE, told)


def gone(kind: str, found: View) -> bool:
    """Whether an object counts as never told."""
    if kind in ("process", "company"):
        return not found.registers
    if kind == "membership":
        return found.life == "live" and found.registers["valid_from"] == found.registers["valid_to"]
    return found.life == "deleted"


@given(st.data(), KINDS)
def test_any_part_of_what_was_told_can_be_made_to_hold(data: st.DataObject, kind: str) -> None:
    """Export after export, some of them taken back and others put in force again, it is as if only these were told.

    Settled once there is nothing left to settle, and what was sent twice changes nothing.
    """
    told: list[Telling] = []
    known: list[list[Telling]] = []
    for export in data.draw(exports(kind)):
        latest_ms = max((each.ingested_ms for each in told), default=0)
        later = [each._replace(ingested_ms=max(each.ingested_ms, latest_ms + 1)) for each in export]
        known.append(later)
        told += later
        holds = data.draw(st.lists(st.booleans(), min_size=len(known), max_size=len(known)))
        target = [each for export_, held in zip(known, holds, strict=True) if held for each in export_]
        made = settle(f"{kind}:1", SOURCE, told, target)
        told += made

        if target:
            assert seen(kind, told) == seen(kind, target)
        elif told:
            assert gone(kind, seen(kind, told))
        assert settle(f"{kind}:1", SOURCE, told, target) == []
        assert seen(kind, [*told, *made]) == seen(kind, told)


@given(st.data(), KINDS)
def test_what_is_told_to_settle_is_an_event(data: st.DataObject, kind: str) -> None:
    """Valid under the schemas, with an id of its own, and read again as what it tells."""
    first, second, *_ = data.draw(exports(kind))
    told = [*first, *second]
    made = settle(f"{kind}:1", SOURCE, told, second)

    assert len({each.id for each in [*made, *told]}) == len(made) + len({each.id for each in told})
    for each in made:
        event = event_of_telling(each, SOURCE, f"{kind}:1")
        MODELS[event["type"]].model_validate(event)
        assert event["type"].startswith(domain_of(kind))
        assert telling_of(event) == each
        assert each.ingested_ms > max(other.ingested_ms for other in told)


@given(st.data(), KINDS)
def test_registers_are_told_by_the_events_that_give_them(data: st.DataObject, kind: str) -> None:
    """Dated fields and editions too: their data come to the same registers."""
    (first, *_) = data.draw(exports(kind))
    registers = seen(kind, first).registers
    anew: dict[str, Any] = {}
    for number, each in enumerate(data_of(kind, registers)):
        anew |= changes_of(kind, Telling("changed", BEGAN_MS, number, 1, "x", each))

    assert anew == registers


@pytest.mark.parametrize("kind", ["deal", "team"])
def test_one_that_stands_is_left_alone(kind: str) -> None:
    """Where all of it is to hold there is nothing to say."""
    told = [told_once(kind, (BEGAN_MS, 0), {next(iter(FIELDS[kind])): "x"}, "changed", BEGAN_MS + DAY_MS)]

    assert settle(f"{kind}:1", SOURCE, told, told) == []
    assert settle(f"{kind}:1", SOURCE, [], []) == []
