from pipeline.kernel.store import Store
from pipeline.kinds import FORMS
from pipeline.ledger.reference_index import LEAST_PRUNED, MOST_CHANGED, ReferenceIndex
from pipeline.objects.object import Object
from pipeline.objects.versions import version_of
from pipeline.organisation.organisation import Organisation


class ObjectRepository:
    """Calls in a store, with the index that is told of each."""

    def __init__(self) -> None:
        self.store = Store()
        self.index = ReferenceIndex(self.store, b"x", Organisation("EUR"))

    def put(self, name: str, rep: str) -> bytes:
        """Put one call of a rep."""
        call = Object(f"call:{name}")
        call.merge(version_of(1, 0, "dialer", name, b""), {"rep_id": rep}, None, 0)
        key = f"xcall:{name}".encode()
        self.store.put(key, FORMS.encode(call))
        self.index.changed(call.key)
        return key

    def of(self, rep: str) -> set[bytes]:
        """The calls that refer to a rep, once the index is up to date."""
        for _ in self.index.update():
            pass
        return self.index.of([f"rep:{rep}"])


def test_the_index_follows_what_is_put() -> None:
    """It names all that refer to a rep, put before or after it was first asked."""
    repository = ObjectRepository()
    first = repository.put("1", "a")
    assert repository.of("a") == {first}

    second, third = repository.put("2", "a"), repository.put("3", "b")

    assert (repository.of("a"), repository.of("b")) == ({first, second}, {third})


def test_the_index_is_made_anew_after_very_many_changes() -> None:
    """However much was put since it was last asked, nothing is missing."""
    repository = ObjectRepository()
    first = repository.put("1", "a")
    assert repository.of("a") == {first}

    second = repository.put("2", "a")
    for _ in range(MOST_CHANGED):
        repository.index.changed("call:2")

    assert repository.of("a") == {first, second}


def test_what_is_gone_does_not_pile_up() -> None:
    """Keys of objects that are gone are taken out sooner or later."""
    repository = ObjectRepository()
    for number in range(3 * LEAST_PRUNED):
        repository.store.delete(repository.put(str(number), "a"))
        if number % 100 == 0:
            repository.put(f"kept-{number}", "a")
            repository.of("a")

    assert len(repository.of("a")) <= LEAST_PRUNED + 1
