import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.verdicts import Accepted, Judge, Refused
from pipeline.kinds.kind import Retention
from schemas.decoding import Decoder
from schemas.events import MODELS
from schemas.types import LIMIT_MS
from tests.unit.ledger.any_events import any_event
from tests.unit.ledger.world import NOON_MS, event

RETENTION = Retention(LIMIT_MS, LIMIT_MS, 800)
"""Nothing is late."""
DECODERS = {domain: Decoder(domain) for domain in ("crm", "telephony")}


class Slow(Judge):
    """Judges by the models alone."""

    def __init__(self, domain: str) -> None:
        super().__init__(domain, 300_000, RETENTION)
        self._decoder = None


SLOW = {domain: Slow(domain) for domain in DECODERS}
FAST = {domain: Judge(domain, 300_000, RETENTION) for domain in DECODERS}
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        1.5,
        10**20,
        "",
        "x",
        "x\n",
        "a b",
        "é",
        "2025-11-03",
        "2025-11-03T12:00:00Z",
        "1762167600",
        "2025-11-03T12:00Z",
        "2025-11-03T12:00:00.123+05:30",
        "1969-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
        "EUR",
        [],
        {},
    ]
)


@given(any_event(), st.integers(NOON_MS - 10**10, NOON_MS + 10**10))
def test_a_refusal_is_that_of_the_verdict(one: dict[str, Any], append_ms: int) -> None:
    """Whoever only asks whether an event would be refused is told the same."""
    domain = one["type"].partition(".")[0]
    judge, value = (
        Judge(domain, 300_000, None if domain == "org" else Retention(10**9, 10**9, 800)),
        json.dumps(one).encode(),
    )
    verdict = judge.judge(value, append_ms)

    assert judge.refusal(value, append_ms) == (verdict if isinstance(verdict, Refused) else None)


@given(any_event(), st.data())
def test_what_is_read_fast_is_what_the_models_say(one: dict[str, Any], data: st.DataObject) -> None:
    """An event, with any field made odd, is accepted by both or by neither, with the same version and changes."""
    domain = one["type"].partition(".")[0]
    if domain not in DECODERS:
        return
    for odd in data.draw(st.lists(st.sampled_from([*one, *(f"data.{name}" for name in one["data"])]), max_size=2)):
        target, name = (one["data"], odd[5:]) if odd.startswith("data.") else (one, odd)
        if isinstance(target, dict):
            target[name] = data.draw(ODD)
    value = json.dumps(one).encode()

    assert FAST[domain].judge(value, NOON_MS) == SLOW[domain].judge(value, NOON_MS)


@pytest.mark.parametrize("name", sorted(name for name in MODELS if not name.startswith("org.")))
def test_every_type_is_read_fast(name: str) -> None:
    """There is no event type of the two domains that only the slow way can read."""
    domain, kind, verb = name.split(".")
    data: dict[str, Any] = {"into": "2"} if verb == "merged" else {}
    read = DECODERS[domain].read(json.dumps(event(kind, "1", verb=verb, **data)).encode())

    assert read is not None
    assert (read.type, read.subject, read.data) == (name, f"{kind}:1", data)


@pytest.mark.parametrize(
    "value",
    [
        *(b"[" * depth + b"]" * depth for depth in (98, 99, 100, 197, 198, 199, 200, 201, 300, 1500)),
        b'{"a":' * 220 + b"1" + b"}" * 220,
        b'{"a":[' * 110 + b"]}" * 110,
        b"9" * 4300,
        b"9" * 4301,
        b"-" + b"9" * 9000,
        b"1." + b"9" * 5000,
        b'"' + b"[" * 3000 + b'"',
        b"1e400",
        b"NaN",
        b'"\\ud800"',
    ],
    ids=lambda value: f"{value[:6]}, {len(value)} bytes",
)
@pytest.mark.parametrize("place", [b'{"unknown": ', b'{"data": {"unknown": '])
def test_unknown_fields_are_as_odd_as_the_models_allow(value: bytes, place: bytes) -> None:
    """What is passed over is held to the same limits of depth and size, in the envelope and in the data."""
    one = json.dumps(event("call", "1")).encode()
    odd = one.replace(b'"data": {', b'"data": {"unknown": ' + value) if b"data" in place else (
        one[:-1] + b', "unknown": ' + value + b"}"
    )  # fmt: skip

    assert FAST["telephony"].judge(odd, NOON_MS) == SLOW["telephony"].judge(odd, NOON_MS)


def test_bytes_that_are_no_text_are_not_read() -> None:
    """Bad UTF-8 is refused even in a field that nobody knows."""
    value = json.dumps(event("call", "1", started_at=NOON_MS)).encode()
    bad = value[:-1] + b', "unknown": "\xff"}'

    assert isinstance(FAST["telephony"].judge(value, NOON_MS), Accepted)
    assert DECODERS["telephony"].read(bad) is None
    assert not isinstance(FAST["telephony"].judge(bad, NOON_MS), Accepted)
