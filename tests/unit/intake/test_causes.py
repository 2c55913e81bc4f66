"""Why an event is refused, in words that say the field and what is allowed there."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import StringConstraints, TypeAdapter

from pipeline.dead_letters.given import given_in
from pipeline.intake.causes import HOURS, PATTERNS
from pipeline.intake.verdicts import Judge, Refused
from pipeline.intake.zone_names import likely_zone
from schemas import crm, org, telephony, types
from schemas.dead_letters import DETAIL_CHARACTERS, printable
from schemas.events import MODELS
from schemas.ids import ALLOWED
from tests.unit.ledger.any_events import any_event
from tests.unit.ledger.world import NOON_MS, event

JUDGES = {domain: Judge(domain, 300_000) for domain in ("crm", "telephony", "org")}
SLUG = "allowed are 1 to 64 letters of ASCII, digits, '_', '.' and '-'"
DIGITS = "^[0-9]{1,16}$"
"""Of a sequence in text, which has words of its own."""
CODES = ("string_", "int_", "float_", "bool_", "dict_", "list_", "model_", "union_", "value_", "date_", "literal_")
"""How the names begin that a library gives errors."""
BACKWARDS = ("before data.valid_from", "before data.period_start")
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 1.5, 10**20, "", "a\nb", "secret é", "2025-13-03", "secret" * 100, [], [["secret"]], {}, {"a": 1}]
)


def refusal(value: bytes, domain: str = "crm") -> str:
    """Reason and detail of a record that is refused."""
    verdict = JUDGES[domain].judge(value, NOON_MS)
    assert isinstance(verdict, Refused)
    return f"{verdict.reason}: {verdict.detail}"


@given(any_event(), st.data())
def test_every_refusal_is_in_words(one: dict[str, Any], data: st.DataObject) -> None:
    """A field and what is allowed: no code of a library, nothing the event holds, and never so long as to be cut."""
    domain, kind, verb = one["type"].split(".")
    fields = list(MODELS[f"{domain}.{kind}.changed"].model_fields["data"].annotation.model_fields)  # type: ignore[union-attr]
    odd = data.draw(st.sampled_from([*one, *(f"data.{name}" for name in fields if verb == "changed")]))
    target, name = (one["data"], odd[5:]) if odd.startswith("data.") else (one, odd)
    target[name] = data.draw(ODD)
    verdict = JUDGES[domain].judge(json.dumps(one).encode(), NOON_MS)

    if isinstance(verdict, Refused) and verdict.reason in ("invalid_event", "unknown_type"):
        where, _, words = verdict.detail.partition(": ")
        assert where.startswith((odd, "event")) or words in ("the object itself", *BACKWARDS)
        assert words
        assert not words.startswith(CODES)
        assert "secret" not in verdict.detail
        assert verdict.detail == printable(verdict.detail)
        assert len(verdict.detail) <= DETAIL_CHARACTERS


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"source": 7}, f"source: allowed is {ALLOWED}"),
        ({"sequence": "17a"}, "sequence: allowed is a whole number up to 9007199254740992, as a number or in digits"),
        ({"subject": "lead:1"}, f"subject: allowed is deal: and an id, {ALLOWED}"),
        ({"time": "2025-11-03T12:00:00"}, "time: allowed is a time with its zone, such as 2026-11-23T10:15:00Z"),
        ({"time": "2025-13-01T12:00:00Z"}, "time: allowed is a time with its zone, such as 2026-11-23T10:15:00Z"),
        ({"time": 1762167600}, "time: allowed is a time with its zone, such as 2026-11-23T10:15:00Z"),
        ({"type": "crm.deal.change"}, "type: unknown here; likely crm.deal.changed"),
        ({"type": "telephony.call.changed"}, "type: belongs to the topic telephony.events"),
        ({"specversion": "0.3"}, "specversion: allowed is '1.0'"),
        ({"data": {"owner_id": 4711}}, f"data.owner_id: allowed is {ALLOWED}"),
        ({"data": {"amount_minor": 1000.0}}, "data.amount_minor: allowed is a whole number"),
        ({"data": {"amount_minor": 10**16}}, "data.amount_minor: allowed is 1000000000000000 or less"),
        ({"data": {"stage_id": "Closed Won"}}, f"data.stage_id: {SLUG}"),
        ({"data": {"currency": "eur"}}, "data.currency: allowed is an ISO 4217 code in capitals, such as EUR"),
        ({"data": [1]}, "data: allowed is an object"),
    ],
)  # fmt: skip
def test_the_words_say_what_is_allowed(change: dict[str, Any], detail: str) -> None:
    """Each mistake that newcomers make."""
    one = json.dumps(event("deal", "1") | change).encode()

    assert refusal(one) == f"{'unknown_type' if 'type' in change else 'invalid_event'}: {detail}"


GOOD = json.dumps(event("deal", "1")).encode()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (json.dumps({"schema": {}, "payload": event("deal", "1")}).encode(), "envelope of Kafka Connect"),
        (json.dumps({"before": None, "after": {}, "op": "c"}).encode(), "change event of Debezium"),
        (b"\x00\x00\x00\x00\x07" + GOOD, "Schema Registry prefix"),
        (json.dumps(GOOD.decode()).encode(), "encode the event once, not twice"),
        (b"\xef\xbb\xbf" + GOOD, "byte order mark (BOM)"),
        (GOOD.decode().encode("utf-16"), "UTF-16"),
        (b"\x1f\x8b" + GOOD, "compressed with gzip"),
        (b"<event/>", "XML"),
        (GOOD + b"\n" + GOOD, "several lines of JSON"),
        (b"{}", "no CloudEvent; missing: id, source, specversion, subject, time, type"),
        (b"7", "a single value"),
        (b'{"id": ', "EOF while parsing"),
    ],
)
def test_usual_shapes_are_called_by_their_names(value: bytes, said: str) -> None:
    """What connectors and serializers make of an event."""
    assert said in refusal(value)


@pytest.mark.parametrize(
    ("kind", "changes", "said"),
    [
        ("rate", {"rate": 0.9}, "data.rate: allowed is a decimal number as text, such as 0.92"),
        ("rate", {"currency": 978}, "data.currency: allowed is an ISO 4217 code in capitals, such as EUR"),
        ("team", {"parent_id": 7}, f"data.parent_id: allowed is {ALLOWED}"),
        ("team", {"calendar": {"monday": "09:00-17:00"}}, f"data.calendar.monday: {HOURS}"),
        ("team", {"calendar": {"monday": ["09:00", "17:00"]}}, f"data.calendar.monday.0: {HOURS}"),
        ("process", {"stages": [{"id": 7}]}, f"data.stages.0.id: {SLUG}"),
    ],
)
def test_the_words_are_those_of_the_field(kind: str, changes: dict[str, Any], said: str) -> None:
    """A number where a text of some form belongs is told that form."""
    assert refusal(json.dumps(event(kind, "1", **changes)).encode(), "org") == f"invalid_event: {said}"


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        ("cost", {"period_start": "2025-11-03"}, {"period_end": "2025-11-02"}),
        ("membership", {"valid_from": NOON_MS}, {"valid_to": NOON_MS - 1}),
    ],
)
def test_a_period_does_not_end_before_it_begins(kind: str, first: dict[str, Any], last: dict[str, Any]) -> None:
    """Where an event gives both ends; one of them alone may be corrected by another event."""
    domain = "crm" if kind == "cost" else "org"
    [(begins, _)], [(ends, end)] = first.items(), last.items()
    one = json.dumps(event(kind, "1", **first, **last)).encode()
    assert refusal(one, domain) == f"invalid_event: data.{ends}: before data.{begins}"
    for part in (first, last, {begins: end, ends: end}):
        assert not isinstance(JUDGES[domain].judge(json.dumps(event(kind, "1", **part)).encode(), NOON_MS), Refused)


@pytest.mark.parametrize(
    ("zone", "likely"),
    [
        ("europe/amsterdam", "Europe/Amsterdam"),
        ("Eastern Standard Time", "America/New_York"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Eastern Time (US & Canada)", "America/New_York"),
        ("Amsterdam", "Europe/Amsterdam"),
        ("New York", "America/New_York"),
        ("Factory", None),
        ("Mars/Olympus", None),
    ],
)
def test_a_zone_is_likely_another(zone: str, likely: str | None) -> None:
    """Windows, Rails, cities and other spellings; what stands for no zone is none."""
    assert likely_zone(zone) == likely
    said = refusal(json.dumps(event("team", "north", time_zone=zone)).encode(), "org")
    assert said.startswith("invalid_event: data.time_zone: allowed is an IANA name")
    assert said.endswith(f"; likely {likely}" if likely else "such as Europe/Amsterdam")


def test_every_pattern_has_words() -> None:
    """Whatever pattern the schemas hold a text to, somebody has written what it allows."""
    found = {
        str(part.pattern)
        for module in (crm, org, telephony, types)
        for each in vars(module).values()
        for part in getattr(each, "__metadata__", ())
        if isinstance(part, StringConstraints) and part.pattern is not None
    }
    used = set(re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', json.dumps(
        [TypeAdapter(model).json_schema() for model in MODELS.values()]
    )))  # fmt: skip

    assert found <= PATTERNS.keys()
    ids = re.compile(r"\^(\w+:)?(\(.*\))?\[\^.*\][+*]\$").fullmatch  # and sources: validators of their own say it
    assert {each for each in map(json.loads, used) if not ids(each)} == {*PATTERNS, DIGITS}


def test_a_list_of_letters_shows_what_was_given() -> None:
    """The value of the field the detail names, short; nothing where there is no such field."""
    value = json.dumps(event("deal", "1", owner_id=4711, stage_id="x" * 99)).encode()

    assert given_in(value, (), "data.owner_id: allowed is a text") == "4711"
    assert given_in(value, (), "data.stage_id: too long") == f'"{"x" * 36}...'
    assert given_in(value, (), "data.none.0: missing") is None
