"""Whether an object stands in the log as an export tells it, and what corrects it where it does not. Pure.

An export tells less than the log: what happened between its moments is none of its business. So it is asked whether
what it tells holds: each register, each value of a history at its moment, that it did not hold before that moment if
the export tells another value then, and that the last value is the last one.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.importing.tellings import DELETED, LIVE, Telling, event_of_telling, kept_of
from pipeline.objects.histories import Moment, tellings
from pipeline.objects.object import LIFE, MENTIONED, Object
from pipeline.objects.versions import Version, corrected_of, version_of
from pipeline.sending.event import content_of, id_of
from schemas.types import instant_ms


@dataclass(frozen=True, slots=True)
class Said:
    """One event about an object, with who told it."""

    source: str
    telling: Telling

    @property
    def version(self) -> Version:
        """Where it stands in the order of the object's versions."""
        each = self.telling
        return version_of(each.time_ms, each.sequence, self.source, each.id, b"", each.ingested_ms)


@dataclass(frozen=True, slots=True)
class Changed:
    """A field that stands otherwise than the export tells; `at` is the moment, of a history."""

    field: str
    export: Any
    pipeline: Any
    at: Moment | None = None

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return {"field": self.field, "export": self.export, "pipeline": self.pipeline}


def object_of(kind: str, said: Iterable[Said]) -> Object:
    """The object as several sources tell it. Only kinds of the CRM and of telephony."""
    item, kept = Object(f"{kind}:x"), kept_of(kind)
    for each in said:
        telling = each.telling
        verb, data = telling.verb, telling.data
        life = {"deleted": DELETED, "restored": LIVE}.get(verb)
        changes = data if verb == "changed" else {LIFE: life or f"into:{data['into']}"}
        item.merge(each.version, changes or {MENTIONED: None}, corrected_of(telling.corrects), 0, kept)
    return item


def differences(kind: str, export: Sequence[Said], log: Sequence[Said], within_ms: int = 0) -> list[Changed]:
    """What of an object stands otherwise; instants that are no further apart than `within_ms` are the same."""
    told, stands = object_of(kind, export), object_of(kind, log)
    found = [
        Changed(name, value, stands.get(name))
        for name, value in sorted(told.values.items())
        if name not in (LIFE, MENTIONED) and not _same(name, value, stands.get(name), within_ms)
    ]
    life, now = told.values.get(LIFE, LIVE), stands.values.get(LIFE, LIVE)
    found += [Changed(LIFE, life, now)] if life != now and not now.startswith("into:") else []
    for name in sorted(kept_of(kind)):
        found += _history(name, tellings(told.history, name), tellings(stands.history, name), within_ms)
    return found


def corrections(
    subject: str, source: str, export: Sequence[Said], log: Sequence[Said], changed: Sequence[Changed], now_ms: int
) -> list[Telling]:
    """What to tell so that nothing of an object differs any more; `log` has everything that was told of it."""
    return _Correcting(subject, source, export, log, now_ms).all(changed)


def deletion(subject: str, source: str, log: Sequence[Said], now_ms: int) -> Telling:
    """The event that says that an object is not there any more."""
    return _Correcting(subject, source, (), log, now_ms).made("deleted", None, {})


def _same(name: str, one: Any, other: Any, within_ms: int) -> bool:
    if one == other or not name.endswith("_at") or not isinstance(one, str) or not isinstance(other, str):
        return bool(one == other)
    return abs(instant_ms(one) - instant_ms(other)) <= within_ms


Told = Sequence[tuple[Moment, Any]]


def _history(name: str, export: Told, log: Told, within_ms: int) -> list[Changed]:
    found: list[Changed] = []
    spans = _spans(log)
    before: Any = None
    for number, (moment, value) in enumerate(export):
        turned = number > 0 and value != before
        if not any(_holds(span, moment, value, within_ms, turned=turned) for span in spans):
            found.append(Changed(name, value, _at(log, moment), moment))
        before = value
    if export and not found and log and log[-1][1] != export[-1][1]:
        found.append(Changed(name, export[-1][1], log[-1][1], export[-1][0]))
    return found


