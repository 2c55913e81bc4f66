"""The file that says what the organisation is now: reading it back changes nothing. Pure."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import yaml

from pipeline.administering.sections import (
    DAYS,
    DELETED,
    ENDED,
    IDS,
    INSTANTS,
    LISTS,
    NAMED_BY,
    SECTION_OF,
    SECTIONS,
    made_id,
    says_nothing,
)
from pipeline.administering.topic import Told, compared
from pipeline.ledger.roster import DATED
from pipeline.measures import COMPANY
from pipeline.organisation.organisation import Record
from schemas.events import iso
from schemas.org import CHANGES

WIDTH = 120
COMPARED = ("membership", "identity", "absence")


def exported(told: Told) -> str:
    """All of it, in YAML; ids as their sources write them."""
    document: dict[str, Any] = {}
    for key, record in told.records():
        kind, _, kept = key.partition(":")
        if kind not in SECTION_OF or says_nothing(kind, record):
            continue
        # A file has no period that ends before it begins, no absence with two beginnings: they would be refused.
        said = fields_of(kind, compared(key, record) if kind in COMPARED else record, told.written)
        section = SECTION_OF[kind]
        if kept == COMPANY and kind == "company":
            document[section] = said
        elif kind in NAMED_BY:
            named = {} if made_id(kind, record) == kept else {"id": told.written(kept)}
            document.setdefault(section, []).append(named | said)
        else:
            document.setdefault(section, {})[told.written(kept)] = said
    ordered = {section: document[section] for section in SECTIONS if section in document}
    return "".join(f"{_yaml({section: said})}\n" for section, said in ordered.items()).removesuffix("\n")


def fields_of(kind: str, record: Record, written: Callable[[str], str]) -> dict[str, Any]:
    """What a file says of an object with a record: its fields in the order of the schema."""
    if record.get("deleted"):
        return {DELETED: True}
    found = {
        name: _said(name, record[name], written) for name in CHANGES[kind].model_fields if record.get(name) is not None
    }
    if kind == "process":
        editions = [[at or None, stages] for at, stages in record["editions"]]
        found |= _dated("stages", "valid_from", LISTS[kind], editions, _instant)
    elif kind in DATED:
        dated, listed = DATED[kind]
        parent = {name: found.pop(name) for name in ("parent_id",) if name in found}
        found = parent | _dated(dated, f"{dated}_from", LISTS[kind], record[listed], day_of) | found
    if ENDED in record:
        found[ENDED] = _instant(record[ENDED])
    return found


def _dated(dated: str, since: str, listed: str, told: list[list[Any]], wire: Callable[[int], str]) -> dict[str, Any]:
    """A field of which there is one value since ever, or else the list of them."""
    if not told:
        return {}
    if len(told) == 1 and told[0][0] is None:
        return {dated: _plain(told[0][1])}
    return {listed: [{**({} if at is None else {since: wire(at)}), dated: _plain(value)} for at, value in told]}


def _said(name: str, value: Any, written: Callable[[str], str]) -> Any:
    if name in INSTANTS:
        return _instant(value)
    if name in DAYS:
        return day_of(value)
    if name in IDS:
        return [written(each) for each in value] if isinstance(value, list) else written(value)
    return _plain(value)


def _plain(value: Any) -> Any:
    """Without what says nothing: days without hours, flags that are false, stages that are open."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items() if each not in (None, [], False, "open")}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _instant(at_ms: int) -> str:
    return iso(at_ms).replace(".000Z", "Z")


def day_of(ordinal: int) -> str:
    """A local day as a file and events have it."""
    return date.fromordinal(ordinal).isoformat()


def _yaml(value: Any) -> str:
    """Letters as they are, unless one of them would turn the direction of a terminal, or the like."""
    text = _dumped(value, plainly=True)
    return text if all(line.isprintable() for line in text.split("\n")) else _dumped(value, plainly=False)


def _dumped(value: Any, *, plainly: bool) -> str:
    return yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=plainly, width=WIDTH, default_flow_style=None
    )


class _Dumper(yaml.SafeDumper):
    """No aliases: two teams with one calendar have it each."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  (PyYAML asks for each value)
        return True
