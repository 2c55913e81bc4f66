"""A call. What the dialer says counts; what the CRM logged of the same call, only where the dialer is silent."""

from typing import NamedTuple

from pipeline import measures
from pipeline.kinds import logged_call
from pipeline.kinds.cells import Cells, Place, add, at_team, known_team, merge
from pipeline.kinds.conversation import conversation
from pipeline.kinds.handling import Told as Leg
from pipeline.kinds.handling import handled, talk_ms, was_taken
from pipeline.kinds.kind import Kind, Said, activity_until_ms, anchored_by, over_while_counted
from pipeline.kinds.ringing import rings
from pipeline.kinds.touches import NAMES, touches
from pipeline.objects.firsts import Told
from pipeline.objects.object import LIFE, Object
from pipeline.organisation.organisation import Organisation
from schemas.links import LOGGED

PROMPT_MS = 20_000
WAITING = ("queued", "ringing")
"""What becomes of an inbound call while its caller waits."""
RING_SECONDS = 3_840
"""The ring of the seconds in which callers called who wait: whole minutes, more than the hour in which they may."""


class Taker(NamedTuple):
    """Who something of a call counts for: a rep, or the team of a queue where no rep is known."""

    rep: str | None
    team: str | None


def anchor_ms(call: Object) -> int | None:
    """When it started; where that is not known, the latest time that people logged of it."""
    started_ms: int | None = call.get("started_at")
    if started_ms is None and (last := call.first(LOGGED, _back_from_ms)):
        return -last[0]
    return started_ms


def references(call: Object) -> set[str]:
    """Reps and team whose change may move it."""
    takers = [Taker(call.get("rep_id"), call.get("team_id")), *map(_taker_of, call.get("legs") or ())]
    found = {f"rep:{rep}" for rep in (*(taker.rep for taker in takers), *_logged_reps(call)) if rep}
    return found | {f"team:{taker.team}" for taker in takers if taker.team}


def contribute(call: Object, organisation: Organisation) -> Cells:
    """Counts at its start for who answered first, what it took at its end for who had it; a missed ring at its start.

    Nothing for an internal call or one whose start is not known.
    """
    get = call.values.get
    started_ms = get("started_at")
    if started_ms is None:
        return _as_logged(call, organisation)
    direction = get("direction")
    if direction == "internal" or not call.live:
        return {}
    answered = connected(call)
    counts = _COUNTS[direction, answered]
    taker, legs = first_taker(call), get("legs")
    place = _place(taker, organisation, started_ms)
    if direction == "inbound":
        cells = {place: counts | _inbound(call, answered)}
        for rep, measure in rings(call, answered=answered):
            add(cells, organisation.cell(rep, started_ms), measure)
    elif answered and direction == "outbound":
        cells = {place: counts | _conversation(call)}
    else:
        cells = {place: dict(counts) if answered else counts}
    if not answered:
        return cells
    if legs:
        for leg in filter(was_taken, legs):
            _count_leg(cells, leg, call, organisation)
    elif took := handled(call.values, ended_ms := get("ended_at")):
        merge(cells, place if ended_ms is None else _place(taker, organisation, ended_ms), took)
    return cells


def _conversation(call: Object) -> dict[str, int]:
    """What an answered dial counts by all that was talked in it, whoever talked."""
    legs, ended_ms = call.get("legs"), call.get("ended_at")
    if not legs:
        return conversation((talk_ms(call.values, ended_ms),))
    return conversation(talk_ms(leg, _first_known(leg.get("ended_at"), ended_ms)) for leg in filter(was_taken, legs))


def _count_leg(cells: Cells, leg: Leg, call: Object, organisation: Organisation) -> None:
    """What one leg took, for who had it, when it ended: with the call where it says nothing of its own."""
    ended_ms = _first_known(leg.get("ended_at"), call.get("ended_at"))
    if took := handled(leg, ended_ms):
        at_ms = _first_known(ended_ms, leg.get("answered_at"), call.get("started_at"))
        assert at_ms is not None
        merge(cells, _place(_taker_of(leg), organisation, at_ms), took)


def _first_known(*instants: int | None) -> int | None:
    return next((at_ms for at_ms in instants if at_ms is not None), None)


def first_taker(call: Object) -> Taker:
    """Who answered first; of a call without legs, or that nobody answered, whom it names itself."""
    first = _first_answered(call)
    if first is not None and (taker := _taker_of(first)) != (None, None):
        return taker
    return Taker(call.values.get("rep_id"), call.values.get("team_id"))


def _first_answered(call: Object) -> Leg | None:
    legs = call.values.get("legs")
    if not legs:
        return None
    answered = [leg for leg in legs if leg.get("answered_at") is not None]
    return min(answered, key=lambda leg: leg["answered_at"], default=None)


