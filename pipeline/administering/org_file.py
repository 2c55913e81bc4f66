"""The organisation as somebody wrote it into a file: its sections, and their objects as events would tell them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any, NamedTuple

from pipeline.administering.document import Node
from pipeline.administering.sections import (
    DATED_FIELDS,
    DELETED,
    ENDED,
    ENDINGS,
    FLAGS,
    INSTANTS,
    LISTS,
    NAMED_BY,
    NEEDED,
    NUMBERS,
    SECTIONS,
    fields_in_file,
    made_id,
    place_of,
)
from pipeline.administering.topic import Told
from pipeline.dead_letters.given import given_of
from pipeline.intake.verdicts import Accepted, Judge, Refused
from pipeline.ledger.roster import changes_of, record_of
from pipeline.measures import COMPANY
from pipeline.objects.object import LIFE, MENTIONED, Object
from pipeline.organisation.organisation import Organisation, Record
from pipeline.sending.checks import passed_over
from pipeline.sending.event import Outgoing, content_of, id_of
from schemas.events import iso
from schemas.ids import kept_id
from schemas.org import CHANGES
from schemas.types import instant_ms, plausible_date

SOURCE = "administration"
"""The source of all events that come from a file."""
EVER = iso(0)

_WHOLE = re.compile(r"[-+]?[0-9]+").fullmatch
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch


@dataclass(frozen=True, slots=True)
class Fault:
    """Something of the file that the pipeline would refuse, or that means nothing; and what is allowed."""

    line: int
    text: str


@dataclass(slots=True)
class Wanted:
    """One object as the file has it: what its events would make of it, and the data of each register of these."""

    key: str
    written: str
    line: int
    item: Object
    said: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def record(self) -> Record | None:
        """Its record."""
        return record_of(self.item)


@dataclass(slots=True)
class OrgFile:
    """What a file says. With any fault nothing of it is to be told."""

    sections: frozenset[str] = frozenset()
    wanted: dict[str, Wanted] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read_org_file(root: Node, told: Told, now_ms: int) -> OrgFile:
    """Read a file, beside what the deployment has."""
    return _Reading(told, now_ms).all(root)


class _Reading:
    """One file. Companies and teams come first: days of all others are days of theirs."""

    def __init__(self, told: Told, now_ms: int) -> None:
        self._judge = Judge("org", told.policy.future_tolerance_ms)
        self._known = dict(told.records())
        self._written = told.written
        self._now_ms = now_ms
        self._zones = Organisation("", now_ms)
        for key, record in self._known.items():
            if key.startswith(("team:", "company:")):
                self._zones.put(key, record)
        self._found = OrgFile()

    def all(self, root: Node) -> OrgFile:
        """Everything, with all faults in the order of their lines."""
        if not root.fields:
            self._fault(root.line, f"allowed are the sections {', '.join(SECTIONS)}")
        for section, node in root.fields.items():
            if section not in SECTIONS:
                self._fault(node.line, f"{section}: no such section; {_allowed(section, SECTIONS)}")
        self._found.sections = frozenset(SECTIONS[name] for name in root.fields if name in SECTIONS)
        for section, kind in SECTIONS.items():
            if section in root.fields:
                self._section(section, kind, root.fields[section])
        self._found.faults.sort(key=lambda fault: fault.line)
        return self._found

    def _section(self, section: str, kind: str, node: Node) -> None:
        if kind == "company":
            self._entry(kind, COMPANY, section, node)
        elif node.empty:
            return
        elif kind not in NAMED_BY:
            if not isinstance(node.value, Mapping):
                self._fault(node.line, f"{section}: allowed are ids, and below each its fields")
            for name, each in node.fields.items():
                self._entry(kind, name, f"{section}.{name}", each)
        else:
            if isinstance(node.value, str | Mapping):
                self._fault(node.line, f"{section}: allowed is a list")
            self._list(section, kind, node)

    def _list(self, section: str, kind: str, node: Node) -> None:
        """Entries that name their id come first: what they are cannot be meant by one that does not."""
        entries = [(f"{section}.{number}", each) for number, each in enumerate(node.items)]
        for where, each in sorted(entries, key=lambda entry: "id" not in entry[1].fields):
            own = each.fields.get("id")
            if own is not None and not isinstance(own.value, str):
                self._fault(own.line, f"{where}.id: allowed is a text")
                continue
            name = str(own.value) if own is not None else None
            self._entry(kind, name, where, each)

    def _entry(self, kind: str, name: str | None, where: str, node: Node) -> None:
        if not isinstance(node.value, Mapping) and not node.empty:
            self._fault(node.line, f"{where}: allowed are fields: {', '.join(fields_in_file(kind))}")
            return
        faults = len(self._found.faults)
        for field_, each in node.fields.items():
            if field_ not in fields_in_file(kind):
                self._fault(each.line, f"{where}.{field_}: no such field; {_allowed(field_, fields_in_file(kind))}")
        for needed in NEEDED.get(kind, ()):
            if needed not in node.fields or node.fields[needed].empty:
                self._fault(node.line, f"{where}.{needed}: missing")
        if len(self._found.faults) == faults:
            self._take(kind, name, where, node)

    def _take(self, kind: str, name: str | None, where: str, node: Node) -> None:
        """Take in an entry whose fields there are: event by event, as the pipeline would."""
        wanted: Wanted | None = None
        for number, telling in enumerate(self._tellings(kind, name, where, node)):
            if name is None:
                name = self._name(kind, telling)
            accepted = None if name is None else self._judged(f"{kind}:{name}", telling)
            if accepted is None:
                return
            if wanted is None:
                wanted = Wanted(accepted.key, f"{kind}:{name}", node.line, Object(accepted.key))
            _merge(wanted, accepted, number, telling)
            if kind in ("company", "team"):
                self._zones.put(wanted.key, wanted.record)
        if wanted is not None and wanted.key in self._found.wanted:
            line = self._found.wanted[wanted.key].line
            self._fault(node.line, f"{where}: is there already, in line {line}")
        elif wanted is not None:
            self._found.wanted[wanted.key] = wanted

    def _name(self, kind: str, telling: "_Telling") -> str | None:
        """The id of an entry that names none: that of the object which the deployment has of the same, if any."""
        accepted = self._judged(f"{kind}:x", telling)
        if accepted is None:
            return None
        made = made_id(kind, accepted.changes)
        if f"{kind}:{made}" in self._known:
            return made
        place = place_of(kind, accepted.changes)
        same = (
            key for key, record in sorted(self._known.items())
            if key.startswith(f"{kind}:") and key not in self._found.wanted and place_of(kind, record) == place
        )  # fmt: skip
        key = next(same, None)
        return made if key is None else self._written(key.partition(":")[2])

    def _tellings(self, kind: str, name: str | None, where: str, node: Node) -> "Iterator[_Telling]":
        """What an entry tells: its plain fields, each day or instant of a dated one, and that it ended."""
        said = {each: self._said(each, node, name) for each in node.fields if each in CHANGES[kind].model_fields}
        dated, since = DATED_FIELDS.get(kind, ("", ""))
        own = {each: said.pop(each) for each in (dated, since) if each in said}
        ending = ENDINGS.get(kind, "")
        deleted = ending in node.fields and self._said(ending, node, name) not in (None, False)
        if said or not (own.get(dated) or LISTS.get(kind) in node.fields or (kind == "rep" and deleted)):
            yield _Telling("changed", self._now_ms, said, where, node)
        if own:
            yield from self._since(kind, own, where, node)
        listed = LISTS.get(kind, "")
        if listed in node.fields:
            yield from self._all_since(kind, f"{where}.{listed}", node.fields[listed])
        if deleted:
            yield from self._ended(kind, name, where, node)

    def _all_since(self, kind: str, where: str, node: Node) -> "Iterator[_Telling]":
        """Every day or instant of a dated field."""
        allowed = DATED_FIELDS[kind]
        if isinstance(node.value, str | Mapping) and not node.empty:
            self._fault(node.line, f"{where}: allowed is a list of {' and '.join(allowed)}")
        for number, each in enumerate(node.items):
            unknown = next((name for name in each.fields if name not in allowed), None)
            if unknown is not None:
                line = each.fields[unknown].line
                self._fault(line, f"{where}.{number}.{unknown}: no such field; {_allowed(unknown, allowed)}")
            else:
                said = {name: self._said(name, each, None) for name in each.fields}
                yield from self._since(kind, said, f"{where}.{number}", each)

    def _since(self, kind: str, said: dict[str, Any], where: str, node: Node) -> "Iterator[_Telling]":
        """What of a dated field holds from when on; a process without that since ever."""
        dated, since = DATED_FIELDS[kind]
        if said.get(dated) is not None:
            began = EVER if kind == "process" and said.get(since) is None else said.get(since)
            yield _Telling("changed", self._now_ms, {dated: said[dated], since: began}, where, node)
        elif said.get(since) is not None or dated not in said:
            self._fault(node.line, f"{where}.{dated}: missing")

    def _ended(self, kind: str, name: str | None, where: str, node: Node) -> "Iterator[_Telling]":
        """That an object was deleted: a team at an instant, a rep with all that was told of it."""
        given = node.fields[ENDINGS[kind]]
        if kind == "rep":
            if len(node.fields) > 1 or given.value != "true":
                self._fault(given.line, f"{where}.{DELETED}: allowed is true, and nothing beside it")
            else:
                yield _Telling("deleted", self._now_ms, {}, where, node)
            return
        try:
            at_ms = instant_ms(str(self._said(ENDED, node, name)))
        except ValueError as error:
            self._fault(given.line, f"{where}.{ENDED}: {error}")
        else:
            yield _Telling("deleted", at_ms, {}, where, node)

    def _said(self, name: str, node: Node, team: str | None) -> Any:
        """What a field of an entry says, as an event would."""
        given = node.fields[name]
        if name in INSTANTS and isinstance(given.value, str) and _DAY(given.value):
            with suppress(ValueError):
                day = plausible_date(date.fromisoformat(given.value)).toordinal()
                own = node.fields.get("team_id")
                place = str(own.value) if own is not None else team or COMPANY
                return iso(self._zones.day_start_ms(kept_id(place), day))
        return _value(given, name)

    def _judged(self, subject: str, telling: "_Telling") -> Accepted | None:
        """The event of a telling as the pipeline takes it in; None with a fault where it would not."""
        event = event_of(subject, telling.verb, telling.time_ms, telling.data)
        judged = self._judge.judge(Outgoing(event).value, self._now_ms)
        for line in passed_over(event):
            self._refuse(event, telling, line)
        if isinstance(judged, Refused):
            self._refuse(event, telling, judged.detail)
        elif not any(passed_over(event)):
            return judged
        return None

    def _refuse(self, event: dict[str, Any], telling: "_Telling", detail: str) -> None:
        path, _, words = detail.replace("before data.", "before ").partition(": ")
        words = f"{words}; allowed is any other id" if words == "reserved" else words
        given = given_of(event, detail)
        steps = path.split(".")[1:]
        if path == "time":
            steps = [ENDED]
        where = ".".join((telling.where, *steps))
        self._fault(telling.node.line_of(steps), f"{where}: {words}" + (f", given: {given}" if given else ""))

    def _fault(self, line: int, text: str) -> None:
        self._found.faults.append(Fault(line, text))


class _Telling(NamedTuple):
    """One event of an entry, and where in the file its data stand."""

    verb: str
    time_ms: int
    data: dict[str, Any]
    where: str
    node: Node


def event_of(subject: str, verb: str, time_ms: int, data: Mapping[str, Any]) -> dict[str, Any]:
    """An event of a file, with the id that its content gives."""
    event = {
        "specversion": "1.0",
        "source": SOURCE,
        "type": f"org.{subject.partition(':')[0]}.{verb}",
        "subject": subject,
        "time": iso(time_ms),
        "data": dict(data),
    }
    return {**event, "id": id_of(content_of(event))}


def _merge(wanted: Wanted, accepted: Accepted, number: int, telling: _Telling) -> None:
    """Later ones win over earlier ones of the same day, whatever their ids are."""
    changes = changes_of(accepted)
    wanted.item.merge((telling.time_ms, number, 0, "", 0, 0), changes)
    for register in changes.keys() - {LIFE, MENTIONED}:
        wanted.said[register] = telling.data if "@" in register else {register: telling.data.get(register)}


def _value(node: Node, name: str) -> Any:
    """A value as an event carries it: a text, unless its field is a number or true or false, and it is plain."""
    if isinstance(node.value, Mapping):
        return {key: _value(each, key) for key, each in node.value.items()}
    if not isinstance(node.value, str):
        return [_value(each, name) for each in node.value]
    if node.empty:
        return None
    if node.plain and name in NUMBERS and _WHOLE(node.value):
        return int(node.value)
    if node.plain and name in FLAGS and node.value in ("true", "false"):
        return node.value == "true"
    return node.value


def _allowed(given: str, names: Iterable[str]) -> str:
    likely = get_close_matches(given, list(names), n=1)
    return f"likely {likely[0]}" if likely else f"allowed are {', '.join(names)}"
