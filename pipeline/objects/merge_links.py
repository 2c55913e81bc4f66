"""What a merged object passes on: the first of what others said of it, and of those that were merged into it before.

And the last time that our side began, and that both sides were in contact, which tell whether anybody was after the
object came to be, and the last touch of all, which may lie ahead.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pipeline.objects.firsts import Rank, Told
from pipeline.objects.object import Object
from schemas.links import CONTACT, LAST, LAST_CONTACT, MERGE, MOST_STEPS, TOUCH, WIN

Passed = list[Any]
"""[steps, kind of link, outbound, when (ms), key of its origin, rep]: see `schemas/links.py`."""
Asked = tuple[str, bool | None]
"""(what is said, whether our side began): of these the first counts; `last` and `last_contact` stand for the last."""
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


def _contact_ms(told: Told) -> int | None:
    contact_ms: int | None = told[1].get("contact_ms")
    return contact_ms


def _contact_back_ms(told: Told) -> int | None:
    contact_ms = told[1].get("contact_ms")
    return None if contact_ms is None else -contact_ms


TRIED: Asked = (TOUCH, True)
CONTACTED: Asked = (CONTACT, None)
RANKS: Mapping[Asked, Rank] = {
    (TOUCH, False): _inbound_ms,
    TRIED: _outbound_ms,
    (LAST, True): _back_from_ms,
    (LAST, None): _back_from_any_ms,
    CONTACTED: _contact_ms,
    (LAST_CONTACT, None): _contact_back_ms,
    (WIN, None): _won_ms,
}
_LAST_OF: Mapping[Asked, Asked] = {TRIED: (LAST, True), CONTACTED: (LAST_CONTACT, None)}


def first_said(item: Object, kind: str, outbound: bool | None = None) -> Found | None:
    """The first that was said of an object, or of one that was merged into it; None where nothing was."""
    own = _first_own(item, (kind, outbound))
    if MERGE not in item.links:
        return own
    passed = [(p[3], p[4], p[5]) for p in _passed_to(item) if p[1] == kind and p[2] is outbound]
    return min([*passed, own] if own is not None else passed, key=_ORDERS[kind], default=None)


def first_since(item: Object, asked: Asked, since_ms: int) -> int | None:
    """When somebody `TRIED` or `CONTACTED` an object first at or after an instant; None where nobody did.

    Of what was merged into it the first and the last are known: where the first is too early, the last counts.
    """
    own = item.first(TOUCH, RANKS[asked], since_ms)
    own_ms = None if own is None else own[0]
    if MERGE not in item.links:
        return own_ms
    of_both = asked, _LAST_OF[asked]
    passed = [p[3] for p in _passed_to(item) if (p[1], p[2]) in of_both and p[3] >= since_ms]
    return min(passed if own_ms is None else [*passed, own_ms], default=None)


def _first_own(item: Object, asked: Asked) -> Found | None:
    kind = WIN if asked[0] == WIN else TOUCH
    first = item.first(kind, RANKS[asked])
    return None if first is None else (abs(first[0]), first[1], item.links[kind][first[1]][1]["rep"])


def _order(found: Found) -> tuple[int, str, str]:
    return found[0], found[1], found[2] or ""


def _order_back(found: Found) -> tuple[int, str, str]:
    return -found[0], found[1], found[2] or ""


_ORDERS: Mapping[str, Callable[[Found], tuple[int, str, str]]] = {
    TOUCH: _order,
    LAST: _order_back,
    CONTACT: _order,
    LAST_CONTACT: _order_back,
    WIN: _order,
}


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
