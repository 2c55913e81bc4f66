"""The events that make an object stand as some of what was told of it says, whatever else was told. Pure.

What a source told stays in the log. So what is taken back is told anew: a register by a later version of the same
moment, an entry of a history by an event that corrects it or by a later export that speaks of its time, an object that
nothing speaks of any more by its deletion.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.importing.tellings import DELETED, LIVE, Telling, View, data_of, event_of_telling, kept_of, view
from pipeline.objects.histories import Moment
from pipeline.sending.event import content_of, id_of
from schemas.events import iso
from schemas.types import instant_ms

NEVER = iso(0)
CLEARED = ("process", "company")
"""Kinds whose deletion takes nothing back: what they said is cleared."""


def settle(subject: str, source: str, told: Sequence[Telling], target: Sequence[Telling]) -> list[Telling]:
    """What to tell so that `told` comes to `target`; nothing where it does already.

    `told` is everything that the source ever told of the object, `target` the part of it that is to hold.
    """
    kind = subject.partition(":")[0]
    now = view(kind, source, told)
    wanted = view(kind, source, target) if target else _gone(kind, now)
    if not told or now == wanted:
        return []
    return _Settling(subject, source, told).from_to(now, wanted)


def _gone(kind: str, now: View) -> View:
    """How an object stands that is taken back as a whole, of which this is known."""
    if kind in CLEARED:
        return View(now.life)
    if kind in ("membership", "identity"):
        return View(LIVE, {**now.registers, "valid_from": NEVER, "valid_to": NEVER})
    return View(DELETED, now.registers, now.histories)


class _Settling:
    """One object: all events are later versions than any that was told."""

    def __init__(self, subject: str, source: str, told: Sequence[Telling]) -> None:
        self._subject, self._source, self._told = subject, source, told
        self._kind = subject.partition(":")[0]
        self._last = max(each.moment for each in told)
        self._ingested_ms = max(each.ingested_ms for each in told) + 1

    def from_to(self, now: View, wanted: View) -> list[Telling]:
        """The events."""
        made = [*self._histories(now, wanted), *self._registers(now, wanted)]
        return [*made, self._life(now, wanted)] if now.life != wanted.life else made

    def _registers(self, now: View, wanted: View) -> list[Telling]:
        """All registers anew, so that the time by which an event is judged is among them; what is not told is null."""
        if now.registers == wanted.registers:
            return []
        names = sorted(now.registers.keys() | wanted.registers.keys())
        said = {name: wanted.registers.get(name) for name in names}
        return [self._made("changed", self._last, data) for data in data_of(self._kind, said)]

    def _histories(self, now: View, wanted: View) -> list[Telling]:
        """Each field that differs from its first moment on, and the entries of before taken out one by one."""
        anew: dict[Moment, dict[str, Any]] = {}
        corrected: dict[tuple[str, Moment], dict[str, Any]] = {}
        for name in sorted(kept_of(self._kind)):
            if now.histories.get(name) == wanted.histories.get(name):
                continue
            entries = [each for each in self._told if each.verb == "changed" and name in each.data]
            told = wanted.histories.get(name) or [(min(each.moment for each in entries), None)]
            for moment, value in told:
                anew.setdefault(moment, {})[name] = value
            first, value = told[0]
            for each in entries:
                if each.moment < first:
                    corrected.setdefault((each.id, first), {})[name] = value
        return [
            *(self._made("changed", moment, data) for moment, data in sorted(anew.items())),
            *(self._made("changed", moment, data, which) for (which, moment), data in sorted(corrected.items())),
        ]

    def _life(self, now: View, wanted: View) -> Telling:
        if wanted.life.startswith("into:"):
            return self._made("merged", self._last, {"into": wanted.life.removeprefix("into:")})
        verb = "deleted" if wanted.life == DELETED else "restored"
        if self._kind == "team" and verb == "deleted" and all(each.verb == "changed" for each in self._told):
            return self._made(verb, (0, 0), {})  # a team ends when it is deleted: this one never began
        return self._made(verb, (max(self._last[0], self._own_ms(now)), self._last[1]), {})

    def _own_ms(self, now: View) -> int:
        """The time of the object by what it says, as far as it has passed: by that it is remembered."""
        stamps = (value for name, value in now.registers.items() if name.endswith("_at") and isinstance(value, str))
        return max((at_ms for at_ms in map(instant_ms, stamps) if at_ms <= self._ingested_ms), default=0)

    def _made(self, verb: str, moment: Moment, data: Mapping[str, Any], corrects: str | None = None) -> Telling:
        telling = Telling(verb, *moment, self._ingested_ms, "", dict(data), corrects)
        content = content_of(event_of_telling(telling, self._source, self._subject))
        return telling._replace(id=id_of(content))
