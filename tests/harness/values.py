"""Values for the fields of any kind of event, drawn from its schema: what a new kind needs before better ones."""

from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from schemas.events import CHANGES
from schemas.types import Instant, LocalDate
from tests.unit.ledger.world import MINUTE, NOON_MS

REPS, FEW = ("rep-01", "rep-02", "gone"), ("1", "2", "3")
AT = tuple(NOON_MS - minutes * MINUTE for minutes in (0, 7, 1441, 4000, 9 * 1440))
_BY_NAME: Mapping[str, Sequence[Any]] = {
    "rep_id": REPS, "owner_id": REPS, "team_id": ("north", "south"), "currency": ("EUR", "USD"),
}  # fmt: skip
_BY_TYPE: Mapping[Any, Sequence[Any]] = {
    Instant: AT, LocalDate: ("2025-10-01", "2025-10-31"), bool: (False, True), int: (0, 3, 700),
}  # fmt: skip


def values_of(kind: str) -> dict[str, Sequence[Any]]:
    """By field of an event that changes such an object: a few values that its schema takes."""
    model = next(models[kind] for models in CHANGES.values() if kind in models)
    return {name: _BY_NAME.get(name) or _values(field.annotation) for name, field in model.model_fields.items()}


def _values(annotation: Any) -> Sequence[Any]:
    kind = next((each for each in _alternatives(annotation) if each is not type(None)), annotation)
    if get_origin(kind) is Literal:
        return get_args(kind)
    plain = getattr(kind, "__origin__", kind)
    return _BY_TYPE.get(kind) or _BY_TYPE.get(plain) or FEW


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
