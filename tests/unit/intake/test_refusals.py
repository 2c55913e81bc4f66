"""What becomes of refused records: dead letters with their origin, attempts that add up, and the tally."""

import json
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dead_letters.catalogue import Catalogue
from pipeline.dead_letters.replay import plan
from pipeline.intake.refusals import TALLY
from pipeline.kernel.store import Store
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.ledger_policy import LedgerPolicy
from schemas import control, dead_letters
from schemas.control import FORWARDED, KIND_HEADER, LINK, Forwarded, Position
from schemas.dead_letters import DETAIL_CHARACTERS, Arrival, Origin, Refusal, arrival_headers, read
from tests.harness.proofs import PROOFS, proven, signed
from tests.unit.dead_letters.test_dead_letters import TopicRecord
from tests.unit.ledger.world import DAY, MINUTE, NOON_MS, LogRecord, event

HERE = "telephony.events"
GOOD = json.dumps(event("call", "c1", rep_id="rep-01", started_at=NOON_MS)).encode()
OLD = json.dumps(event("call", "c2", rep_id="rep-01", started_at=NOON_MS - 90 * DAY)).encode()


def refusals(*records: LogRecord, store: Store | None = None) -> list[Refusal]:
    """What the headers say of the dead letters that these records make."""
    ledger = Ledger("telephony", HERE, 0, 1, Store() if store is None else store, LedgerPolicy(), PROOFS)
    letters = [send for sends in ledger.fold(records) for send in sends if send.topic == "dead-letters"]
    found = [read(letter.headers) for letter in letters]
    assert None not in found
    return [each for each in found if each is not None]


def sent_again(offset: int, value: bytes, came: Arrival) -> LogRecord:
    """A letter as an operator sends it back."""
    return LogRecord(offset, NOON_MS, b"k", value, proven(arrival_headers(came), value, HERE, 0, b"k"))


def test_the_first_attempt_is_the_origin() -> None:
    """A record that was never replayed comes from where it stands."""
    [found] = refusals(LogRecord(7, NOON_MS, b"k", b"{"))

    assert found.arrival == Arrival(Origin(HERE, 0, 7), NOON_MS, 1)
    assert (found.reason, found.refused_ms) == ("invalid_json", NOON_MS)


def test_a_replayed_record_keeps_its_origin_and_counts_its_attempts() -> None:
    """Refused again, it is the next attempt of the same origin, refused now."""
    came = Arrival(Origin(HERE, 0, 2), NOON_MS - DAY, 4)
    [found] = refusals(sent_again(7, b"{", came))

    assert found.arrival == replace(came, attempt=5)
    assert found.refused_ms == NOON_MS


@pytest.mark.parametrize(
    "came",
    [
        Arrival(Origin("org.changes", 0, 2), NOON_MS - DAY),
        Arrival(Origin("state.crm", 0, 2), NOON_MS - DAY),
        Arrival(Origin(HERE, 0, 2), NOON_MS + 1),
        Arrival(Origin(HERE, 0, 2), NOON_MS, 1_000_000),
        Arrival(Origin(HERE, 1, 2), NOON_MS),
        Arrival(Origin(HERE, 0, 2**53), NOON_MS),
    ],
)
def test_an_origin_that_cannot_be_is_not_believed(came: Arrival) -> None:
    """Another topic, a partition that there is not, the future or a million attempts are nobody's."""
    [found] = refusals(sent_again(7, b"{", came))

    assert found.arrival == Arrival(Origin(HERE, 0, 7), NOON_MS, 1)


@pytest.mark.parametrize("value", [b"", b"-1", b"x", b"1" * 19, "١".encode()])
def test_an_attempt_that_is_no_number_is_not_believed(value: bytes) -> None:
    """Nor is a number that is none."""
    headers = (*arrival_headers(Arrival(Origin(HERE, 0, 2), NOON_MS))[:-1], ("dlq.attempt", value))
    [found] = refusals(LogRecord(7, NOON_MS, b"k", b"{", proven(headers, b"{", HERE, 0, b"k")))

    assert found.arrival == Arrival(Origin(HERE, 0, 7), NOON_MS, 1)


