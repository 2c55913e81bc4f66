"""A call. What the dialer says counts; what the CRM logged of the same call, only where the dialer is silent."""

from pipeline import measures
from pipeline.contributions import logged_call
from pipeline.contributions.cells import Cells, Place, add, at, at_team, merge
from pipeline.ledger.objects import LIFE, Object
from pipeline.measures import UNASSIGNED
from pipeline.organisation.organisation import Organisation

PROMPT_MS = 20_000


def anchor_ms(call: Object) -> int | None:
    """When it started."""
    started_ms: int | None = call.get("started_at")
    if started_ms is None and (logged := logged_of(call)):
        return logged.at_ms
    return started_ms


def references(call: Object) -> set[str]:
    """Reps and team whose change may move it."""
    found = {f"rep:{rep}" for rep in (call.get("rep_id"), *_logged_reps(call)) if rep}
    if team := call.get("team_id"):
        found.add(f"team:{team}")
    return found


def contribute(call: Object, organisation: Organisation) -> Cells:
    """Counts at its start, talk time at its end; nothing for an internal call or one whose start is not known."""
    cells: Cells = {}
    if call.get("started_at") is not None:
        if call.live and call.get("direction") != "internal":
            _count(cells, call, organisation)
    elif call.get(LIFE) in (None, "live") and (logged := logged_of(call)):
        logged_call.count(cells, logged, organisation)
    return cells


def connected(call: Object) -> bool:
    """Whether a person answered."""
    outcome = call.get("outcome")
    if outcome is not None:
        return bool(outcome == "answered")
    return call.get("answered_at") is not None or call.get("state") == "answered"


def logged_of(call: Object) -> logged_call.LoggedCall | None:
    """What the CRM logged of it; of several activities that name it, the first by key."""
    activities = call.links.get("logged")
    return logged_call.from_payload(activities[min(activities)][1]) if activities else None


def _logged_reps(call: Object) -> list[str | None]:
    return [payload.get("rep") for _, payload in call.links.get("logged", {}).values()]


def _place(call: Object, organisation: Organisation, at_ms: int) -> Place:
    rep, team = call.get("rep_id"), call.get("team_id")
    if rep is not None:
        return at(organisation, rep, at_ms)
    return at_team(organisation, team if team is not None and organisation.knows_team(team) else UNASSIGNED, at_ms)


def _count(cells: Cells, call: Object, organisation: Organisation) -> None:
    direction, answered = call.get("direction"), connected(call)
    sums = {measures.CALLS: 1}
    if answered or direction != "inbound":
        sums[measures.ACTIVITIES] = 1
    if answered:
        sums[measures.CONNECTED] = 1
        _talk(cells, call, organisation)
    if direction == "outbound":
        sums[measures.DIALS] = 1
        if answered:
            sums[measures.CONNECTED_DIALS] = 1
    elif direction == "inbound":
        _inbound(sums, call, answered)
    merge(cells, _place(call, organisation, call.get("started_at")), sums)


def _inbound(sums: dict[str, int], call: Object, answered: bool) -> None:
    sums[measures.OFFERED] = 1
    if answered:
        sums[measures.ANSWERED] = 1
        wait_ms = _wait_ms(call)
        if wait_ms is not None:
            sums[measures.ANSWER_WAIT_MS] = wait_ms
            if wait_ms <= PROMPT_MS:
                sums[measures.ANSWERED_IN_20S] = 1
    elif call.get("outcome") == "abandoned":
        sums[measures.ABANDONED] = 1


def _wait_ms(call: Object) -> int | None:
    given: int | None = call.get("wait_seconds")
    started_ms: int = call.get("started_at")
    answered_ms: int | None = call.get("answered_at")
    if given is not None or answered_ms is None:
        return given
    return max(answered_ms - started_ms, 0)


def _talk(cells: Cells, call: Object, organisation: Organisation) -> None:
    given, ended_ms, answered_ms = call.get("talk_seconds"), call.get("ended_at"), call.get("answered_at")
    place = _place(call, organisation, call.get("started_at") if ended_ms is None else ended_ms)
    if given is not None:
        add(cells, place, measures.TALK_MS, given)
    elif ended_ms is not None and answered_ms is not None:
        talk_ms = ended_ms - answered_ms - (call.get("hold_seconds") or 0)
        add(cells, place, measures.TALK_MS, max(talk_ms, 0))
        if talk_ms < 0:
            add(cells, place, measures.NEGATIVE_TALK)
