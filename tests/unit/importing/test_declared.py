"""What an organisation declares does not hang on how its events came, nor on what else lies in their log."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.importing.declared import Declared, declared_by
from pipeline.importing.logs import LogRecord, told_of
from tests.unit.ledger.world import event

APPENDED_MS = 1_795_867_200_000
STAGES = [{"id": "new"}, {"id": "booked", "kind": "won"}, {"id": "gone", "kind": "lost", "former_ids": ["away"]}]
EVENTS = (
    event("team", "north", APPENDED_MS, time_zone="UTC"),
    event("rep", "7", APPENDED_MS, active=True),
    event("process", "default", APPENDED_MS, stages=STAGES),
)
DECLARED = Declared(
    teams={"north"}, reps={"7"}, closing={"booked", "gone", "away"},
    stages={("default", name) for name in ("new", "booked", "gone", "away")},
)  # fmt: skip
DEEP = json.dumps(event("team", "deep", APPENDED_MS, time_zone="UTC")).encode()[:-1]
DEEP += b', "more": ' + b"[" * 12_000 + b"]" * 12_000 + b"}"
REFUSED = (
    b"[" * 60_000,
    DEEP,
    b"not JSON", b"null", b"",
    json.dumps(event("team", "late", APPENDED_MS, time_zone="Nowhere/Nowhere")).encode(),
    json.dumps(event("rep", "8", APPENDED_MS + 40 * 86_400_000, active=True)).encode(),
)  # fmt: skip
"""What the pipeline takes no word of."""


def _record(value: bytes, *headers: tuple[str, bytes], control: bool = False) -> LogRecord:
    return LogRecord("org.changes", None, value, APPENDED_MS, control, headers)


def _structured(told: dict[str, Any]) -> LogRecord:
    return _record(json.dumps(told).encode())


def _binary(told: dict[str, Any]) -> LogRecord:
    attributes = [(f"ce_{name}", str(value).encode()) for name, value in told.items() if name != "data"]
    return _record(json.dumps(told["data"]).encode(), ("content-type", b"application/json"), *attributes)


def _batch(told: dict[str, Any]) -> LogRecord:
    return _record(json.dumps([told]).encode(), ("content-type", b"application/cloudevents-batch+json"))


@given(st.data())
def test_the_same_is_declared_in_any_mode_beside_anything_refused(data: st.DataObject) -> None:
    """Each event in one of the three modes; what is refused, and control records, declare nothing and break nothing."""
    told = [data.draw(st.sampled_from((_structured, _binary, _batch)))(each) for each in EVENTS]
    noise = [_record(value) for value in data.draw(st.lists(st.sampled_from(REFUSED), max_size=4))]
    control = _record(json.dumps(event("team", "own", APPENDED_MS, time_zone="UTC")).encode(), control=True)
    log = data.draw(st.permutations([*told, *noise, control]))

    assert declared_by(told_of(log), 300_000) == DECLARED
