"""What to tell so that the organisation is as a file has it, object by object. Pure.

A file says all of an object that it names: a field that it leaves out is cleared. Objects that it does not name are
left as they are, or ended if somebody asks for it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from pipeline.administering.org_file import Fault, OrgFile, Wanted, event_of
from pipeline.administering.sections import DATED_FIELDS, SECTIONS, says_nothing
from pipeline.administering.topic import Told, compared
from pipeline.ledger.roster import record_of
from pipeline.ledger.roster_fields import STAGES, STAGES_FROM
from pipeline.objects.object import LIFE, MENTIONED, Object
from pipeline.organisation import days
from pipeline.organisation.organisation import Record
from pipeline.sending.event import Outgoing
from schemas.events import iso

Verb = Literal["added", "changed", "ended"]
ENDED_BY: Mapping[str, tuple[str, dict[str, Any]]] = {
    "team": ("deleted", {}),
    "special_day": ("deleted", {}),
    "rep": ("changed", {"active": False}),
    "membership": ("deleted", {}),
    "identity": ("deleted", {}),
    "absence": ("deleted", {}),
    "target": ("deleted", {}),
    "proration": ("deleted", {}),
    "rate": ("deleted", {}),
    "policy": ("deleted", {}),
    "alert_rule": ("deleted", {}),
    "score": ("deleted", {}),
    "contest": ("deleted", {}),
    "recognition": ("deleted", {}),
    "benchmark": ("deleted", {}),
}
"""How objects end that a file does not name. A rep who is deleted would take history along, one who has left does not;
a process and the company never end."""
SECTIONED = frozenset(SECTIONS.values()) - {"company"}
"""What a file may leave out: curves are learnt, and no part of it."""
_LIVE, _DELETED = "live", "deleted"


@dataclass(frozen=True, slots=True)
class Step:
    """What is told of one object, and its record before and after that."""

    key: str
    verb: Verb
    before: Record | None
    after: Record | None
    events: list[dict[str, Any]]


@dataclass(slots=True)
class Plan:
    """All steps, and the keys of what the file does not name, is still there, and is left."""

    steps: list[Step] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def events(self) -> Iterator[dict[str, Any]]:
        """Everything to be sent."""
        for step in self.steps:
            yield from step.events


def plan(told: Told, file: OrgFile, now_ms: int, *, end_others: bool) -> Plan:
    """What to tell at an instant. Others are ended only of kinds that the file has a section for."""
    found = Plan()
    for key, wanted in file.wanted.items():
        item = told.objects.get(key, Object(key))
        before = record_of(item) if item.has_events else None
        if compared(key, before) != compared(key, wanted.record):
            _tell(found, told, item, wanted, now_ms)
    for key, record in told.records():
        kind = key.partition(":")[0]
        if key in file.wanted or kind not in SECTIONED or _is_over(kind, record, now_ms):
            continue
        if end_others and kind in ENDED_BY and kind in file.sections:
            found.steps.append(_ending(told, key, record, now_ms))
        else:
            found.others.append(key)
    return found


def _tell(found: Plan, told: Told, item: Object, wanted: Wanted, now_ms: int) -> None:
    since_ms = _fixed_until_ms(item, _ended_ms(wanted.item))
    if since_ms is not None:
        at = iso(since_ms + 1)
        line = f"{wanted.written}: ended or restored since; allowed is ended_at from {at} on"
        found.faults.append(Fault(wanted.line, line))
        return
    events = list(_events(item, wanted, _after(item, now_ms)))
    before, after = (record_of(each) if each.has_events else None for each in (item, _told(told, item, events, now_ms)))
    if compared(item.key, after) != compared(item.key, wanted.record):
        line = f"{wanted.written}: no room for another day, instant or stage; allowed are {told.policy.most_dated}"
        found.faults.append(Fault(wanted.line, line))
        return
    found.steps.append(Step(item.key, "added" if before is None else "changed", before, after, events))


def _told(told: Told, item: Object, events: Iterable[dict[str, Any]], now_ms: int) -> Object:
    """An object once some events are told of it, as the pipeline takes them in."""
    return told.after(item, (Outgoing(event).value for event in events), now_ms)


def _events(item: Object, wanted: Wanted, at_ms: int) -> Iterator[dict[str, Any]]:
    have, want = item.values, wanted.item.values
    was, shall = have.get(LIFE, _LIVE), want.get(LIFE, _LIVE)
    if was == _DELETED and shall == _LIVE:
        yield event_of(wanted.written, "restored", at_ms, {})
    ended_ms = _ended_ms(wanted.item)
    registers = (have.keys() | want.keys()) - {LIFE, MENTIONED} if shall == _LIVE or ended_ms is not None else set()
    differing = sorted(name for name in registers if not name.startswith(STAGES) and have.get(name) != want.get(name))
    plain = {name: wanted.said[name][name] if want.get(name) is not None else None
             for name in differing if "@" not in name}  # fmt: skip
    mentioned = bool(have.keys() - {LIFE}) or bool(differing) or (shall == _DELETED and ended_ms is None)
    if plain or not mentioned:
        yield event_of(wanted.written, "changed", at_ms, plain)
    for name in differing:
        if "@" in name:
            said = wanted.said[name] if want.get(name) is not None else _cleared(item.kind, name)
            yield event_of(wanted.written, "changed", at_ms, said)
    if shall == _DELETED and (was != _DELETED or ended_ms != _ended_ms(item)):
        yield event_of(wanted.written, "deleted", at_ms if ended_ms is None else ended_ms, {})


def _cleared(kind: str, register: str) -> dict[str, Any]:
    """What takes a day or instant of a dated field back."""
    dated, since = DATED_FIELDS[kind]
    at = register.partition("@")[2]
    if kind == "process":
        return {dated: None, since: iso(int(register.removeprefix(STAGES_FROM)))}
    return {dated: None, since: date.fromordinal(int(at)).isoformat() if at else None}


def _fixed_until_ms(item: Object, ended_ms: int | None) -> int | None:
    """When it was last said that a team is there or not, if that hides a deletion at an instant; None if not."""
    if ended_ms is None or LIFE not in item.values or _ended_ms(item) == ended_ms:
        return None
    version = item.older.get(LIFE, item.version)
    return version[0] if version is not None and version[0] >= ended_ms else None


def _ended_ms(item: Object) -> int | None:
    """When a team ended."""
    record = record_of(item) if item.kind == "team" and item.has_events else None
    return (record or {}).get("ended_at")


def _ending(told: Told, key: str, before: Record, now_ms: int) -> Step:
    item, (verb, data) = told.objects[key], ENDED_BY[key.partition(":")[0]]
    kind, _, kept = key.partition(":")
    at_ms = _after(item, now_ms)
    events = [event_of(f"{kind}:{told.written(kept)}", verb, at_ms, data)]
    return Step(key, "ended", before, record_of(_told(told, item, events, now_ms)), events)


def _after(item: Object, now_ms: int) -> int:
    """Now, or just after the latest that was told of the object: a clock may have been ahead."""
    return max(now_ms, item.newest_ms + 1) if item.has_events else now_ms


def _is_over(kind: str, record: Record, now_ms: int) -> bool:
    """Whether an object has nothing to end any more."""
    if says_nothing(kind, record):
        return True
    if kind in ("membership", "identity"):
        return bool(record.get("valid_to", now_ms + 1) <= max(now_ms, record.get("valid_from") or 0))
    if kind == "absence":
        return _is_back(record, now_ms)
    if kind == "special_day":
        return days.utc_day_ms(record["day"] + 2) <= now_ms
    if kind == "team":
        return "ended_at" in record
    return kind == "rep" and (bool(record.get("deleted")) or record.get("active") is False)


def _is_back(record: Record, now_ms: int) -> bool:
    """Whether an absence is over, wherever the rep works: to delete it would say that the rep had been there."""
    last_day, end_ms = record.get("last_day"), record.get("ends_at")
    if end_ms is None and last_day is not None:
        end_ms = days.utc_day_ms(last_day + 2)
    return end_ms is not None and end_ms <= now_ms
