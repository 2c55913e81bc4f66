"""What a merged object passes on: the first of what others said of it, and of those that were merged into it before.

And the last time that our side began, which tells whether anybody did after the object came to be, and the last touch
of all, which may lie ahead.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pipeline.objects.firsts import Rank, Told
from pipeline.objects.object import Object
from schemas.links import LAST, MERGE, MOST_STEPS, TOUCH, WIN

Passed = list[Any]
"""[steps, kind of link, outbound, when (ms), key of its origin, rep]: see `schemas/links.py`."""
Asked = tuple[str, bool | None]
"""(kind of link, whether our side began): of these the first counts; `last` stands for the last of the touches."""
Found = tuple[int, str, str | None]
"""(when (ms), key of the origin, rep)."""


def _won_ms(told: Told) -> int:
    won_ms: int = told[1]["won_ms"]
    return won_ms


def _outbound_ms(told: Told) -> int | None:
    return told[1]["at_ms"] if told[1]["outbound"] else None


def _inbound_ms(told: Told) -> int | None:
    return None if told[1]["outbound"] else told[1]["at_ms"]


def _back_from_ms(told: Told) -> int | None:
    """The last comes first."""
    return -told[1]["at_ms"] if told[1]["outbound"] else None


def _back_from_any_ms(told: Told) -> int:
    touch: Mapping[str, int] = told[1]
    return -max(touch["at_ms"], touch.get("meets_ms", 0))


RANKS: Mapping[Asked, Rank] = {
    (TOUCH, False): _inbound_ms,
    (TOUCH, True): _outbound_ms,
    (LAST, True): _back_from_ms,
    (LAST, None): _back_from_any_ms,
    (WIN, None): _won_ms,
}


def first_said(item: Object, kind: str, outbound: bool | None = None) -> Found | None:
    """The first that was said of an object, or of one that was merged into it; None where nothing was."""
    own = _first_own(item, (kind, outbound))
    if MERGE not in item.links:
        return own
    passed = [(p[3], p[4], p[5]) for p in _passed_to(item) if p[1] == kind and p[2] is outbound]
    return min([*passed, own] if own is not None else passed, key=_ORDERS[kind], default=None)


def _first_own(item: Object, asked: Asked) -> Found | None:
    kind = TOUCH if asked[0] == LAST else asked[0]
    first = item.first(kind, RANKS[asked])
    return None if first is None else (abs(first[0]), first[1], item.links[kind][first[1]][1]["rep"])


def _order(found: Found) -> tuple[int, str, str]:
    return found[0], found[1], found[2] or ""


def _order_back(found: Found) -> tuple[int, str, str]:
    return -found[0], found[1], found[2] or ""


_ORDERS: Mapping[str, Callable[[Found], tuple[int, str, str]]] = {TOUCH: _order, LAST: _order_back, WIN: _order}


def passed_on(item: Object) -> list[Passed]:
    """What the object gives to the one it was merged into, in an order free of arrival.

    Of each kind, direction and number of steps only one goes on, which is all that is asked of what was passed on; and
    nothing goes further than `MOST_STEPS`, so that a circle ends.
    """
    found: dict[tuple[int, str, bool | None], Found] = {}
    for asked in RANKS:
        own = _first_own(item, asked)
        if own is not None:
            found[1, *asked] = own
    for steps, kind, outbound, *rest in _passed_to(item):
        place, passed = (steps + 1, kind, outbound), (rest[0], rest[1], rest[2])
        if steps < MOST_STEPS:
            found[place] = min(found.get(place, passed), passed, key=_ORDERS[kind])
    ordered = sorted(found.items(), key=lambda each: (each[0][0], each[0][1], bool(each[0][2])))
    return [[*place, *what] for place, what in ordered]


def _passed_to(item: Object) -> Iterator[Passed]:
    for _, payload in item.links.get(MERGE, {}).values():
        yield from payload["passed"]
