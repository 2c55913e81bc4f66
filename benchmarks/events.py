"""The events of the benchmarks: a seeded sales floor of CRM and telephony events, as they would arrive."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from pipeline.sending.event import domain_of
from schemas.events import TOPICS, iso

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "America/Sao_Paulo",
    "Asia/Tokyo",
    "Australia/Sydney",
)
MOST_EASTERN = "Australia/Sydney"
"""The company's own zone: no team is in a day there that is not yet the company's, so all their days are published."""
STAGES = ("new", "qualified", "proposal", "won", "lost")
OUTCOMES = ("answered", "answered", "no_answer", "voicemail", "busy")
WEIGHTS = (44, 39, 6, 11)
"""Of new calls, emails, meetings and deals."""
CALLS_ONLY = (1, 0, 0, 0)
LIVE_OBJECTS = 5_000
"""So many objects, at most, are still being worked on: an update is of one of them."""


class Floor(NamedTuple):
    """What the events are drawn from. The last of `events` happens at `end_ms`, the others before it."""

    events: int
    end_ms: int
    seed: int = 1
    reps: int = 500
    teams: int = 25
    events_per_second: int = 100
    """Of event time: how far back the events reach."""
    stretch: int = 1
    """They reach so many times as far back."""
    update_share: float = 0.3
    duplicate_share: float = 0.02
    disorder_ms: int = 300_000
    """An event arrives so much later than it happened, at most."""
    weights: tuple[int, ...] = WEIGHTS
    prefix: str = ""
    """Of all ids of objects, where two floors are one company's."""
    hot: int = 1
    """The first team has so many times the events of any other."""
    zones: tuple[str, ...] = ZONES
    """Of the teams, in turn."""


class Arrival(NamedTuple):
    """One record on its way in; `topic` is a logical name of the topics table."""

    topic: str
    key: str
    value: bytes


@dataclass(slots=True)
class _Object:
    """An object of the sales floor as it stands; every version repeats all of its data, as webhooks do."""

    kind: str
    id: str
    data: dict[str, Any]
    starts_ms: int = 0
    versions: int = 0
    told_ms: int = -1


def organisation(floor: Floor) -> list[Arrival]:
    """The company, its sales process, the teams and the reps, each in one team since ever; to be sent first."""
    at_ms = floor.end_ms - 86_400_000
    stages = [{"id": s, "kind": s if s in ("won", "lost") else "open", "qualified": s == "qualified"} for s in STAGES]
    company = {"time_zone": MOST_EASTERN, "currency": "EUR", "fiscal_year_start": 1}
    found = [
        change("company", "company", at_ms, company),
        change("process", "default", at_ms, {"stages": stages}),
    ]
    for team in range(floor.teams):
        zone = floor.zones[team % len(floor.zones)]
        found.append(change("team", team_id(team), at_ms, {"time_zone": zone}))
    for rep in range(floor.reps):
        member = {"rep_id": rep_id(rep), "team_id": team_id(rep % floor.teams)}
        found.append(change("rep", rep_id(rep), at_ms, {"active": True}))
        found.append(change("membership", f"m-{rep:03}", at_ms, member))
    return found


def team_id(number: int) -> str:
    """The id of the team of that number."""
    return f"team-{number:02}"


def rep_id(number: int) -> str:
    """The id of the rep of that number."""
    return f"rep-{number:03}"


def arrivals(floor: Floor) -> list[Arrival]:
    """All CRM and telephony events in the order of their arrival; the same again for the same floor."""
    draw = random.Random(floor.seed)
    delayed = []
    for number, (at_ms, arrival) in enumerate(_happenings(floor, draw)):
        delayed.append((at_ms + draw.randint(0, floor.disorder_ms), number, arrival))
        if draw.random() < floor.duplicate_share:
            delayed.append((at_ms + draw.randint(0, floor.disorder_ms), number, arrival))
    delayed.sort()
    return [arrival for _, _, arrival in delayed[: floor.events]]


def _happenings(floor: Floor, draw: random.Random) -> Iterator[tuple[int, Arrival]]:
    """Events in the order in which they happen, with their times."""
    live: list[_Object] = []
    for number in range(floor.events):
        at_ms = floor.end_ms - (floor.events - 1 - number) * 1000 * floor.stretch // floor.events_per_second
        if live and draw.random() < floor.update_share:
            slot = draw.randrange(len(live))
            item = live[slot]
            item.versions += 1
            _UPDATES[item.kind](item, at_ms, floor, draw)
        else:
            kind = draw.choices(tuple(_CREATIONS), weights=floor.weights)[0]
            item = _CREATIONS[kind](f"{floor.prefix}{kind[0]}-{number:07}", at_ms, floor, draw)
            slot = len(live) if len(live) < LIVE_OBJECTS else draw.randrange(LIVE_OBJECTS)
            live[slot : slot + 1] = [item]
        if item.data.get("stage_id") in ("won", "lost"):
            live[slot] = live[-1]
            live.pop()
        item.told_ms = max(at_ms, item.told_ms + 1)  # Of two versions at one time nobody could say which is newer.
        yield at_ms, change(item.kind, item.id, item.told_ms, item.data, item.versions)


