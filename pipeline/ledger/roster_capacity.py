"""How much may be told of one record of the organisation: its copies are one record each, of a megabyte at most.

What is told from a day or an instant on stays, so that it adds up: zones of a team, the company's weeks, editions of a
process. Beyond the cap what would add to it is refused as `full`; what says something else of the same day is not.
"""

from collections.abc import Mapping
from typing import Any

from pipeline.ledger.roster_fields import STAGES
from pipeline.objects.object import Object


def is_full(item: Object, changes: Mapping[str, Any], most: int) -> bool:
    """Whether changes, by the registers of the store, would be too many beside what was told before.

    Counted are days and instants from which something holds, names of stages, and former names of them.
    """
    adds = sum(_weight(field, changes[field]) for field in changes if field not in item.values)
    return adds > 0 and adds + sum(_weight(*told) for told in item.values.items()) > most


def _weight(field: str, value: Any) -> int:
    if field.startswith(STAGES):
        return sum(1 + len(stage.get("former_ids") or ()) for stage in value)
    return int("@" in field)
