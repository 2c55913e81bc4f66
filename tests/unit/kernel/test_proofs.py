"""Proofs hold for one record in one place, by keys that are known, and the audit's own rule agrees."""

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from pipeline.audit.own_records import OwnRecords
from pipeline.kernel.proofs import Proofs
from pipeline.kernel.stage import Headers
from pipeline.topics.table import SOURCES
from schemas.control import KIND_HEADER, LINK, PROOF_HEADER

OLD, NEW = b"the-secret-that-is-about-to-retire", b"the-secret-that-has-just-been-made"
BEFORE, AFTER = {"k1": OLD}, {"k2": NEW, "k1": OLD}
NAMES = st.sampled_from([KIND_HEADER, "dlq.attempt", "ce_id", "x"]) | st.text(max_size=5)
TOLD = st.lists(st.tuples(NAMES.filter(lambda name: name != PROOF_HEADER), st.binary(max_size=8)), max_size=3)
BYTES = st.none() | st.binary(max_size=12)
Said = tuple[bytes | None, bytes | None, Headers]
PLACES = st.tuples(st.sampled_from(SOURCES), st.integers(0, 40))


@dataclass(frozen=True)
class Written:
    """A record as a reader gives it."""

    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: int = 0


def written(proofs: Proofs, place: tuple[str, int], key: bytes | None, value: bytes | None, told: Headers) -> Written:
    """A record with its proof."""
    return Written(key, value, proofs.at(*place).signed(value, key, told))


def agrees(secrets: dict[str, bytes], namespace: str, place: tuple[str, int], record: Written) -> bool:
    """Whether a record is the pipeline's own; the audit's rule says the same."""
    here = Proofs(secrets, namespace).at(*place).holds(record)
    assert OwnRecords(secrets, namespace, 41, 0).wrote(*place, record) == here
    return here


@given(PLACES, BYTES, BYTES, TOLD.map(tuple))
def test_what_was_signed_holds_where_it_was_meant_to_lie(
    place: tuple[str, int], key: bytes | None, value: bytes | None, told: Headers
) -> None:
    """With the signing key, and with the next one beside it; in no other place, deployment or set of keys."""
    record = written(Proofs(BEFORE, "here"), place, key, value, told)
    topic, partition = place

    assert agrees(BEFORE, "here", place, record)
    assert agrees(AFTER, "here", place, record)
    assert not agrees({"k2": NEW}, "here", place, record)
    assert not agrees({"k1": NEW}, "here", place, record)
    assert not agrees(BEFORE, "there", place, record)
    assert not agrees(BEFORE, "here", (topic, partition + 1), record)
    assert not agrees(BEFORE, "here", (SOURCES[SOURCES.index(topic) - 1], partition), record)


@given(PLACES, st.tuples(BYTES, BYTES, TOLD.map(tuple)), st.tuples(BYTES, BYTES, TOLD.map(tuple)))
def test_a_proof_is_of_one_record_alone(place: tuple[str, int], one: Said, other: Said) -> None:
    """Whatever is said otherwise, or in other parts, needs another one."""
    record = written(Proofs(BEFORE, "here"), place, *one)
    key, value, told = other
    moved = Written(key, value, (*told, record.headers[-1]))

    assert agrees(BEFORE, "here", place, moved) == (one == other)


@given(st.binary(max_size=60))
def test_nothing_else_is_a_proof(given_: bytes) -> None:
    """Neither any bytes, nor none at all; the flaw repeats nothing of them."""
    told: Headers = ((KIND_HEADER, LINK), (PROOF_HEADER, given_))
    seal = Proofs(BEFORE, "here").at("crm.events", 0)
    record = Written(None, b"v", told)

    assert not agrees(BEFORE, "here", ("crm.events", 0), record)
    assert seal.flaw(record) in ("its proof is by no key of SALESPULSE_CONTROL_KEYS", "its proof is wrong")
    assert seal.flaw(replace(record, headers=told[:1])) == "without a proof that the pipeline wrote it"


def test_the_first_key_signs() -> None:
    """Those behind it only verify; a proof worked out by hand from what docs/architecture.md says."""
    record = written(Proofs(AFTER, "salespulse"), ("crm.events", 3), None, b"", ((KIND_HEADER, b"tick"),))

    assert record.headers[-1] == ("sp.proof", b"k2:" + by_hand(NEW))


def by_hand(secret: bytes) -> bytes:
    """The proof of a tick on `crm.events/3` of the deployment `salespulse`."""
    import hashlib
    import hmac

    key = hmac.new(secret, b"salespulse control records of salespulse", hashlib.sha256).digest()
    over = (
        b"\x00\x00\x00\x0acrm.events"
        b"\x00\x00\x00\x013"
        b"\xff\xff\xff\xff"  # no key
        b"\x00\x00\x00\x00"  # an empty value
        b"\x00\x00\x00\x02sp"
        b"\x00\x00\x00\x04tick"
    )
    return hmac.new(key, over, hashlib.sha256).hexdigest()[:32].encode()
