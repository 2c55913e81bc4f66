"""Which homes a change of the organisation concerns: of all others nothing has to be looked up, drawn or linked anew.

Asked once the change was put. They may name too many, never too few, and homes that a board does not have.
"""

from pipeline.measures import COMPANY
from pipeline.organisation.copies import Change
from pipeline.organisation.goals import PLACED, places_of
from pipeline.organisation.organisation import Organisation


def looked_up(change: Change, organisation: Organisation) -> set[str] | None:
    """The homes whose calendar, goals or working hours may be others now; None: all."""
    days, aims = calendars(change, organisation), goals(change, organisation)
    return None if days is None or aims is None else days | aims


def calendars(change: Change, organisation: Organisation) -> set[str] | None:
    """The homes that may have other days, weeks or fiscal years now; None: all.

    A team and its group have the team's calendar, a rep over all teams that of the team of now, everybody else the
    company's, which fills in what a team has none of. A team that ended keeps its days; whoever belonged to it has the
    company's. The tree of teams and the records of reps are not in it; nor is the currency, of which the board knows
    itself.
    """
    kind, _, name = change.subject.partition(":")
    if kind == "company":
        return None if change.differs("time_zone", "fiscal_year_start", "week_starts") else set()
    if kind == "membership":
        return {f"rep:{rep}" for rep in change.said("rep_id")}
    cut_otherwise = change.is_there_otherwise or change.differs("time_zones", "fiscal_year_start", "ended_at")
    if kind != "team" or not cut_otherwise:
        return set()
    if name == COMPANY:
        return None  # Whoever has no team has the calendar of that name.
    return _of_team(name, organisation)


def goals(change: Change, organisation: Organisation) -> set[str] | None:
    """The homes that may have other goals, another part of them due, or other hours or curves to reach them; None: all.

    Those of whom it is asked which days there are (`calendars`) are looked up anyhow.
    """
    kind, _, name = change.subject.partition(":")
    if kind in PLACED:
        return {home for record in (change.old, change.new) for _, home in places_of(record)}
    if kind in ("rep", "absence", "proration"):
        return _due(kind, name, change, organisation)
    if kind == "company":
        return None if change.differs("calendar") else set()
    if kind in ("score", "special_day"):
        return _of_rule(kind, change, organisation)
    if kind != "team":
        return set()
    found = {f"team:{parent}" for parent in change.said("parent_id")} if change.differs("parent_id") else set()
    if change.is_there_otherwise or change.differs("calendar"):
        found |= _of_team(name, organisation)
    return found


def working_days(change: Change, organisation: Organisation) -> set[str] | None:
    """The homes that may have other working days now, or whose reps may be there on others; None: all."""
    kind = change.subject.partition(":")[0]
    return set() if kind in (*PLACED, "proration", "score") else looked_up(change, organisation)


def _of_rule(kind: str, change: Change, organisation: Organisation) -> set[str] | None:
    """Whose activities a rule weighs, or whoever works by the hours that a special day closes; None: all."""
    teams = {record.get("team_id") for record in (change.old, change.new) if record}
    if None in teams or (kind == "special_day" and COMPANY in teams):
        return None
    if kind == "score":
        return {f"team:{team}" for team in teams}
    return {home for team in teams if team for home in _of_team(team, organisation)}


def _due(kind: str, name: str, change: Change, organisation: Organisation) -> set[str] | None:
    """Of whose targets another part may be due: a rep's own, or by a rule those of all reps of its team; None: all."""
    if kind == "rep":
        return {f"rep:{name}"} if change.differs("hired_on", "left_on") else set()
    if kind == "absence":
        return {f"rep:{rep}" for rep in change.said("rep_id")}
    teams = {record.get("team_id") for record in (change.old, change.new) if record}
    if None in teams:
        return None
    return {f"rep:{rep}" for team in teams if team for rep in organisation.ever_in(team)}


def above(change: Change, organisation: Organisation) -> set[str]:
    """The homes below which targets may add up to something else now: what changes their own days is looked up."""
    kind, _, name = change.subject.partition(":")
    teams, reps = change.said("team_id"), change.said("rep_id")
    own = {f"team:{team}" for rep in reps for team in organisation.teams_ever(rep)}
    if kind == "membership":
        return own | {f"team:{team}" for team in teams}
    if kind == "target":
        parents = {(organisation.get(f"team:{team}") or {}).get("parent_id") for team in teams}
        return own | {f"group:{parent}" for parent in parents} | ({COMPANY} if teams else set())
    if kind != "team" or not (change.is_there_otherwise or change.differs("parent_id", "ended_at")):
        return set()
    return {COMPANY, f"team:{name}", *(f"group:{parent}" for parent in change.said("parent_id"))}


def scored(change: Change, organisation: Organisation) -> set[str]:
    """The teams to whom others may belong by the end of a window now, so that others are scored."""
    kind, _, name = change.subject.partition(":")
    if kind == "membership":
        teams = change.said("team_id")
        teams.update(team for rep in change.said("rep_id") for team in organisation.teams_ever(rep))
    elif kind == "rep" and (change.is_there_otherwise or change.differs("hired_on", "left_on")):
        teams = organisation.teams_ever(name)
    elif kind == "team" and (change.is_there_otherwise or change.differs("ended_at")):
        teams = {name}
    else:
        return set()
    return {f"team:{team}" for team in teams}


def attendances(change: Change) -> set[str]:
    """The reps who may be at work today and were not before, or the other way round."""
    kind, _, name = change.subject.partition(":")
    if kind == "rep" and (change.is_there_otherwise or change.differs("active", "hired_on", "left_on")):
        return {name}
    return change.said("rep_id") if kind == "absence" else set()


def groups(change: Change) -> set[str]:
    """The homes that may be shown now and were not before, or the other way round: a group is while it has teams."""
    if not change.subject.startswith("team:") or not change.differs("parent_id"):
        return set()
    return {f"group:{parent}" for parent in change.said("parent_id")}


def linked(change: Change, organisation: Organisation) -> set[str]:
    """The teams whose panes may go to other larger scopes now: it, all below it, and those it is or was below."""
    kind, _, name = change.subject.partition(":")
    if kind != "team" or not (change.is_there_otherwise or change.differs("parent_id")):
        return set()
    return {name, *organisation.descendants(name), *change.said("parent_id")}


def _of_team(team: str, organisation: Organisation) -> set[str]:
    """Whoever has the calendar of a team."""
    return {f"team:{team}", f"group:{team}", *(f"rep:{rep}" for rep in organisation.ever_in(team))}
