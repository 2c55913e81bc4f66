"""The sections of a file of the organisation, and what its fields are: those of the schema, and a few beside them."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel

from pipeline.ledger.roster import DATED
from pipeline.organisation.special_days import says_something
from pipeline.sending.event import content_of, id_of
from schemas.org import CHANGES
from schemas.types import Id, Instant, LocalDate

SECTIONS = {
    "company": "company", "teams": "team", "special_days": "special_day", "reps": "rep",
    "memberships": "membership", "identities": "identity", "absences": "absence",
    "targets": "target", "prorations": "proration", "rates": "rate", "processes": "process", "policies": "policy",
    "alert_rules": "alert_rule", "scores": "score", "contests": "contest",
    "recognition": "recognition", "benchmarks": "benchmark",
}  # fmt: skip
"""The sections of a file, in the order in which it is written, and the kind of object in each. What people do about an
alert is of the moment, and in no file."""
SECTION_OF = {kind: section for section, kind in SECTIONS.items()}
NAMED_BY: Mapping[str, tuple[str, ...]] = {
    "special_day": ("team_id", "day"),
    "membership": ("rep_id", "team_id", "valid_from"),
    "identity": ("external_id", "rep_id", "valid_from"),
    "absence": ("rep_id", "first_day", "starts_at"),
    "target": ("team_id", "rep_id", "kpi", "period", "period_start", "effective_on"),
    "proration": ("team_id", "effective_on"),
    "rate": ("currency", "effective_on"),
    "score": ("team_id", "period", "effective_on"),
    "alert_rule": ("rule", "team_id", "valid_from"),
    "recognition": ("whose", "kpi"),
    "benchmark": ("team_id", "kpi", "period", "effective_on"),
}
"""Kinds that stand in lists: an entry without `id` is the object that says the same of these."""
NEEDED = {
    "special_day": ("day",),
    "membership": ("rep_id", "team_id"),
    "identity": ("external_id", "rep_id"),
    "absence": ("rep_id",),
    "rate": ("currency", "effective_on", "rate"),
    "alert_rule": ("rule",),
    "score": ("period", "target", "weights"),
    "contest": ("kpi", "first_day", "last_day"),
    "recognition": ("kpi",),
    "benchmark": ("kpi", "period", "median", "source_name"),
}
"""Without these an entry would say nothing."""
DATED_FIELDS = {
    **{kind: (field_, f"{field_}_from") for kind, (field_, _) in DATED.items()},
    "process": ("stages", "valid_from"),
}
"""By kind, what holds from some day or instant on, and the field that says from when."""
LISTS = {"company": "week_starts", "team": "time_zones", "rep": "roles", "process": "editions"}
"""What a list of a dated field is called."""
ENDED, DELETED = "ended_at", "deleted"
ENDINGS = {"team": ENDED, "rep": DELETED}
"""What a file says of an object that was deleted and still is part of figures."""


def _fields_of(model: type[BaseModel], asked: Any) -> Iterator[str]:
    """The names of all fields, however deep, that may be of a type."""
    for name, each in model.model_fields.items():
        parts = list(_parts(each.annotation))
        if asked in parts:
            yield name
        for part in parts:
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from _fields_of(part, asked)


def _parts(hint: Any) -> Iterator[Any]:
    yield hint
    for part in get_args(hint):
        yield from _parts(part)


def _named(asked: Any) -> frozenset[str]:
    return frozenset(name for model in CHANGES.values() for name in _fields_of(model, asked))


NUMBERS, FLAGS = _named(int), _named(bool) | {DELETED}
INSTANTS = _named(Instant) | {ENDED}
DAYS, IDS = _named(LocalDate), _named(Id)


def fields_in_file(kind: str) -> tuple[str, ...]:
    """The names that an entry may have."""
    more = (LISTS.get(kind), ENDINGS.get(kind), "id" if kind in NAMED_BY else None)
    return (*CHANGES[kind].model_fields, *(name for name in more if name))


def made_id(kind: str, said: Mapping[str, Any]) -> str:
    """The id of an entry of a list that has none, out of what tells it from others."""
    return id_of(content_of({name: said.get(name) for name in ("kind", *NAMED_BY[kind])} | {"kind": kind}))[:16]


def says_nothing(kind: str, record: Mapping[str, Any]) -> bool:
    """Whether an object lacks what it takes to count: a file has none of these."""
    if kind == "target":  # Of two it is nobody's.
        return (record.get("team_id") is None) == (record.get("rep_id") is None)
    missing = any(record.get(name) is None for name in NEEDED.get(kind, ()))
    if missing or kind not in ("absence", "special_day"):
        return missing
    return _is_never(record) if kind == "absence" else not says_something(record)


def _is_never(absence: Mapping[str, Any]) -> bool:
    """Whether an absence has no beginning, or ends before it: as one event it would be refused."""
    first, last = absence.get("first_day"), absence.get("last_day")
    start, end = absence.get("starts_at"), absence.get("ends_at")
    if start is None:
        return first is None or (end is None and last is not None and last < first)
    return end is not None and end < start


def place_of(kind: str, record: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells an object of a list from others."""
    return tuple(record.get(name) for name in NAMED_BY[kind])
