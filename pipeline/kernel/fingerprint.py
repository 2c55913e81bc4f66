"""The fingerprint of a state: what shaped it, so that a worker with other rules refuses it instead of misreading it."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Table = Mapping[str, int]
"""Names and the numbers that they have in stored bytes, from 0 on without a gap: new ones are only added at the end."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What shapes a state. `rules` have to be the same, by name; a table may have grown since the state was written."""

    rules: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)

    def holding(self, tables: Collection[str]) -> "Fingerprint":
        """That of a state in which only these tables are used."""
        return replace(self, tables={name: self.tables[name] for name in tables})

    def stored(self) -> dict[str, Any]:
        """As it stands in the state: the rules by name, of each table how far it reaches and a digest."""
        tables = {name: [len(table), _digest(table, len(table))] for name, table in sorted(self.tables.items())}
        return {"rules": dict(sorted(self.rules.items())), "tables": tables}

    def differences(self, stored: Any) -> list[str]:
        """Why a state that carries `stored` is not for this worker; nothing where it is."""
        theirs = stored.get("rules") if isinstance(stored, dict) else None
        if not isinstance(theirs, dict):
            return ["a fingerprint of another form"]
        names = sorted(name for name in {*theirs, *self.rules} if theirs.get(name) != self.rules.get(name))
        found = [f"{name}={theirs.get(name)}, not {self.rules.get(name)}" for name in names]
        tables = (name for name, held in sorted(stored["tables"].items()) if self._other(name, held))
        return [*found, *(f"other field numbers of {name}" for name in tables)]

    def _other(self, name: str, held: tuple[int, str]) -> bool:
        """Whether a number that the state may hold has another meaning here, or none."""
        table = self.tables.get(name, {})
        length, digest = held
        return len(table) < length or _digest(table, length) != digest


def _digest(table: Table, length: int) -> str:
    """Of the first names in the table."""
    names = sorted((number, name) for name, number in table.items() if number < length)
    return hashlib.sha256(repr(names).encode()).hexdigest()[:8]
