"""What one object says of another, by kind of link."""

from typing import Annotated, Any, TypedDict

import msgspec

from schemas.types import LIMIT_MS

InstantMs = Annotated[int, msgspec.Meta(ge=0, lt=LIMIT_MS)]
Dials = Annotated[int, msgspec.Meta(ge=0, le=1000)]
TalkMs = Annotated[int, msgspec.Meta(ge=0, le=7 * 86_400_000)]

TOUCH, WIN, LOGGED, MERGE = "touch", "win", "logged", "merge"


class Touch(TypedDict):
    """A call, email, meeting or visit concerned a lead or deal. `outbound`: our side began."""

    rep: str | None
    at_ms: InstantMs
    outbound: bool


class Win(TypedDict):
    """A deal of an account was won, by its owner of that time."""

    rep: str | None
    won_ms: InstantMs


class Logged(TypedDict):
    """An activity in the CRM is the dialer's call; what the CRM says of it. `dials` are attempts, talk is in ms."""

    rep: str | None
    at_ms: InstantMs
    outbound: bool
    dials: Dials
    connected: bool
    talk_ms: TalkMs


class Merged(TypedDict):
    """What a merged object passes on to the one that goes on.

    Each is (kind of link, key of its origin, payload, keys of the objects it came through).
    """

    passed: list[tuple[str, str, dict[str, Any], list[str]]]


PAYLOADS: dict[str, Any] = {TOUCH: Touch, WIN: Win, LOGGED: Logged, MERGE: Merged}


def read(kind: str, payload: dict[str, Any] | None) -> dict[str, Any] | None:
    """The payload of a link, without fields that are not known here; ValueError when it is not one of its kind.

    None, which takes a link back, always is.
    """
    if kind not in PAYLOADS:
        raise ValueError(f"no kind of link: {kind}")
    if payload is None:
        return None
    try:
        found: dict[str, Any] = msgspec.convert(payload, PAYLOADS[kind])
    except msgspec.ValidationError as error:
        raise ValueError(f"not a {kind}") from error
    if kind == MERGE:
        found["passed"] = [_passed(*passed) for passed in found["passed"]]
    return found


def _passed(kind: str, origin: str, payload: dict[str, Any], path: list[str]) -> list[Any]:
    if kind == MERGE:
        raise ValueError("a merge does not pass on merges")
    return [kind, origin, read(kind, payload), path]
