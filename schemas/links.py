"""What one object says of another, by kind of link."""

from typing import Any, TypedDict

import msgspec

TOUCH, WIN, LOGGED, MERGE = "touch", "win", "logged", "merge"


class Touch(TypedDict):
    """A call, email, meeting or visit concerned a lead or deal. `outbound`: our side began."""

    rep: str | None
    at_ms: int
    outbound: bool


class Win(TypedDict):
    """A deal of an account was won, by its owner of that time."""

    rep: str | None
    won_ms: int


class Logged(TypedDict):
    """An activity in the CRM is the dialer's call; what the CRM says of it. `dials` are attempts, talk is in ms."""

    rep: str | None
    at_ms: int
    outbound: bool
    dials: int
    connected: bool
    talk_ms: int


class Merged(TypedDict):
    """What a merged object passes on to the one that goes on.

    Each is (kind of link, key of its origin, payload, keys of the objects it came through).
    """

    passed: list[tuple[str, str, dict[str, Any], list[str]]]


PAYLOADS: dict[str, Any] = {TOUCH: Touch, WIN: Win, LOGGED: Logged, MERGE: Merged}


def check(kind: str, payload: dict[str, Any] | None) -> None:
    """ValueError when a payload is not one of its kind. None, which takes a link back, always is."""
    if kind not in PAYLOADS:
        raise ValueError(f"no kind of link: {kind}")
    if payload is None:
        return
    try:
        read = msgspec.convert(payload, PAYLOADS[kind])
    except msgspec.ValidationError as error:
        raise ValueError(f"not a {kind}") from error
    for passed_kind, _, passed, _ in read["passed"] if kind == MERGE else ():
        if passed_kind == MERGE:
            raise ValueError("a merge does not pass on merges")
        check(passed_kind, passed)
