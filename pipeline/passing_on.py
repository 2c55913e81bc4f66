"""What a merged object passes on: everything others said of it, with the way it came, so that a circle ends."""

from collections.abc import Iterator
from typing import Any

from pipeline.objects import Object

MERGE = "merge"

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
    """What the object gives to the one it was merged into, in an order free of arrival; None: nothing."""
    own = [
        [kind, origin, payload, [item.key]]
        for kind, origins in item.links.items()
        if kind != MERGE
        for origin, (_, payload) in origins.items()
    ]
    through = [[kind, origin, payload, [*path, item.key]] for kind, origin, payload, path in _passed_to(item)]
    passed = sorted(own + through, key=lambda entry: (entry[0], entry[1], entry[3]))
    return {"passed": passed} if passed else None


def _passed_to(item: Object) -> Iterator[Passed]:
    for _, (_, payload) in sorted(item.links.get(MERGE, {}).items()):
        for passed in payload["passed"]:
            if item.key not in passed[3]:
                yield passed
