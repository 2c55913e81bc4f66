"""An object as its events and links tell it: a call, a deal, a lead, a team."""

from bisect import insort
from collections.abc import Collection, Mapping
from operator import itemgetter
from typing import Any

import msgspec

from pipeline.objects import histories
from pipeline.objects.block_index import BlockIndex
from pipeline.objects.firsts import FEW, First, Rank, Told, first_of
from pipeline.objects.histories import History, Timeline
from pipeline.objects.versions import Version
from pipeline.organisation.days import DAY_MS
from schemas.links import MERGE, TOUCH

LIFE = "life"
"""The register of deletion and merge: `live`, `deleted`, or `into:<id>`."""
MENTIONED = "mentioned"
"""The register of an event that says nothing but that there is such an object."""
OVER = "over"
"""The life of what is forgotten and still counted: that it is over is all that is known of it."""

NO_TIMELINE: Timeline = []
Links = dict[str, dict[str, Told]]
"""What other objects say of this one: kind of link, key of the origin, (append time ms, payload)."""


class Object(msgspec.Struct, eq=False, gc=False):
    """One object: registers, histories and links, merged in any order to the same result.

    A register holds its newest value. `values` are those of the registers, and `version` is the newest version of any;
    `older` has the versions of those that it left as they were, by field. So the common case, a version that says
    everything anew, needs nothing else. `history` has what each version says of the fields kept as histories.
    `heard_day` is the day (append time, UTC, since 1970) on which an event of it last came, kept for deals only.
    `said` and `course` belong to whoever works with the object; a change ends `course`, unless it only goes on.
    `older` and `links` are only changed where something is in them: empty ones may be shared.
    `apart` says what of it does not lie in its own value in the store, `weight` how many bytes it takes there.
    """

    key: str
    values: Mapping[str, Any] = {}
    version: Version | None = None
    older: dict[str, Version] = {}
    history: History = []
    links: Links = {}
    heard_day: int = 0
    said: Any = None
    course: Any = None
    kind: str = ""
    timelines: dict[str, Timeline] | None = None
    apart: BlockIndex | None = None
    weight: int = 0
    firsts: dict[tuple[str, Rank], First] | None = None
    told: dict[str, list[tuple[Version, Any]]] | None = None
    plain: bool = False

    def __post_init__(self) -> None:
        self.kind = self.key.partition(":")[0]

    def merge(
        self,
        version: Version,
        changes: Mapping[str, Any],
        corrects: int | None = None,
        heard_ms: int = 0,
        kept: Collection[str] = (),
    ) -> bool:
        """Take in one event's changes, to be kept as they are; True when the object is another one now.

        `kept` are the fields that its kind keeps as histories, `heard_ms` is when the event was appended.
        """
        if not kept:
            return self._set(version, changes)
        entry: dict[str, Any] = {}
        others: dict[str, Any] = {}
        for field, value in changes.items():
            (entry if field in kept else others)[field] = value
        changed = bool(entry) and self._enter((version, entry, corrects))
        if others:
            changed |= self._set(version, others)
        if heard_ms // DAY_MS > self.heard_day:
            self.heard_day = heard_ms // DAY_MS
            changed = True
        return changed

    def _enter(self, entry: histories.Entry) -> bool:
        """Take in an entry of the history. One that only goes on leaves what is known of the time before as it is."""
        at = histories.insert(self.history, entry)
        if at is None:
            return False
        if self.apart is not None:
            self.apart.inserted(at)
        for field, told in (self.told or {}).items():
            if field in entry[1]:
                insort(told, (entry[0], entry[1][field]), key=itemgetter(0))
        if self.timelines is None or not self.plain or not histories.goes_on(self.history, at):
            self.course = self.timelines = None
        else:
            histories.extend(self.timelines, entry)
        return True

    def _set(self, version: Version, changes: Mapping[str, Any]) -> bool:
        newest, values = self.version, self.values
        if newest is None or version > newest:
            if values.keys() <= changes.keys():
                self.values = changes
                if self.older:
                    self.older = {}
            else:
                assert newest is not None
                older = dict.fromkeys(values.keys() - changes.keys(), newest) | self.older
                self.older = {field: older[field] for field in older.keys() - changes.keys()}
                self.values = {**values, **changes}
            self.version = version
            return True
        return version != newest and self._fill_in(version, changes)

    def _fill_in(self, version: Version, changes: Mapping[str, Any]) -> bool:
        """Take in an older version: where only still older ones have spoken."""
        known, older = self.values, self.older
        heard = {f: v for f, v in changes.items() if f not in known or (f in older and older[f] < version)}
        if heard:
            self.values = {**known, **heard}
            self.older = {**older, **dict.fromkeys(heard, version)}
        return bool(heard)

    def link(self, kind: str, origin: str, append_ms: int, payload: Any) -> bool:
        """Take in what `origin` says now, None when it takes it back; True when that is something else."""
        known = self.links.get(kind, {}).get(origin)
        if (known[1] if known else None) == payload:
            return False
        told = None if payload is None else (append_ms, payload)
        if self.apart is not None:
            self.apart.linked((kind, origin), told, self.links)
        if told is not None:
            if not self.links:
                self.links = {}
            self.links.setdefault(kind, {})[origin] = told
            self._tell_firsts(kind, origin, told)
            return True
        del self.links[kind][origin]
        if not self.links[kind]:
            del self.links[kind]
        return True

    def lapse(self, before_ms: int) -> None:
        """Let go of the touches whose activities are of before an instant; called before its first event."""
        touches = self.links.get(TOUCH, {})
        for origin in [origin for origin, told in touches.items() if anchor_of(told) < before_ms]:
            self.link(TOUCH, origin, 0, None)

    def _tell_firsts(self, kind: str, origin: str, told: Told) -> None:
        for (asked, _), first in (self.firsts or {}).items():
            if asked == kind:
                first.told(origin, told)

    def first(self, kind: str, rank: Rank, since: int | None = None) -> tuple[int, str] | None:
        """(rank, origin) of the first link of a kind by a rule, of several at one rank the first by key; or None.

        With `since` those of a lower rank do not count.
        """
        origins = self.links.get(kind)
        if origins is None:
            return None
        if len(origins) <= FEW:
            return first_of(rank, origins, since)
        if self.firsts is None:
            self.firsts = {}
        known = self.firsts.get((kind, rank))
        if known is None or known.since != since:
            known = self.firsts[kind, rank] = First(rank, origins, since)
        return known.ask(origins)

    def get(self, field: str) -> Any:
        """The value of a register; None where absent or cleared."""
        return self.values.get(field)

    def timeline(self, field: str) -> Timeline:
        """What held from when on, of a field that is kept as a history."""
        if self.timelines is None:
            self.timelines = histories.timelines(self.history)
            self.plain = len(self.history) > FEW and histories.is_plain(self.history)
        return self.timelines.get(field, NO_TIMELINE)

    def every_telling(self, field: str) -> list[tuple[Version, Any]]:
        """What each version told of a field that is kept as a history, in their order; whatever corrects it."""
        if self.told is None:
            self.told = {}
        if field not in self.told:
            self.told[field] = [(version, said[field]) for version, said, _ in self.history if field in said]
        return self.told[field]

    @property
    def has_events(self) -> bool:
        """Whether any event of its own was ever taken in."""
        return self.version is not None or bool(self.history)

    @property
    def ended(self) -> bool:
        """Whether it is deleted or merged into another one, and nothing was merged into it later: that revives it.

        Chains of merges may be of one instant, and say nothing of each other's order; but of two objects merged into
        each other at one instant one lives.
        """
        if self.values.get(LIFE, "live") == "live":
            return False
        own, into = self.older.get(LIFE, self.version), self.merged_into
        merged = ((origin, tuple(told[1]["version"])) for origin, told in self.links.get(MERGE, {}).items())
        return own is None or all(
            version[:3] < own[:3] or (version[:3] == own[:3] and (origin != into or version < own))
            for origin, version in merged
        )

    @property
    def ended_ms(self) -> int | None:
        """When it was deleted or merged, by the event that says so; None of one that has not `ended`."""
        if LIFE not in self.values or not self.ended:
            return None
        own = self.older.get(LIFE, self.version)
        return None if own is None else own[0]

    @property
    def live(self) -> bool:
        """Whether it has events of its own and has not ended."""
        if LIFE in self.values and self.ended:
            return False
        return self.version is not None or bool(self.history)

    @property
    def over(self) -> bool:
        """Whether it is forgotten and still counted: whatever comes for it is late."""
        return self.values.get(LIFE) == OVER

    @property
    def merged_into(self) -> str | None:
        """The key of the object that it was last said to be merged into, also where it was revived since."""
        life = self.values.get(LIFE)
        return f"{self.kind}:{life[5:]}" if life is not None and life.startswith("into:") else None

    @property
    def newest_ms(self) -> int:
        """Event time of its newest event."""
        newest_ms = 0 if self.version is None else self.version[0]
        if self.history:
            newest_ms = max(newest_ms, self.history[-1][0][0])
        return newest_ms

    @property
    def link_count(self) -> int:
        """How many links others have to it now."""
        return sum(map(len, self.links.values()))


def anchor_of(touch: Told) -> int:
    """The time by which the activity is remembered that told a touch: its own, where the touch names no other."""
    payload = touch[1]
    anchor_ms: int = payload.get("anchor_ms", payload["at_ms"])
    return anchor_ms
