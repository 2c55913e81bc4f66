"""What becomes of a batch that was left packed, and of a record that is longer than any event."""

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dead_letters.catalogue import Catalogue
from pipeline.dead_letters.display import lines
from pipeline.dead_letters.letter_record import LetterRecord
from pipeline.dead_letters.replay import plan
from pipeline.kernel.packed_batch import UnreadBatch
from pipeline.kernel.stage import Send, Stage
from pipeline.kernel.store import Store
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.ledger_policy import LedgerPolicy
from pipeline.ledger.roster import Roster, RosterPolicy
from schemas.cloud_events import LARGEST_EVENT_BYTES
from schemas.dead_letters import HEAD_BYTES, LARGEST_KEPT_KEY, read
from tests.harness.proofs import PROOFS
from tests.unit.dead_letters.test_dead_letters import TopicRecord
from tests.unit.ledger.world import NOON_MS, LogRecord, event

CALL = json.dumps(event("call", "c1", rep_id="rep-01", started_at=NOON_MS)).encode()


def stages() -> list[tuple[Stage, Store]]:
    """The folds of the source topics."""
    calls, deals, roster = Store(), Store(), Store()
    return [
        (Ledger("telephony", "telephony.events", 0, 1, calls, LedgerPolicy(), PROOFS), calls),
        (Ledger("crm", "crm.events", 0, 1, deals, LedgerPolicy(), PROOFS), deals),
        (Roster(0, 1, roster, RosterPolicy(), PROOFS), roster),
    ]


def letters(stage: Stage, *records: LogRecord) -> list[Send]:
    """The dead letters that a stage makes of these."""
    return [send for sends in stage.fold(records) for send in sends if send.topic == "dead-letters"]


def as_read(send: Send) -> LetterRecord:
    """A letter as the topic holds it."""
    return TopicRecord(0, send.headers, 0, send.key, send.value)


def test_a_batch_that_was_left_packed_is_one_letter_with_a_reason() -> None:
    """It is counted as refused, it moves time on, and it is never sent back: the letter has nothing of it."""
    for stage, store in stages():
        [letter] = letters(stage, LogRecord(41, NOON_MS, None, UnreadBatch.since(7)))
        refusal = read(letter.headers)
        assert refusal is not None
        assert (refusal.reason, refusal.arrival.origin.offset) == ("oversized_batch", 41)
        assert refusal.detail.startswith("batch from offset 7 up to this one: ")
        assert store.scalars["now_ms"] == NOON_MS
        assert store.scalars["tally"][-1][1:] == [1, 1]
        found = plan(Catalogue([as_read(letter)]).letters(), 4)
        assert (list(found.letters), found.left) == ([], {"a batch that was not unpacked": 1})


def test_its_neighbours_count() -> None:
    """The events before and behind it are taken in."""
    (stage, store), *_ = stages()
    found = letters(
        stage, LogRecord(1, NOON_MS, b"call:c1", CALL), LogRecord(9, NOON_MS, None, UnreadBatch.since(2)),
        LogRecord(10, NOON_MS, b"call:c2", CALL.replace(b"c1", b"c2")),
    )  # fmt: skip

    assert len(found) == 1
    assert store.scalars["tally"][-1][1:] == [3, 1]


@given(
    st.binary(max_size=9), st.integers(0, 300_000), st.none() | st.integers(0, 9000),
    st.integers(0, 3), st.integers(0, 90_000),
)  # fmt: skip
def test_a_letter_is_short_whatever_it_is_about(
    some: bytes, size: int, key_size: int | None, attributes: int, longest: int
) -> None:
    """It holds a record that an event may be as long as, and of others the head and a digest."""
    value, key = (some * (size // (len(some) or 1)))[:size], None if key_size is None else b"k" * key_size
    headers = [("ce_specversion", b"1.0"), *((f"ce_{n}", b"x" * longest) for n in range(attributes))]
    headers = headers if attributes else []
    (stage, _), *_ = stages()
    told = sum(len(name) + len(text) for name, text in headers)
    for letter in letters(stage, LogRecord(1, NOON_MS, key, value, headers)):
        kept = [*letter.headers, ("", letter.value or b""), ("", letter.key or b"")]
        assert sum(len(name) + len(text) for name, text in kept) < LARGEST_EVENT_BYTES + LARGEST_KEPT_KEY + 1000
        [found] = Catalogue([as_read(letter)]).letters()
        assert found.size_bytes == len(value)
        if len(value) + told <= LARGEST_EVENT_BYTES and len(key or b"") <= LARGEST_KEPT_KEY:
            assert (letter.key, letter.value, found.digest) == (key, value, None)
        else:
            assert found.digest == sha256(value).hexdigest()
            assert letter.value == value[:HEAD_BYTES]


@pytest.mark.parametrize("reason", ["too_large", "invalid_event"])
def test_a_letter_that_has_only_a_head_is_shown_and_not_sent_back(reason: str) -> None:
    """What would come back is another record; the source topic has this one."""
    value = b"x" * 70_000 if reason == "too_large" else b"[" + b",".join([b"{}"] * 30_000) + b"]"
    (stage, _), *_ = stages()
    [letter] = letters(stage, LogRecord(1, NOON_MS, b"k", value))
    [found] = Catalogue([as_read(letter)]).letters()

    assert found.refusal.reason == reason
    assert plan([found], 4).left == {"longer than any event, only its head is kept": 1}
    shown = "\n".join(lines(found, as_read(letter)))
    assert f"{len(value)} bytes, SHA-256 {sha256(value).hexdigest()}" in shown
    assert len(shown) < 2 * HEAD_BYTES
