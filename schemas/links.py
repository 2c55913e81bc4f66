"""What one object says of another, by kind of link."""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

import msgspec

from schemas.ids import KEPT_PATTERN
from schemas.types import LIMIT_MS

Name = Annotated[str, msgspec.Meta(pattern=rf"^(?:{KEPT_PATTERN})\Z")]
ObjectKey = Annotated[str, msgspec.Meta(pattern=rf"^[a-z]+:(?:{KEPT_PATTERN})\Z")]
InstantMs = Annotated[int, msgspec.Meta(ge=0, lt=LIMIT_MS)]
Dials = Annotated[int, msgspec.Meta(ge=0, le=1000)]
TalkMs = Annotated[int, msgspec.Meta(ge=0, le=7 * 86_400_000)]

TOUCH, WIN, LOGGED, MERGE = "touch", "win", "logged", "merge"
BECAME = "became"
LAST = "last"
"""The last of the touches, as a merged object passes it on."""
CONTACT, LAST_CONTACT = "contact", "last_contact"
"""The first and the last contact of both sides, as a merged object passes them on."""
MOST_STEPS = 16
"""What is said of an object goes on through so many merges, and no further."""
Steps = Annotated[int, msgspec.Meta(ge=1, le=MOST_STEPS)]
PassedKind = Literal["touch", "last", "contact", "last_contact", "win"]


class Touch(TypedDict):
    """A call, email, meeting or visit concerned a lead or deal. `outbound`: our side began.

    `anchor_ms` is the time by which it is remembered, where that is another one: when a meeting starts. `meets_ms` is
    when both sides meet, where that is later: of a meeting that was neither cancelled nor missed. `contact_ms` is when
    both sides were in contact by it, said of leads only and where they were.
    """

    rep: Name | None
    at_ms: InstantMs
    outbound: bool
    anchor_ms: NotRequired[InstantMs]
    meets_ms: NotRequired[InstantMs]
    contact_ms: NotRequired[InstantMs]


class Win(TypedDict):
    """A deal of an account was won, by its owner of that time."""

    rep: Name | None
    won_ms: InstantMs


class Became(TypedDict):
    """A lead was converted into a deal: when it came in, and when somebody of ours first tried it since."""

    at_ms: InstantMs
    tried_ms: NotRequired[InstantMs]


class Logged(TypedDict):
    """An activity in the CRM is the dialer's call; what the CRM says of it.

    `dials` are attempts; talk is in ms, None where it is not known.
    """

    rep: Name | None
    at_ms: InstantMs
    outbound: bool
    dials: Dials
    connected: bool
    talk_ms: TalkMs | None


class Merged(TypedDict):
    """What a merged object says to the one that goes on, and passes on, from each number of steps away.

    `version` is that of the merge: (time ms, sequence, ingested ms, source, digests of id and bytes). The other one
    lives if it ended before. A merged object that lives itself passes nothing on.

    `passed` is the first touch in each direction, the last one by our side and by either, the first and the last
    contact, and the first win. Each is (steps from the object it was said of, what it is, whether our side began, None
    for a contact, a win and the last touch by either, when in ms, key of its origin, rep).
    """

    version: tuple[int, int, int, str, int, int]
    passed: list[tuple[Steps, PassedKind, bool | None, InstantMs, ObjectKey, Name | None]]


PAYLOADS: dict[str, Any] = {TOUCH: Touch, WIN: Win, BECAME: Became, LOGGED: Logged, MERGE: Merged}


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
        found["version"] = list(found["version"])
        found["passed"] = [list(passed) for passed in found["passed"]]
    return found
