"""What is seeded by its own events: leads and deals that wait, callers, unknown names, goals that nobody can reach."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

from tests.quarter.clocks import DAY, HOUR, MINUTE, after
from tests.quarter.company import Team
from tests.quarter.drops import Drop
from tests.quarter.events import Told, iso, told

MOST_LEADS, LATE_LEADS = 20, 25
"""So many leads a team lets wait, and so many come."""
MOST_OTHERS, OTHERS = 3, 6
"""Likewise of deals in an unknown stage, of stalled ones, and of activities of whoever is unknown."""
LIMIT_DAYS = 3
"""So many working days a lead may wait."""
LIMIT_SECONDS = 180
"""So long a caller may wait."""
STALLED_DAYS = 10
"""A deal that nobody was in touch with for so many working days is stalled."""
LONER = "loner"
"""A rep who is in no team."""
SLACK_MS = 5000
"""Ticks tell the time every few seconds."""
SOON_MS = MINUTE + SLACK_MS
GIVEN_UP = {"limit_percent": 30, "least_count": 5}
"""So many of so many callers at least may not give up."""
LIMITS: tuple[dict[str, Any], ...] = (
    {"rule": "service_level", "limit_percent": 55, "least_count": 5},
    {"rule": "abandoned_calls", **GIVEN_UP},
    {"rule": "longest_wait", "limit_seconds": LIMIT_SECONDS},
    {"rule": "waiting_leads", "limit_count": MOST_LEADS},
    {"rule": "leads_overdue", "limit_days": LIMIT_DAYS},
    {"rule": "deals_stalled", "limit_count": MOST_OTHERS},
    {"rule": "stages_unknown", "limit_count": MOST_OTHERS},
    {"rule": "reps_unknown", "limit_count": MOST_OTHERS},
    {"rule": "teams_unknown", "limit_count": MOST_OTHERS},
    {"rule": "goal_at_risk", "limit_percent": 50},
)
"""What the organisation says of rules that are off until somebody does."""


class Seeded(NamedTuple):
    """What is told because of a drop, and between which instants that has to open an alert of whom."""

    events: list[Told]
    scope: str
    earliest_ms: int
    latest_ms: int


def seeded(random: Random, drop: Drop) -> Seeded | None:
    """All of a drop that has events of its own; None of one that is missing activity."""
    make = _MADE.get(drop.rule)
    return None if make is None else make(random, drop)


def _waiting_leads(random: Random, drop: Drop) -> Seeded:
    """More leads than a team lets wait come in within seconds; later somebody closes them."""
    when = [drop.from_ms + 200 * number for number in range(LATE_LEADS)]
    events = [each for number, at_ms in enumerate(when) for each in _lead(random, drop, number, at_ms)]
    return Seeded(events, _team(drop), when[MOST_LEADS], when[MOST_LEADS] + SOON_MS)


def _leads_overdue(random: Random, drop: Drop) -> Seeded:
    """A lead of the early morning, so many working days before that one more is too many."""
    day, begins_ms = _working_days_before(drop, LIMIT_DAYS + 1), drop.team.spans(drop.day)[0][0]
    events = list(_lead(random, drop, 0, _early_ms(drop.team, day)))
    return Seeded(events, _team(drop), begins_ms, begins_ms + SOON_MS)


def _deals_stalled(random: Random, drop: Drop) -> Seeded:
    """Deals of an early morning that nobody is in touch with."""
    at_ms, begins_ms = _early_ms(drop.team, _working_days_before(drop, STALLED_DAYS)), drop.team.spans(drop.day)[0][0]
    return Seeded(_deals(random, drop, at_ms, "new"), _team(drop), begins_ms, begins_ms + SOON_MS)


def _stages_unknown(random: Random, drop: Drop) -> Seeded:
    """Deals in a stage that no process declares."""
    return Seeded(_deals(random, drop, drop.from_ms, "renamed"), _team(drop), drop.from_ms, drop.from_ms + 5 * MINUTE)


def _longest_wait(_: Random, drop: Drop) -> Seeded:
    """A caller whom nobody answers, who gives up at last."""
    name, source = f"{drop.team.name}-{drop.from_ms}-waits", drop.team.place.dialer
    data = {"team_id": drop.team.name, "direction": "inbound", "started_at": iso(drop.from_ms), "state": "queued"}
    until_ms = drop.from_ms + LIMIT_SECONDS * 1000 + 10 * MINUTE
    over = {"outcome": "abandoned", "state": "ended"}
    events = [
        told("call", name, drop.from_ms, drop.from_ms + 1000, source, data),
        told("call", name, until_ms, until_ms, source, over),
    ]
    over_ms = drop.from_ms + LIMIT_SECONDS * 1000 + MINUTE
    return Seeded(events, _team(drop), over_ms, over_ms + SOON_MS)


def _unknown(rep: str) -> Callable[[Random, Drop], Seeded]:
    def make(_: Random, drop: Drop) -> Seeded:
        when = [drop.from_ms + 3000 * number for number in range(OTHERS)]
        events = [
            told("activity", f"{rep}-{at_ms}", at_ms, at_ms, "crm",
                 {"rep_id": rep, "occurred_at": iso(at_ms), "kind": "visit"})
            for at_ms in when
        ]  # fmt: skip
        return Seeded(events, "team:unassigned", when[MOST_OTHERS], when[MOST_OTHERS] + 5 * MINUTE)

    return make


def _goal_at_risk(_: Random, drop: Drop) -> Seeded:
    """A goal of the day that nobody can reach: said before work, seen once enough of the day has passed."""
    spans = drop.team.spans(drop.day)
    data = {"team_id": drop.team.name, "kpi": "calls", "period": "day", "period_start": drop.day.isoformat(),
            "value": 100_000}  # fmt: skip
    told_ms, total = spans[0][0] - 5 * HOUR, sum(end - begin for begin, end in spans)
    event = told("target", f"{drop.team.name}-{drop.day}", told_ms, told_ms, "hr", data)
    risk_ms = after(spans, spans[0][0], total * 15 // 100) or 0
    return Seeded([event], _team(drop), risk_ms, risk_ms + 15 * MINUTE)


_MADE: dict[str, Callable[[Random, Drop], Seeded]] = {
    "waiting_leads": _waiting_leads,
    "leads_overdue": _leads_overdue,
    "deals_stalled": _deals_stalled,
    "stages_unknown": _stages_unknown,
    "longest_wait": _longest_wait,
    "reps_unknown": _unknown("nobody-knows"),
    "teams_unknown": _unknown(LONER),
    "goal_at_risk": _goal_at_risk,
}


def _team(drop: Drop) -> str:
    return f"team:{drop.team.name}"


def _lead(random: Random, drop: Drop, number: int, at_ms: int) -> Iterator[Told]:
    name, owner = f"{drop.rule}-{drop.team.name}-{drop.day}-{number}", random.choice(_there(drop)).name
    yield told("lead", name, at_ms, at_ms, "crm", {"owner_id": owner, "created_at": iso(at_ms), "status": "open"})
    yield told("lead", name, drop.until_ms, drop.until_ms, "crm", {"status": "disqualified"})


def _deals(random: Random, drop: Drop, at_ms: int, stage: str) -> list[Told]:
    """In some stage; later they are lost."""
    found = []
    for number in range(OTHERS):
        name, owner = f"{drop.rule}-{drop.team.name}-{drop.day}-{number}", random.choice(_there(drop)).name
        data = {"owner_id": owner, "created_at": iso(at_ms), "stage_id": stage}
        found.append(told("deal", name, at_ms, at_ms, "crm", data))
        found.append(told("deal", name, drop.until_ms, drop.until_ms, "crm", {"stage_id": "lost"}))
    return found


def _there(drop: Drop) -> Sequence[Any]:
    """Who never comes or goes, so that what they own stays the team's."""
    return [rep for rep in drop.team.reps if rep.hired is None and rep.left is None]


def _working_days_before(drop: Drop, number: int) -> date:
    """The working day since which so many have begun, that of the drop among them."""
    day = drop.day
    while number:
        day -= timedelta(days=1)
        number -= bool(drop.team.spans(day))
    return day


def _early_ms(team: Team, day: date) -> int:
    """Before work, so that no feed of the team is expected to speak."""
    return team.midnight_ms(day) + (team.spans(day)[0][0] - team.midnight_ms(day)) % DAY - 2 * HOUR
