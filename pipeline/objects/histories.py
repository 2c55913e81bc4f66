"""Histories: for fields of which a KPI asks what held at a time (stage, owner, amount, expected close of a deal)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.objects.versions import Version

Entry = tuple[Version, Any, str | None]
"""(version that set it, value, id of the event it corrects)."""
History = list[Entry]
"""All entries ever heard, in the order of their versions, so that the order of arrival does not matter."""
Timeline = list[tuple[int, Any]]
"""(from ms, value) in time order; two neighbours differ."""


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


def goes_on(history: History, at: int) -> bool:
    """Whether the entry that was put there comes after all others in time, and corrects none of them."""
    version, _, corrects = history[at]
    return corrects is None and at == len(history) - 1 and at > 0 and history[at - 1][0][0] < version[0]


def extend(spans: dict[str, Timeline], entry: Entry) -> None:
    """Take an entry that goes on into the timelines of a history without corrections."""
    version, said, _ = entry
    for field, value in said.items():
        held = spans.setdefault(field, [])
        if not held or held[-1][1] != value:
            held.append((version[0], value))


def timelines(history: Iterable[tuple[Version, Mapping[str, Any], str | None]]) -> dict[str, Timeline]:
    """What held from when on, of each field that the versions of an object speak of; see `timeline`."""
    spans: dict[str, Timeline] = {}
    before_ms = -1
    for version, entry, corrects in history:
        at_ms = version[0]
        if corrects is not None or at_ms == before_ms:
            return _each_by_itself(history)
        before_ms = at_ms
        for field, value in entry.items():
            held = spans.get(field)
            if held is None:
                spans[field] = [(at_ms, value)]
            elif held[-1][1] != value:
                held.append((at_ms, value))
    return spans


def _each_by_itself(history: Iterable[tuple[Version, Mapping[str, Any], str | None]]) -> dict[str, Timeline]:
    by_field: dict[str, History] = {}
    for version, entry, corrects in history:
        for field, value in entry.items():
            by_field.setdefault(field, []).append((version, value, corrects))
    return {field: timeline(entries) for field, entries in by_field.items()}


def timeline(history: History) -> Timeline:
    """What held from when on.

    An entry that another one of the same source corrects is left out; of several at one time the last version holds;
    an entry that repeats the value before it adds nothing.
    """
    spans: Timeline = []
    before_ms = -1
    for version, value, corrects in history:  # in the order of versions, and so of time
        if corrects is not None or version[0] == before_ms:
            return _resolved(history)
        before_ms = version[0]
        if not spans or spans[-1][1] != value:
            spans.append((before_ms, value))
    return spans


def tellings(history: Iterable[tuple[Version, Mapping[str, Any], str | None]], field: str) -> Timeline:
    """Each time a field was told, what it was, though it may have held before: without what was corrected."""
    told = _by_time([(version, said[field], corrects) for version, said, corrects in history if field in said])
    return list(told.items())


def _by_time(history: History) -> dict[int, Any]:
    corrected = {(version[2], corrects) for version, _, corrects in history if corrects not in (None, version[3])}
    return {version[0]: value for version, value, _ in history if version[2:4] not in corrected}


def _resolved(history: History) -> Timeline:
    by_time = _by_time(history)
    spans: Timeline = []
    for at_ms, value in by_time.items():
        if not spans or spans[-1][1] != value:
            spans.append((at_ms, value))
    return spans


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