Span = tuple[Moment, Moment | None, Any]
"""From when until when what held; the first from ever."""


def _spans(log: Told) -> list[Span]:
    turns = [each for number, each in enumerate(log) if number == 0 or log[number - 1][1] != each[1]]
    if not turns:
        return [((0, 0), None, None)]
    ends: list[Moment | None] = [*(moment for moment, _ in turns[1:]), None]
    return [(moment, end, value) for (moment, value), end in zip(turns, ends, strict=True)]


def _holds(span: Span, moment: Moment, value: Any, within_ms: int, *, turned: bool) -> bool:
    """Whether a value held at a moment, or so close to it; where it turned then, whether it began then."""
    (begin, end, held), (at_ms, sequence) = span, moment
    early, late = (at_ms - within_ms, sequence), (at_ms + within_ms, sequence)
    if held != value or (end is not None and end <= early):
        return False
    return not turned or (early[0] <= begin[0] and begin <= late)


def _at(log: Told, moment: Moment) -> Any:
    """What held at a moment; before the first, what that one says."""
    held = [value for at, value in log if at <= moment]
    return held[-1] if held else log[0][1] if log else None


class _Correcting:
    """One object: all events are later versions of their moments than any that was told."""

    def __init__(self, subject: str, source: str, export: Sequence[Said], log: Sequence[Said], now_ms: int) -> None:
        self._subject, self._source = subject, source
        self._kind = subject.partition(":")[0]
        self._export, self._log = export, log
        everything = [each.telling for each in (*export, *log)]
        self._last = max((each.moment for each in everything), default=(now_ms, 0))
        self._ingested_ms = max([now_ms, *(each.ingested_ms + 1 for each in everything)])

    def all(self, changed: Sequence[Changed]) -> list[Telling]:
        """The events for what differs."""
        if not self._log:
            return [each.telling._replace(ingested_ms=self._ingested_ms) for each in self._export]
        kept = kept_of(self._kind)
        names = sorted({each.field for each in changed})
        made = self._histories([name for name in names if name in kept])
        registers = [name for name in names if name not in kept and name != LIFE]
        if registers:
            told = object_of(self._kind, self._export).values
            data = {name: value for name, value in told.items() if name not in (LIFE, MENTIONED)}
            made.append(self.made("changed", None, data))
        life = next((each.export for each in changed if each.field == LIFE), None)
        return [*made, self.made("deleted" if life == DELETED else "restored", None, {})] if life is not None else made

    def _histories(self, names: Sequence[str]) -> list[Telling]:
        anew: dict[Moment, dict[str, Any]] = {}
        told, stands = object_of(self._kind, self._export), object_of(self._kind, self._log)
        for name in names:
            export, log = tellings(told.history, name), tellings(stands.history, name)
            for moment, value in export:
                anew.setdefault(moment, {})[name] = value
            for moment, value in _in_the_way(export, log).items():
                anew.setdefault(moment, {})[name] = value
        return [self.made("changed", moment, data) for moment, data in sorted(anew.items())]

    def made(self, verb: str, moment: Moment | None, data: Mapping[str, Any]) -> Telling:
        """An event of the object, at its last moment where none is given."""
        telling = Telling(verb, *(moment or self._last), self._ingested_ms, "", dict(data))
        return telling._replace(id=id_of(content_of(event_of_telling(telling, self._source, self._subject))))


def _in_the_way(export: Told, log: Told) -> dict[Moment, Any]:
    """Moments of the log at which a value came too early, or after the last one, with what holds there instead."""
    found: dict[Moment, Any] = {}
    moments = [moment for moment, _ in export]
    for moment, value in log:
        number = bisect_right(moments, moment)
        if number == 0 or moments[number - 1] == moment:
            continue
        holds = export[number - 1][1]
        coming = export[number][1] if number < len(export) else None
        if value != holds and (number == len(export) or value == coming):
            found[moment] = holds
    return found
