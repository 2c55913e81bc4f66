"""What somebody saw of a rep or a team: talks with them, and how good calls were or how content customers."""

from pipeline.kinds.cells import Cells, Place, at_team, known_team
from pipeline.kinds.kind import Kind, anchored_by, closed_limit_ms, closed_until_ms, over_while_counted
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation

ONE_TO_ONES = "one_to_ones"
COACHING_SESSIONS = "coaching_sessions"
CALLS_RATED = "calls_rated"
CALL_QUALITY_BP = "call_quality_bp"
CUSTOMER_RATINGS = "customer_ratings"
CUSTOMER_SATISFACTION_BP = "customer_satisfaction_bp"

_TALKS = {"one_to_one": ONE_TO_ONES, "coaching_session": COACHING_SESSIONS}
_RATED = {
    "call_quality": (CALLS_RATED, CALL_QUALITY_BP),
    "customer_satisfaction": (CUSTOMER_RATINGS, CUSTOMER_SATISFACTION_BP),
}
"""How many were rated, and the sum of their ratings as shares of the best one, in basis points."""
_anchor_ms = anchored_by("observed_at")


def contribute(observation: Object, organisation: Organisation) -> Cells:
    """Talks are counted, ratings as shares of their scale; nothing without an instant, or a value within its scale."""
    get = observation.values.get
    at_ms, name, count = get("observed_at"), get("name"), _count(get("count"))
    if at_ms is None or not count or not observation.live:
        return {}
    place = _place(get("rep_id"), get("team_id"), at_ms, organisation)
    if name in _TALKS:
        return {place: {_TALKS[name]: count}}
    value, scale = get("value"), get("scale")
    if name not in _RATED or value is None or scale is None or value > scale:
        return {}
    rated, sum_bp = _RATED[name]
    return {place: {rated: count, sum_bp: count * ((value * 10_000 + scale // 2) // scale)}}


def references(observation: Object) -> set[str]:
    """The rep and the team whose change may move it."""
    given = {"rep": observation.get("rep_id"), "team": observation.get("team_id")}
    return {f"{kind}:{name}" for kind, name in given.items() if name}


def _count(told: int | None) -> int:
    return 1 if told is None else told


def _place(rep: str | None, team: str | None, at_ms: int, organisation: Organisation) -> Place:
    if rep is not None or team is None:
        return organisation.cell(rep, at_ms)
    return at_team(organisation, known_team(organisation, team, at_ms), at_ms)


OBSERVATION = Kind(
    name="observation",
    domain="crm",
    fields={"name": 2, "rep_id": 3, "team_id": 4, "observed_at": 5, "value": 6, "scale": 7, "count": 8},
    measures=frozenset(
        {ONE_TO_ONES, COACHING_SESSIONS, CALLS_RATED, CALL_QUALITY_BP, CUSTOMER_RATINGS, CUSTOMER_SATISFACTION_BP}
    ),
    past=("observed_at",),
    anchor_ms=_anchor_ms,
    limit_ms=closed_limit_ms,
    until_ms=closed_until_ms(_anchor_ms),
    over_days=over_while_counted,
    contribute=contribute,
    references=references,
)
