"""What holds for all objects from an instant on: how much is told of one, who is nobody, what counts as an activity."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from typing import Any

Record = dict[str, Any]
Place = tuple[int, str]
"""From when a policy holds, and its id."""
_EVER = -1

CAPS = ("most_links", "most_changes", "most_closings")
FIELDS = ("nobody", "counted_activities", *CAPS)
"""All that a policy may say."""
MOST = 10_000
"""Each cap where no policy says one."""
NOBODY = frozenset(("-", "0", "n%2fa", "n.a.", "na", "nil", "none", "null", "undefined", "unknown"))
"""Ids that stand for no lead, deal or account, in small letters, where no policy says otherwise."""


class ObjectPolicies:
    """Caps, placeholder ids and what counts, by the time of what they are asked for; never changed, `put` gives others.

    Of several policies that name a field the one that began last holds, then the one with the greater id.
    """

    def __init__(
        self,
        records: Mapping[str, Record] | None = None,
        places: Mapping[str, Sequence[Place]] | None = None,
        fewest: Mapping[str, int] | None = None,
    ) -> None:
        self._records = records or {}
        self._places = places or {}
        """By field: the policies that name it, in the order in which they begin."""
        self._fewest = fewest or {}

    def most(self, cap: str, at_ms: int) -> int:
        """A cap (`most_links`, `most_changes`, `most_closings`) at an instant."""
        most: int = self._at(cap, at_ms, MOST)
        return most

    def fewest(self, cap: str) -> int:
        """What a cap is at no instant below: whoever has not come so far need not ask further."""
        return self._fewest.get(cap, MOST)

    def nobody(self, at_ms: int) -> Collection[str]:
        """The ids that stand for nobody at an instant, in small letters."""
        found: Collection[str] = self._at("nobody", at_ms, NOBODY)
        return found

    def counted_activities(self, at_ms: int) -> Collection[str]:
        """The kinds of activities, of notes and tasks, that count at an instant as all others do."""
        found: Collection[str] = self._at("counted_activities", at_ms, ())
        return found

    def _at(self, field: str, at_ms: int, default: Any) -> Any:
        places = self._places.get(field, ())
        number = bisect_right(places, at_ms, key=_from_ms)
        return self._records[places[number - 1][1]][field] if number else default

    def put(self, name: str, record: Record | None) -> "ObjectPolicies":
        """These policies with one replaced, or with none of that id."""
        records, places, fewest = dict(self._records), dict(self._places), dict(self._fewest)
        old, new = records.pop(name, {}), _read(record or {})
        if new:
            records[name] = new
        for field in FIELDS:
            if field in old or field in new:
                places[field] = _moved(places.get(field, ()), field, name, old, new)
        for cap in CAPS:
            fewest[cap] = min(fewest.get(cap, MOST), new.get(cap, MOST))
        return ObjectPolicies(records, places, fewest)


def _from_ms(place: Place) -> int:
    return place[0]


def _read(record: Record) -> Record:
    """A policy without what it says nothing of, its placeholders in small letters."""
    said = {field: value for field, value in record.items() if value is not None}
    if "nobody" in said:
        said["nobody"] = frozenset(each.lower() for each in said["nobody"])
    return said


def _moved(places: Sequence[Place], field: str, name: str, old: Record, new: Record) -> list[Place]:
    found = list(places)
    if field in old:
        del found[bisect_left(found, (old.get("valid_from", _EVER), name))]
    if field in new:
        place = (new.get("valid_from", _EVER), name)
        found.insert(bisect_left(found, place), place)
    return found
