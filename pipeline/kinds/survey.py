"""A pulse survey of one team: how many were asked, how many answered, and what came of it where enough did.

Nobody can tell who answered what: events have no place for a person, and of a survey with fewer than `LEAST_ANSWERS`
no answer reaches a figure. So no two windows differ by fewer answers than that, whatever is subtracted from what.
"""

from pipeline.kinds.cells import Cells, at_team, known_team
from pipeline.kinds.kind import Kind, anchored_by, closed_limit_ms, closed_until_ms, over_while_counted
from pipeline.objects.object import Object
from pipeline.organisation.organisation import Organisation

LEAST_ANSWERS = 5

SURVEY_INVITED = "survey_invited"
SURVEY_ANSWERS = "survey_answers"
ENPS_ANSWERS = "enps_answers"
ENPS_POINTS = "enps_points"
"""A hundred for each promoter, less a hundred for each detractor."""
_anchor_ms = anchored_by("ends_at")


def contribute(survey: Object, organisation: Organisation) -> Cells:
    """All of it when the survey ends, for its team; of answers beyond the invited, as many were invited."""
    get = survey.values.get
    ends_ms = get("ends_at")
    if ends_ms is None or not survey.live:
        return {}
    promoters, passives, detractors = get("promoters") or 0, get("passives") or 0, get("detractors") or 0
    answers = promoters + passives + detractors
    sums = {SURVEY_INVITED: max(get("invited") or 0, answers), SURVEY_ANSWERS: answers}
    if answers >= LEAST_ANSWERS:
        sums |= {ENPS_ANSWERS: answers, ENPS_POINTS: 100 * (promoters - detractors)}
    return {at_team(organisation, known_team(organisation, get("team_id"), ends_ms), ends_ms): sums}


def references(survey: Object) -> set[str]:
    """The team whose change may move it."""
    team = survey.get("team_id")
    return {f"team:{team}"} if team else set()


SURVEY = Kind(
    name="survey",
    domain="crm",
    fields={"team_id": 2, "ends_at": 3, "invited": 4, "promoters": 5, "passives": 6, "detractors": 7},
    measures=frozenset({SURVEY_INVITED, SURVEY_ANSWERS, ENPS_ANSWERS, ENPS_POINTS}),
    anchor_ms=_anchor_ms,
    limit_ms=closed_limit_ms,
    until_ms=closed_until_ms(_anchor_ms),
    over_days=over_while_counted,
    contribute=contribute,
    references=references,
)