def _taker_of(leg: Leg) -> Taker:
    return Taker(leg.get("rep_id"), leg.get("team_id"))


def _as_logged(call: Object, organisation: Organisation) -> Cells:
    cells: Cells = {}
    if call.get(LIFE) in (None, "live") and (logged := logged_of(call)):
        logged_call.count(cells, logged, organisation)
    return cells


def connected(call: Object) -> bool:
    """Whether a person answered."""
    get = call.values.get
    outcome = get("outcome")
    if outcome is not None:
        return bool(outcome == "answered")
    return get("answered_at") is not None or get("state") == "answered" or _first_answered(call) is not None


def logged_of(call: Object) -> logged_call.LoggedCall | None:
    """What the CRM logged of it; of several activities that name it, the first by key."""
    first = call.first(LOGGED, _any)
    return logged_call.from_payload(call.links[LOGGED][first[1]][1]) if first is not None else None


def _any(_: Told) -> int:
    return 0


def _back_from_ms(told: Told) -> int:
    return -int(told[1]["at_ms"])


def _logged_reps(call: Object) -> list[str | None]:
    return [payload.get("rep") for _, payload in call.links.get(LOGGED, {}).values()]


def _place(taker: Taker, organisation: Organisation, at_ms: int) -> Place:
    rep, team = taker
    if rep is not None:
        return organisation.cell(rep, at_ms)
    return at_team(organisation, known_team(organisation, team, at_ms), at_ms)


def _counts(direction: str | None, answered: bool) -> dict[str, int]:
    counted = {
        measures.CALLS: True,
        measures.ACTIVITIES: answered or direction != "inbound",
        measures.CONNECTED: answered,
        measures.DIALS: direction == "outbound",
        measures.CONNECTED_DIALS: answered and direction == "outbound",
        measures.OFFERED: direction == "inbound",
        measures.ANSWERED: answered and direction == "inbound",
    }
    return {measure: 1 for measure, counts in counted.items() if counts}


_COUNTS = {(way, person): _counts(way, person) for way in (None, "outbound", "inbound") for person in (True, False)}
"""What a call counts for at its start, by direction and whether a person answered; these are never changed."""


def _inbound(call: Object, answered: bool) -> dict[str, int]:
    if not answered:
        if call.get("outcome") == "abandoned":
            return {measures.ABANDONED: 1}
        return {_waiting_since(call.get("started_at")): 1} if _waits(call) else {}
    wait_ms = _wait_ms(call)
    if wait_ms is None:
        return {measures.ANSWERED_UNTIMED: 1}
    prompt = {measures.ANSWERED_IN_20S: 1} if wait_ms <= PROMPT_MS else {}
    return {measures.ANSWER_WAIT_MS: wait_ms} | prompt


def _waits(call: Object) -> bool:
    """Whether the caller is still there, by what the dialer said last: without a word of progress nobody knows."""
    over = call.get("ended_at") is not None or call.get("outcome") is not None
    return not over and call.get("state") in WAITING


def _waiting_since(started_ms: int) -> str:
    return f"{measures.CALLERS_WAITING}{started_ms // 1000 % RING_SECONDS}"


def _wait_ms(call: Object) -> int | None:
    given: int | None = call.get("wait_seconds")
    started_ms: int = call.get("started_at")
    first = _first_answered(call)
    answered_ms: int | None = call.get("answered_at") if first is None else first["answered_at"]
    if given is not None or answered_ms is None:
        return given
    return max(answered_ms - started_ms, 0)


def say(call: Object, _: Organisation) -> Said:
    """A touch: outbound whether it was answered or not, inbound once a person answered; a contact if one did."""
    direction, answered = call.get("direction"), connected(call)
    if direction == "internal" or (direction == "inbound" and not answered):
        return {}
    started_ms = call.get("started_at")
    contact_ms = started_ms if answered else None
    return touches(call, first_taker(call).rep, started_ms, direction != "inbound", contact_ms=contact_ms)


CALL = Kind(
    name="call",
    domain="telephony",
    fields={
        "rep_id": 2,
        "team_id": 3,
        "direction": 4,
        "state": 5,
        "outcome": 6,
        "started_at": 7,
        "answered_at": 8,
        "ended_at": 9,
        "ringing_seconds": 10,
        "wait_seconds": 11,
        "talk_seconds": 12,
        "hold_seconds": 13,
        "wrap_up_seconds": 14,
        "queue_id": 15,
        "lead_id": 16,
        "deal_id": 17,
        "legs": 18,
    },
    past=("started_at", "answered_at", "ended_at", "legs.answered_at", "legs.ended_at"),
    names=NAMES,
    anchor_ms=anchored_by("started_at"),
    until_ms=activity_until_ms(anchor_ms),
    over_days=over_while_counted,
    contribute=contribute,
    references=references,
    say=say,
)
