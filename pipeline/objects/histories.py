"""Histories: for fields of which a KPI asks what held at a time (stage, owner, amount, expected close of a deal)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from pipeline.objects.versions import Version

Entry = tuple[Version, Any, int | None]
"""(version that set it, value, digest of the id of the event it corrects)."""
History = list[Entry]
"""All entries ever heard, in the order of their versions, so that the order of arrival does not matter."""
Timeline = list[tuple[int, Any]]
"""(from ms, value) in time order; two neighbours differ. One that ends as it begins was left at once."""
Moment = tuple[int, int]
"""(event time ms, sequence): of one moment the last version holds."""


def insert(history: History, entry: Entry) -> int | None:
    """Take in an entry; returns its place, None when it is there already."""
    if not history or history[-1][0] < entry[0]:
        history.append(entry)
        return len(history) - 1
    at = bisect_left(history, entry[0], key=lambda known: known[0])
    if at < len(history) and history[at][0] == entry[0]:
        return None
    history.insert(at, entry)
    return at


def holds(history: History, version: Version) -> bool:
    """Whether an entry of this version is there already."""
    at = bisect_left(history, version, key=lambda known: known[0])
    return at < len(history) and history[at][0] == version


def is_plain(history: History) -> bool:
    """Whether nothing in it takes anything else out: no entry corrects another, and there is one export at most."""
    exports = {version[2] for version, _, _ in history}
    return len(exports - {0}) <= 1 and all(corrects is None for _, _, corrects in history)


def goes_on(history: History, at: int) -> bool:
    """Whether the entry put at a place of a plain history comes after all others, and leaves the history plain."""
    version, _, corrects = history[at]
    if corrects is not None or at != len(history) - 1 or at == 0:
        return False
    before = history[at - 1][0]
    return before[:2] < version[:2] and version[2] in (0, before[2])


def extend(spans: dict[str, Timeline], entry: Entry) -> None:
    """Take an entry that goes on into the timelines of a history without corrections."""
    version, said, _ = entry
    for field, value in said.items():
        held = spans.setdefault(field, [])
        if not held or held[-1][1] != value:
            held.append((version[0], value))


def timelines(history: Iterable[tuple[Version, Mapping[str, Any], int | None]]) -> dict[str, Timeline]:
    """What held from when on, of each field that the versions of an object speak of; see `timeline`."""
    spans: dict[str, Timeline] = {}
    before, export_ms = (-1, 0), 0
    for version, entry, corrects in history:
        moment, ingested_ms = version[:2], version[2]
        if corrects is not None or moment == before or (ingested_ms and export_ms not in (0, ingested_ms)):
            return _each_by_itself(history)
        before, export_ms = moment, ingested_ms or export_ms
        for field, value in entry.items():
            held = spans.get(field)
            if held is None:
                spans[field] = [(moment[0], value)]
            elif held[-1][1] != value:
                held.append((moment[0], value))
    return spans


def _each_by_itself(history: Iterable[tuple[Version, Mapping[str, Any], int | None]]) -> dict[str, Timeline]:
    by_field: dict[str, History] = {}
    for version, entry, corrects in history:
        for field, value in entry.items():
            by_field.setdefault(field, []).append((version, value, corrects))
    return {field: timeline(entries) for field, entries in by_field.items()}


def timeline(history: History) -> Timeline:
    """What held from when on: an entry that repeats the value before it adds nothing."""
    spans: Timeline = []
    for (at_ms, _), value in _by_moment(history).items():
        if not spans or spans[-1][1] != value:
            spans.append((at_ms, value))
    return spans


def tellings(history: Iterable[tuple[Version, Mapping[str, Any], int | None]], field: str) -> list[tuple[Moment, Any]]:
    """Each moment at which a field was told, and what it was, though it may have held before."""
    told = [(version, said[field], corrects) for version, said, corrects in history if field in said]
    return list(_by_moment(told).items())


def _by_moment(history: History) -> dict[Moment, Any]:
    """What was told when, in the order of versions, and so of time.

    Left out is an entry that another one of the same source corrects, and one that a later export of its source tells
    anew: such an export speaks of the field from its own first entry on. Of several at one moment the last version
    holds.
    """
    standing = _uncorrected(history)
    exports = _Exports(version for version, _, _ in standing)
    return {version[:2]: value for version, value, _ in standing if not exports.tell_anew(version)}


def _uncorrected(history: History) -> History:
    named = {(v[3], corrects, v[4]) for v, _, corrects in history if corrects is not None}
    corrected = {(source, event_id) for source, event_id, own in named if event_id != own}
    return [entry for entry in history if entry[0][3:5] not in corrected] if corrected else history


class _Exports:
    """From which moment on the exports of each source speak of a field: those made after an instant, together."""

    def __init__(self, versions: Iterable[Version]) -> None:
        first: dict[str, dict[int, Moment]] = {}
        for version in versions:  # in the order of versions: the first of an export is its earliest
            if version[2]:
                first.setdefault(version[3], {}).setdefault(version[2], version[:2])
        self._since = {source: _from_the_end(sorted(made.items())) for source, made in first.items() if len(made) > 1}

    def tell_anew(self, version: Version) -> bool:
        """Whether an export that was made later speaks of this entry's moment."""
        if not version[2] or version[3] not in self._since:
            return False
        made, since = self._since[version[3]]
        later = bisect_right(made, version[2])
        return later < len(made) and since[later] <= version[:2]


def _from_the_end(exports: Sequence[tuple[int, Moment]]) -> tuple[list[int], list[Moment]]:
    """When each export was made, and the first moment that it or a later one speaks of."""
    since = list(accumulate((moment for _, moment in reversed(exports)), min))
    return [made for made, _ in exports], since[::-1]


def value_at(spans: Timeline, at_ms: int) -> Any:
    """What held at an instant; before the first entry, what that one says; None where there is none."""
    if not spans:
        return None
    if at_ms >= spans[-1][0]:
        return spans[-1][1]
    return spans[max(bisect_right(spans, at_ms, key=lambda span: span[0]) - 1, 0)][1]


def known_at(spans: Timeline, at_ms: int) -> Any:
    """What was known at an instant; None before the first entry."""
    return None if not spans or at_ms < spans[0][0] else value_at(spans, at_ms)
