"""Last-writer-wins registers: for fields of which only the newest value counts."""

from collections.abc import Mapping
from typing import Any

from pipeline.ledger.versions import Version

Registers = dict[str, tuple[Version, Any]]
"""Field name to the version that set it and the value; None where it was cleared."""


def merge(registers: Registers, values: dict[str, Any], version: Version, changes: Mapping[str, Any]) -> bool:
    """Take in what one version says, and its values; True when something changed. Commutative and idempotent."""
    changed = False
    for field, value in changes.items():
        current = registers.get(field)
        if current is None or current[0] < version:
            registers[field] = (version, value)
            values[field] = value
            changed = True
    return changed
