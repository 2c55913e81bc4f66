"""Mappings that differ from others in a few entries, without a copy of the others."""

from collections.abc import ItemsView, Iterator, Mapping, MutableMapping
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
_ABSENT: Any = object()
_EMPTY: Mapping[Any, Any] = {}


class Overlay(MutableMapping[K, V]):
    """A mapping over one below: what is set or deleted here is so here only. The one below stays as it is meanwhile.

    None is not a value.
    """

    __slots__ = ("_below", "_own")

    def __init__(self, below: Mapping[K, V]) -> None:
        self._below = below
        self._own: dict[K, V] = {}

    def __getitem__(self, key: K) -> V:
        value = self._own.get(key)
        if value is None:
            return self._below[key]
        if value is _ABSENT:
            raise KeyError(key)
        return value

    def __setitem__(self, key: K, value: V) -> None:
        self._own[key] = value

    def __delitem__(self, key: K) -> None:
        if key not in self:
            raise KeyError(key)
        self._own[key] = _ABSENT

    def __iter__(self) -> Iterator[K]:
        yield from (key for key in self._below if key not in self._own)
        yield from (key for key, value in self._own.items() if value is not _ABSENT)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def items(self) -> ItemsView[K, V]:
        """All entries, as they are now."""
        found = dict(self._below.items())
        found.update(self._own)
        for key in [key for key, value in self._own.items() if value is _ABSENT]:
            del found[key]
        return found.items()


class Groups(Generic[K, V]):
    """Entries by name, in groups by name. A group exists as long as it has entries."""

    def __init__(self, below: "Groups[K, V] | None" = None) -> None:
        self._below = below
        self._groups: dict[K, MutableMapping[str, V]] = {}

    def over(self) -> "Groups[K, V]":
        """Groups that begin as these are, and change without them; these stay as they are meanwhile."""
        return Groups(self)

    def of(self, group: K) -> Mapping[str, V]:
        """The entries of a group; none where there is no such group."""
        found = self._groups.get(group)
        if found is not None:
            return found
        return _EMPTY if self._below is None else self._below.of(group)

    def put(self, group: K, name: str, entry: V) -> None:
        """Set an entry of a group."""
        found = self._groups.get(group)
        if found is None:
            found = self._groups[group] = {} if self._below is None else Overlay(self._below.of(group))
        found[name] = entry

    def take(self, group: K, name: str) -> V | None:
        """Take an entry out; None where there is none."""
        found = self.of(group).get(name)
        if found is None:
            return None
        if self._below is not None:
            self.put(group, name, found)
        del self._groups[group][name]
        if self._below is None and not self._groups[group]:
            del self._groups[group]
        return found
