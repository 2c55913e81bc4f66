"""Objects that were used last are kept decoded: as many as fit, by their size."""

from typing import Any

from pipeline.kernel.store import Store
from pipeline.ledger.ledger_policy import LedgerPolicy
from pipeline.ledger.repository import WARM_BYTES, ObjectRepository
from pipeline.objects.storage import OBJECT
from pipeline.objects.versions import version_of
from pipeline.organisation.organisation import Organisation
from tests.unit.ledger.world import NOON_MS

TOUCH = {"rep": "rep-01", "at_ms": NOON_MS, "outbound": True}


class Counting(Store):
    """Counts the objects that are read from it."""

    reads = 0

    def get(self, key: bytes) -> Any:
        """Look it up, and count it."""
        self.reads += key.startswith(OBJECT)
        return super().get(key)


def reads_of_the_second_round(leads: int, touches: int) -> int:
    """How many of so many leads are read again, once each was taken in and is asked for a second time."""
    store = Counting()
    repository = ObjectRepository(store, Organisation("EUR"), LedgerPolicy())
    for number in range(leads):
        lead = repository.take(f"lead:{number}", NOON_MS)
        lead.merge(version_of(NOON_MS, 0, "crm-1", "e", b""), {"created_at": NOON_MS})
        for touch in range(touches):
            lead.link("touch", f"call:{touch}", NOON_MS, TOUCH)
        repository.put(lead)
    store.reads = 0
    for number in range(leads):
        repository.take(f"lead:{number}", NOON_MS)
    return store.reads


def test_a_thousand_small_objects_stay() -> None:
    """None of them is read again."""
    assert reads_of_the_second_round(1000, 1) == 0


def test_of_large_objects_few_stay() -> None:
    """Forty leads of 4,000 touches are several times what is kept, and so are read again."""
    assert 4 * WARM_BYTES < 4_000 * 40 * 50
    assert reads_of_the_second_round(40, 4_000) == 40
