"""What the figures must be: recomputed from the bytes of the events in plain Python, sharing no code with either job.

The newest version of an object, by event time and event id, is all that counts of it. It is enough here because every
version repeats the whole object and a deal ends with its closing.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from benchmarks.events import Arrival

Figures = dict[tuple[str, str], dict[str, int]]
"""Non-zero measures by scope (`team:team-01`, `rep:rep-001@team-01`, `company`) and window (`day:2026-11-23`,
`minute:29924000`, `now`)."""


def expected(organisation: Iterable[Arrival], arrivals: Iterable[Arrival]) -> Figures:
    """The figures of all local days and minutes, and of what is open, after all these events."""
    zone_of, team_of = _directory(organisation)
    sums: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for event in _newest(arrivals):
        for rep, at, measure, amount in _counts(event):
            team = team_of[rep]
            for scope in (f"team:{team}", f"rep:{rep}@{team}", "company"):
                for window in _windows(at, zone_of[team]):
                    sums[scope, window][measure] += amount
    return {place: measures for place, counter in sums.items() if (measures := {m: n for m, n in counter.items() if n})}


def _windows(at: str | None, zone: ZoneInfo) -> tuple[str, ...]:
    if at is None:
        return ("now",)
    instant = datetime.fromisoformat(at)
    return f"day:{instant.astimezone(zone).date()}", f"minute:{int(instant.timestamp()) // 60}"


def _directory(organisation: Iterable[Arrival]) -> tuple[dict[str, ZoneInfo], dict[str, str]]:
    zone_of, team_of = {}, {}
    for arrival in organisation:
        event = json.loads(arrival.value)
        if event["type"] == "org.team.changed":
            zone_of[event["subject"].removeprefix("team:")] = ZoneInfo(event["data"]["time_zone"])
        if event["type"] == "org.membership.changed":
            team_of[event["data"]["rep_id"]] = event["data"]["team_id"]
    return zone_of, team_of


def _newest(arrivals: Iterable[Arrival]) -> Iterable[dict[str, object]]:
    newest: dict[str, dict[str, object]] = {}
    for arrival in arrivals:
        event = json.loads(arrival.value)
        known = newest.get(event["subject"])
        if known is None or (known["time"], known["id"]) < (event["time"], event["id"]):
            newest[event["subject"]] = event
    return newest.values()


def _counts(event: dict[str, object]) -> Iterator[tuple[str, str | None, str, int]]:
    """(rep, instant, measure, amount) of all that the object counts for; no instant for what is open now."""
    data = event["data"]
    assert isinstance(data, dict)
    match event["type"]:
        case "telephony.call.changed":
            rep, start, answered = data["rep_id"], data["started_at"], data["outcome"] == "answered"
            yield rep, start, "calls", 1
            yield rep, start, "dials", int(data["direction"] == "outbound")
            yield rep, start, "connected", int(answered)
            yield rep, data["ended_at"], "talk_ms", data["talk_seconds"] * 1000
        case "crm.email.changed":
            yield data["rep_id"], data["sent_at"], "emails_bulk" if data["bulk"] else "emails", 1
        case "crm.meeting.changed":
            yield data["rep_id"], data["booked_at"], "meetings_set", 1
            yield data["rep_id"], data["starts_at"], "meetings_held", int(data["status"] == "held")
        case "crm.deal.changed":
            owner, stage = data["owner_id"], data["stage_id"]
            yield owner, data["created_at"], "deals_created", 1
            if stage not in ("won", "lost"):
                yield owner, None, "open_deals", 1
                yield owner, None, "open_minor", data["amount_minor"]
            else:
                yield owner, str(event["time"]), stage, 1
            if stage == "won":
                yield owner, str(event["time"]), "won_minor", data["amount_minor"]
