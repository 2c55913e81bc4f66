"""What a process remembers of a partition between leases."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from pipeline.engine.changelog.log_record import Claim, Delta, encode
from pipeline.engine.changelog.replica import FINGERPRINT, FingerprintError, Replica
from pipeline.engine.kafka.engine_settings import EngineSettings
from pipeline.kernel.fingerprint import Fingerprint, Table
from pipeline.kernel.stage import Record, Send
from pipeline.kernel.stage_spec import StageSpec
from pipeline.kernel.store import Store

SETTINGS = EngineSettings(brokers=["127.0.0.1:9"], group="g", full_name=lambda name: f"n.{name}", partitions=1)


class Restored:
    """A stage that notes what it was restored from."""

    def __init__(self, partition: int, store: Store) -> None:
        self.store = store
        self.restored: list[bytes] = []

    def restore(self) -> Iterator[None]:
        """One step for each key."""
        for key, _ in self.store.items():
            self.restored.append(key)
            yield

    def fold(self, records: Sequence[Record]) -> Iterator[Sequence[Send]]:
        """Nothing."""
        return iter(())


def replica(rules: str = "1", **tables: Table) -> Replica:
    """An empty memory."""
    fingerprint = Fingerprint({"rules": rules, "zones": "a"}, tables)
    return Replica(StageSpec("crm", "crm.events", "state.crm", Restored, fingerprint=fingerprint), 0, SETTINGS)


async def test_a_stage_is_restored_only_when_something_was_read() -> None:
    """A partition that comes back untouched keeps its stage; one that others wrote to gets a new one."""
    kept = replica()
    kept.reader.feed(0, 1000, encode(Claim("a")))
    kept.reader.feed(1, 1001, encode(Delta(0, 0, True, 4, 1000, {}, {b"deal:1": 1})))
    first = await kept.stage()
    assert isinstance(first, Restored)
    assert first.restored == [b"deal:1"]
    kept.reader.resume(2, 0, 1000)
    kept.reader.feed(2, 1002, encode(Claim("a")))
    assert kept.follows
    assert await kept.stage() is first
    kept.reader.feed(3, 1003, encode(Delta(2, 0, True, 5, 1000, {}, {b"deal:2": 1})))
    assert await kept.stage() is not first


async def test_after_a_batch_that_was_under_way_everything_is_forgotten() -> None:
    """The store is ahead of the log then: the log is read from its head."""
    lost = replica()
    lost.reader.feed(0, 1000, encode(Claim("a")))
    stage = await lost.stage()
    lost.forget()
    assert not lost.follows
    assert lost.reader.next_offset is None
    assert await lost.stage() is not stage


def test_a_state_of_other_rules_is_refused() -> None:
    """A new state gets the worker's fingerprint; a worker with another one does not take it, and says what differs."""
    old, new = replica("1"), replica("2")
    old.check_fingerprint()
    old.check_fingerprint()
    new.store.scalars = old.store.scalars
    with pytest.raises(FingerprintError, match=r"\(rules=1, not 2\).*namespace"):
        new.check_fingerprint()
    new.store.scalars = {FINGERPRINT: "rules=1"}
    with pytest.raises(FingerprintError, match=r"another form"):
        new.check_fingerprint()


@given(st.lists(st.text("abc", max_size=2), unique=True), st.lists(st.text("abc", max_size=2), unique=True))
def test_numbers_may_be_added_and_nothing_else(held: list[str], known: list[str]) -> None:
    """A state is taken where all numbers it may hold mean the same here: known names go on where held ones end."""
    old, new = replica(deal=_table(held)), replica(deal=_table(known))
    old.check_fingerprint()
    new.store.scalars = msgpack.decode(msgpack.encode(old.store.scalars))
    if known[: len(held)] == held:
        new.check_fingerprint()
        assert new.store.scalars[FINGERPRINT] == new.spec.fingerprint.stored()
        return
    with pytest.raises(FingerprintError, match="other field numbers of deal"):
        new.check_fingerprint()


def test_a_state_that_holds_more_than_the_worker_knows_is_refused() -> None:
    """A worker of an older release, after a newer one has had the partition."""
    newer, older = replica(deal={"a": 0}, demo={"a": 0}), replica(deal={"a": 0})
    newer.check_fingerprint()
    older.store.scalars = newer.store.scalars
    with pytest.raises(FingerprintError, match="other field numbers of demo"):
        older.check_fingerprint()


def _table(names: list[str]) -> Table:
    return {name: number for number, name in enumerate(names)}
