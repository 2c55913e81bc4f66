"""What a merged object passes on: everything others said of it, with the way it came, so that a circle ends."""

from collections.abc import Iterator
from typing import Any

from pipeline.objects.object import Object
from schemas.links import MERGE

Passed = list[Any]
"""[kind of link, key of its origin, payload, [keys of the objects it came through]]."""


def links_of(item: Object, kind: str) -> dict[str, Any]:
    """What others say of an object, by key of the origin: of itself first, then of those merged into it."""
    found = {origin: payload for origin, (_, payload) in item.links.get(kind, {}).items()}
    if MERGE in item.links:
        for passed_kind, origin, payload, _ in _passed_to(item):
            if passed_kind == kind:
                found.setdefault(origin, payload)
    return found


def passed_on(item: Object) -> dict[str, list[Passed]] | None:
    """What the object gives to the one it was merged into, in an order free of arrival; None: nothing.

    Of each kind and way only the first goes on: nothing more is ever asked of what was passed on.
    """
    own = [
        [kind, origin, payload, [item.key]]
        for kind, origins in item.links.items()
        if kind != MERGE
        for origin, (_, payload) in origins.items()
    ]
    through = [[kind, origin, payload, [*path, item.key]] for kind, origin, payload, path in _passed_to(item)]
    first: dict[tuple[Any, ...], Passed] = {}
    for passed in sorted(own + through, key=_rank):
        first.setdefault((passed[0], passed[2].get("outbound"), *passed[3]), passed)
    return {"passed": list(first.values())} if first else None


def _rank(passed: Passed) -> tuple[Any, ...]:
    kind, origin, payload, path = passed
    return kind, path, payload.get("won_ms", payload.get("at_ms")), origin


def _passed_to(item: Object) -> Iterator[Passed]:
    for _, (_, payload) in sorted(item.links.get(MERGE, {}).items()):
        for passed in payload["passed"]:
            if item.key not in passed[3]:
                yield passed
