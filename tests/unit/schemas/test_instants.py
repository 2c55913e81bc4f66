"""Times as text: read exactly, whatever was read before, and by both readers alike."""

import json
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from pipeline.intake.verdicts import Accepted
from schemas.readers import Instants
from schemas.types import Instant, instant_ms
from tests.unit.ledger.any_events import any_event
from tests.unit.ledger.world import NOON_MS, event
from tests.unit.schemas.test_decoding import FAST, SLOW

MODEL: TypeAdapter[int] = TypeAdapter(Instant)
OFFSETS = st.sampled_from(["Z", "z", "+00:00", "-00:00", "+05:30", "-0330", "+14:00"])


@st.composite
def stamps(draw: st.DrawFn) -> tuple[str, int]:
    """A time with 0 to 12 digits behind the second, and its milliseconds, worked out apart."""
    second = draw(st.integers(1_762_127_990, 1_762_128_130) | st.integers(86_400, 4_102_444_800))
    digits = draw(st.text("0123456789", max_size=12) | st.just("9999999"))
    offset = draw(OFFSETS)
    zone = UTC
    if offset not in ("Z", "z"):
        hours, minutes = int(offset[1:3]), int(offset[-2:])
        zone = timezone((-1 if offset[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))
    local = datetime.fromtimestamp(second, zone).strftime(f"%Y-%m-%d{draw(st.sampled_from('Tt '))}%H:%M:%S")
    return f"{local}{'.' + digits if digits else ''}{offset}", second * 1000 + int((digits + "000")[:3])


@given(st.lists(stamps(), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_a_time_is_read_alike_whatever_was_read_before(told: list[tuple[str, int]], random: Random) -> None:
    """Milliseconds are cut off, never rounded: in any order, by one process or a fresh one each, and by the models."""
    random.shuffle(told)
    lasting = Instants()

    assert [lasting[text] for text, _ in told] == [at_ms for _, at_ms in told]
    assert [Instants()[text] for text, _ in told] == [at_ms for _, at_ms in told]
    assert [MODEL.validate_json(json.dumps(text)) for text, _ in told] == [at_ms for _, at_ms in told]


NO_TIMES = [
    "", "2025-11-03", "2025-11-03T12:00:00", "2025-11-03T12:00:60Z", "2025-11-03T24:00:00Z", "2025-11-03T12:00:00.Z",
    "2025-11-03T12:00:00,5Z", "2025-11-03T12:00:00Z\n", " 2025-11-03T12:00:00Z", "2025-11-03T12:00:00+24:00",
    "2025-11-03T12:00:00+05", "2025-02-30T12:00:00Z", "2025-W45-1T12:00:00Z", "20251103T120000Z", "1762167600",
    "2025-11-03_12:00:00Z", "２025-11-03T12:00:00Z", "0000-01-01T00:00:00Z", "1970-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-23:59", "2200-01-01T00:00:00Z",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_is_no_time_is_none_to_both(text: str) -> None:
    """Also where a library or a newer Python would guess at it."""
    with pytest.raises(ValueError, match=r"with its zone|1970|month|day|year"):
        Instants()[text]
    with pytest.raises(ValidationError):
        MODEL.validate_json(json.dumps(text))


@pytest.mark.parametrize(
    ("text", "at_ms"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2199-12-31T23:59:59.9999999Z", 7_258_118_399_999),
        ("2025-11-03T11:00Z", NOON_MS),
        ("2025-11-03t13:00:00.0009+0200", NOON_MS),
    ],
)
def test_times_at_the_edge_are_read(text: str, at_ms: int) -> None:
    """The first and the last instant there is; seconds and the colon of the offset may be left out."""
    assert instant_ms(text) == Instants()[text] == at_ms


@given(any_event(), st.data())
def test_events_with_a_byte_changed_are_the_same_to_both_readers(one: dict[str, Any], data: st.DataObject) -> None:
    """Accepted by both with the same version and changes, or refused by both: times above all are changed."""
    domain = one["type"].partition(".")[0]
    if domain not in FAST:
        return
    value = bytearray(json.dumps(one).encode())
    start = value.index(b'"time": "')
    places = st.integers(start, start + 40) | st.integers(0, len(value) - 1)
    for _ in range(data.draw(st.integers(1, 4))):
        at = min(data.draw(places), len(value) - 1)
        change = data.draw(st.sampled_from(["put", "insert", "delete"]))
        byte = data.draw(st.sampled_from(b'zZtT:.+-0159 "\\{}[],eE') | st.integers(0, 255))
        if change == "delete":
            del value[at]
        elif change == "insert":
            value.insert(at, byte)
        else:
            value[at] = byte

    assert FAST[domain].judge(bytes(value), NOON_MS) == SLOW[domain].judge(bytes(value), NOON_MS)


def test_a_lower_case_z_is_a_time_to_both() -> None:
    """RFC 3339 allows `z` and `t`."""
    told = event("call", "1", NOON_MS, started_at=NOON_MS)
    value = json.dumps(told).replace("Z", "z").replace("T11", "t11").encode()

    assert isinstance(FAST["telephony"].judge(value, NOON_MS), Accepted)
    assert FAST["telephony"].judge(value, NOON_MS) == SLOW["telephony"].judge(value, NOON_MS)