def change(kind: str, object_id: str, at_ms: int, data: dict[str, Any], version: int = 0) -> Arrival:
    """One version of an object as the record of a webhook."""
    domain = domain_of(kind)
    event = {
        "specversion": "1.0",
        "id": f"{object_id}.{version}",
        "source": "dialer" if domain == "telephony" else "crm",
        "type": f"{domain}.{kind}.changed",
        "subject": f"{kind}:{object_id}",
        "time": iso(at_ms),
        "data": data,
    }
    return Arrival(TOPICS[domain], f"{kind}:{object_id}", json.dumps(event, separators=(",", ":")).encode())


def _rep(floor: Floor, draw: random.Random) -> str:
    rep = draw.randrange(floor.reps)
    if floor.hot > 1:
        hottest = draw.randrange(floor.hot + floor.teams - 1) < floor.hot
        rep -= rep % floor.teams - (0 if hottest else draw.randrange(1, floor.teams))
    return rep_id(rep)


def _call(call_id: str, at_ms: int, floor: Floor, draw: random.Random) -> _Object:
    data = {
        "rep_id": _rep(floor, draw),
        "direction": "outbound" if draw.random() < 0.8 else "inbound",
        "state": "ended",
    }
    call = _Object("call", call_id, data)
    _end_call(call, at_ms, draw)
    return call


def _end_call(call: _Object, at_ms: int, draw: random.Random) -> None:
    outcome = draw.choice(OUTCOMES)
    talk_seconds = draw.randint(5, 600) if outcome == "answered" else 0
    call.data |= {
        "outcome": outcome,
        "started_at": iso(at_ms - talk_seconds * 1000 - draw.randint(5_000, 20_000)),
        "ended_at": iso(at_ms),
        "talk_seconds": talk_seconds,
    }


def _correct_call(call: _Object, at_ms: int, floor: Floor, draw: random.Random) -> None:
    """The dialer says again how a call went; now and then it was another rep's."""
    _end_call(call, at_ms, draw)
    if draw.random() < 0.1:
        call.data["rep_id"] = _rep(floor, draw)


def _email(email_id: str, at_ms: int, floor: Floor, draw: random.Random) -> _Object:
    data = {"rep_id": _rep(floor, draw), "sent_at": iso(at_ms), "direction": "outbound", "bulk": False}
    return _Object("email", email_id, data)


def _correct_email(email: _Object, at_ms: int, floor: Floor, draw: random.Random) -> None:  # noqa: ARG001
    if draw.random() < 0.5:
        email.data["bulk"] = not email.data["bulk"]
    else:
        email.data["rep_id"] = _rep(floor, draw)


def _meeting(meeting_id: str, at_ms: int, floor: Floor, draw: random.Random) -> _Object:
    starts_ms = at_ms + draw.randint(60_000, 600_000)
    data = {"rep_id": _rep(floor, draw), "booked_at": iso(at_ms), "starts_at": iso(starts_ms), "status": "scheduled"}
    return _Object("meeting", meeting_id, data, starts_ms)


def _move_meeting(meeting: _Object, at_ms: int, floor: Floor, draw: random.Random) -> None:  # noqa: ARG001
    """Before its start a meeting is put off, after it the outcome is known."""
    if at_ms < meeting.starts_ms:
        meeting.starts_ms += 60_000
        meeting.data["starts_at"] = iso(meeting.starts_ms)
    else:
        meeting.data["status"] = draw.choice(("held", "held", "held", "no_show"))


def _deal(deal_id: str, at_ms: int, floor: Floor, draw: random.Random) -> _Object:
    data = {
        "owner_id": _rep(floor, draw),
        "stage_id": "new",
        "amount_minor": draw.randint(10_000, 5_000_000),
        "currency": "EUR",
        "created_at": iso(at_ms),
    }
    return _Object("deal", deal_id, data)


def _advance_deal(deal: _Object, at_ms: int, floor: Floor, draw: random.Random) -> None:  # noqa: ARG001
    """A deal goes on, or is won or lost: then it is over."""
    onward = STAGES[STAGES.index(str(deal.data["stage_id"])) + 1]
    deal.data["stage_id"] = draw.choice((onward, onward, "won", "lost"))
    deal.data["amount_minor"] += draw.randint(0, 1_000)


_CREATIONS = {"call": _call, "email": _email, "meeting": _meeting, "deal": _deal}
_UPDATES = {"call": _correct_call, "email": _correct_email, "meeting": _move_meeting, "deal": _advance_deal}