def test_a_forwarded_record_is_refused_as_it_came() -> None:
    """The dead letter of a record that was passed on names its first place and holds its own key and value."""
    passed = Forwarded(HERE, 3, Position(11, 0), NOON_MS - MINUTE, b"call:c1", b"{")
    value = control.pack_forwarded(passed)
    record = LogRecord(7, NOON_MS, b"x", value, signed(FORWARDED, value, HERE, 0, b"x"))
    ledger = Ledger("telephony", HERE, 0, 4, Store(), LedgerPolicy(), PROOFS)
    [letter] = [send for sends in ledger.fold([record]) for send in sends if send.topic == "dead-letters"]
    found = read(letter.headers)

    assert found is not None
    assert found.arrival == Arrival(Origin(HERE, 3, 11), NOON_MS - MINUTE, 1)
    assert (letter.key, letter.value, letter.partition) == (b"call:c1", b"{", 0)


def test_the_tally_counts_events_and_refused_ones_by_minute() -> None:
    """The latest three minutes of append time are kept, each with its events and those refused."""
    store = Store()
    minutes = [LogRecord(n, NOON_MS + n // 2 * MINUTE, None, GOOD if n % 2 else b"{") for n in range(8)]
    refusals(*minutes, store=store)

    assert store.scalars[TALLY] == [[NOON_MS // MINUTE + n, 2, 1] for n in (1, 2, 3)]


@given(st.lists(st.tuples(st.integers(0, 40_000), st.booleans()), max_size=30), st.integers(1, 7))
def test_the_tally_is_the_same_whatever_the_batches(records: list[tuple[int, bool]], batch: int) -> None:
    """It follows from the log alone, also where append times go back."""
    log = [
        LogRecord(n, NOON_MS + n * 5000 + later_ms, None, GOOD if good else b"{")
        for n, (later_ms, good) in enumerate(records)
    ]
    whole, again = Store(), Store()
    refusals(*log, store=whole)
    ledger = Ledger("telephony", HERE, 0, 1, again, LedgerPolicy(), PROOFS)
    for start in range(0, len(log), batch):
        for _ in ledger.fold(log[start : start + batch]):
            pass

    assert whole.scalars.get(TALLY) == again.scalars.get(TALLY)


def test_late_events_replays_and_control_records_are_not_tallied() -> None:
    """They say nothing of the events that producers send now; what bears no proof hides nothing."""
    store = Store()
    came = Arrival(Origin(HERE, 0, 0), NOON_MS)
    refusals(
        LogRecord(1, NOON_MS, None, OLD),
        sent_again(2, b"{", came),
        sent_again(3, GOOD, came),
        LogRecord(4, NOON_MS, None, b"", signed(control.TICK, b"", HERE, 0)),
        LogRecord(5, NOON_MS, None, b"junk", signed(LINK, b"junk", HERE, 0)),
        LogRecord(6, NOON_MS, None, b"junk", ((KIND_HEADER, LINK),)),
        LogRecord(7, NOON_MS, None, b"{", arrival_headers(came)),
        store=store,
    )

    assert store.scalars[TALLY] == [[NOON_MS // MINUTE, 1, 1]]


def test_headers_are_read_as_they_were_written() -> None:
    """Everything comes back, the detail in printable ASCII and cut to its length."""
    refusal = Refusal(Arrival(Origin(HERE, 1, 2), 3, 4), "late", "ü\x1b[1m" + "x" * 600, 5, "0.1")
    found = read(dead_letters.headers(refusal))

    assert found == replace(refusal, detail=("??[1m" + "x" * 600)[:DETAIL_CHARACTERS])


@given(st.binary(max_size=200), st.none() | st.binary(max_size=20))
def test_without_bodies_a_letter_holds_nothing_of_its_record(value: bytes, key: bytes | None) -> None:
    """Reason, place, length and digest; it is shown, and never sent back."""
    ledger = Ledger("telephony", HERE, 0, 1, Store(), LedgerPolicy(letter_bodies=False), PROOFS)
    headers = (("ce_specversion", b"1.0"), ("ce_subject", b"call:somebody"))
    record = LogRecord(3, NOON_MS, key, b"{" + value, headers)
    [letter] = [send for sends in ledger.fold([record]) for send in sends if send.topic == "dead-letters"]
    [found] = Catalogue([TopicRecord(0, letter.headers, key=letter.key, value=letter.value)]).letters()

    assert (letter.key, letter.value) == (None, b"")
    assert all(name.startswith("dlq.") for name, _ in letter.headers)
    assert (found.size_bytes, found.digest) == (len(value) + 1, sha256(b"{" + value).hexdigest())
    assert plan([found], 4).left == {"nothing of it was kept": 1}
