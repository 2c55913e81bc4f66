"""Which objects depend on what in the organisation: an index in memory, rebuilt from the objects."""

from collections.abc import Iterable


class Dependents:
    """Object keys by what they refer to (`rep:7`, `team:north`, `process:default`, `currency:EUR`)."""

    def __init__(self) -> None:
        self._keys: dict[str, set[str]] = {}

    def replace(self, key: str, old: Iterable[str], new: Iterable[str]) -> None:
        """Note that an object referred to `old` and refers to `new` now."""
        if old == new:
            return
        old, new = set(old), set(new)
        for reference in old - new:
            keys = self._keys.get(reference)
            if keys is not None:
                keys.discard(key)
                if not keys:
                    del self._keys[reference]
        for reference in new - old:
            self._keys.setdefault(reference, set()).add(key)

    def of(self, references: Iterable[str]) -> list[str]:
        """All objects that refer to one of these, sorted."""
        found: set[str] = set()
        for reference in references:
            found |= self._keys.get(reference, set())
        return sorted(found)
