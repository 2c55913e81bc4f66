"""What a source told of one object, event by event, and how the object stands by that. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pipeline.kinds import kind_named
from pipeline.objects import histories
from pipeline.objects.histories import History, Moment
from pipeline.objects.object import LIFE, Object
from pipeline.objects.versions import corrected_of, version_of
from pipeline.sending.event import domain_of
from schemas.events import iso, sequence_of
from schemas.types import instant_ms

DATED = {"team": "time_zone", "company": "week_start"}
"""Fields of the organisation of which every day has a value of its own."""
DELETED, LIVE = "deleted", "live"
_LIVES = {"deleted": DELETED, "restored": LIVE}


class Telling(NamedTuple):
    """One event of an import about an object that is known."""

    verb: str
    time_ms: int
    sequence: int
    ingested_ms: int
    id: str
    data: dict[str, Any]
    corrects: str | None = None

    @property
    def moment(self) -> Moment:
        """When it happened, among the object's events."""
        return self.time_ms, self.sequence


@dataclass(slots=True)
class View:
    """How an object stands by what was told of it. What is null is as if it was never told."""

    life: str = LIVE
    registers: dict[str, Any] = field(default_factory=dict)
    """By field; of a dated field or an edition by `<field>@<from when>`."""
    histories: dict[str, list[tuple[Moment, Any]]] = field(default_factory=dict)


def telling_of(event: Mapping[str, Any]) -> Telling:
    """What an event tells; `ingested_ms` is 0 of one that was told as it happened."""
    ingested = event.get("ingested")
    return Telling(
        str(event["type"]).rpartition(".")[2],
        instant_ms(event["time"]),
        sequence_of(event.get("sequence", 0)),
        0 if ingested is None else instant_ms(ingested),
        event["id"],
        event.get("data") or {},
        event.get("corrects"),
    )


def event_of_telling(telling: Telling, source: str, subject: str) -> dict[str, Any]:
    """The event again: the same bytes each time."""
    kind = subject.partition(":")[0]
    event = {
        "specversion": "1.0",
        "source": source,
        "type": f"{domain_of(kind)}.{kind}.{telling.verb}",
        "subject": subject,
        "time": iso(telling.time_ms),
        "sequence": telling.sequence,
        "ingested": iso(telling.ingested_ms),
        "data": telling.data,
        "id": telling.id,
    }
    return event if telling.corrects is None else {**event, "corrects": telling.corrects}


def view(kind: str, source: str, told: Iterable[Telling]) -> View:
    """How an object of a kind stands by everything that a source told, in any order."""
    item, kept = Object(f"{kind}:x"), kept_of(kind)
    for each in told:
        version = version_of(each.time_ms, each.sequence, source, each.id, b"", each.ingested_ms)
        item.merge(version, changes_of(kind, each), corrected_of(each.corrects), 0, kept)
    registers = {name: value for name, value in item.values.items() if value is not None and name != LIFE}
    entries = {name: _tellings(item.history, name) for name in kept}
    return View(item.values.get(LIFE, LIVE), registers, {name: told for name, told in entries.items() if told})


def kept_of(kind: str) -> frozenset[str]:
    """The fields of a kind that are kept as histories; of the organisation none is."""
    return frozenset() if domain_of(kind) == "org" else kind_named(kind).histories


def changes_of(kind: str, telling: Telling) -> dict[str, Any]:
    """What a telling changes, as registers and entries of histories."""
    if telling.verb == "merged":
        return {LIFE: f"into:{telling.data['into']}"}
    if telling.verb != "changed":
        return {LIFE: _LIVES[telling.verb]}
    data = telling.data
    if kind == "process" and "stages" in data:
        return {f"stages@{data.get('valid_from') or iso(telling.time_ms)}": data["stages"]}
    dated = DATED.get(kind)
    if dated is None:
        return data
    others = {name: value for name, value in data.items() if name not in (dated, f"{dated}_from")}
    return {**others, f"{dated}@{data.get(f'{dated}_from') or ''}": data[dated]} if dated in data else others


def data_of(kind: str, registers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The data of the events that tell registers: one for what is not dated, and one for each day or edition."""
    plain = {name: value for name, value in registers.items() if "@" not in name}
    found = [plain] if plain else []
    for name, value in sorted(registers.items()):
        told, at, since = name.partition("@")
        if at:
            began = "valid_from" if kind == "process" else f"{told}_from"
            found.append({told: value, **({began: since} if since else {})})
    return found


def _tellings(history: History, name: str) -> list[tuple[Moment, Any]]:
    """Each moment at which a field was told; none where it was only ever cleared."""
    told = histories.tellings(history, name)
    return told if any(value is not None for _, value in told) else []
