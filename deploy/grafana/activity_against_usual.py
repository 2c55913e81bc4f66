"""Activity against usual: what teams do now beside what they usually do at this time of the weekday."""

from grafana_foundation_sdk.models import dashboard as model

from deploy.grafana.frame import framed
from deploy.grafana.grid import Section, beside
from deploy.grafana.looks import BY_TEAM, CHOSEN, COUNT, OF_USUAL, WARNING, WORKING
from deploy.grafana.panels import AnyPanel, Column, Query, by_team, curve, number
from deploy.grafana.queries import alerts_of, team, total, usual, where_teams_work, working_hours

BAND = "It holds about 19 days in 20 of a team whose activities come by chance."
USUAL_IS = "Usual is the median of the last eight days of the weekday; no line where fewer than four of them count."


def build() -> model.Dashboard:
    """The dashboard, as Grafana's provisioning reads it."""
    words = "Activities beside what is usual at this time of the weekday, and beside last week."
    sections = [_now(), _teams(), _today(), _by_team()]
    return framed("Activity against usual", "activity-against-usual", words, sections, teams=True)


def _now() -> Section:
    below = f"count({team('activities', 'day')} < {usual('low')}) or vector(0)"
    above = f"count({team('activities', 'day')} > {usual('high')}) or vector(0)"
    share = f"sum({team('activities', 'day')} and {usual()}) / (sum({usual()}) > 0)"
    figures = [
        number("Activities today", Query(total("activities", "day")), COUNT, CHOSEN),
        number("Usual by now", Query(f"sum({usual()})"), COUNT, f"{CHOSEN} {USUAL_IS}"),
        number("Of the usual", Query(share), OF_USUAL, "Of the chosen teams of which anything is usual."),
        number("Teams below", Query(below), WARNING, f"Below the band of their usual. {BAND}"),
        number("Teams above", Query(above), COUNT, f"Above the band. {BAND}"),
        number("Far below, alerts", Query(alerts_of("below_usual")), WARNING,
               "Teams and reps whose last working hour was far below the usual, by the alert's rule."),
    ]  # fmt: skip
    return Section("Now", [beside(4, *figures)])


def _teams() -> Section:
    columns = [
        Column("Hours", working_hours(), WORKING),
        Column("Today", team("activities", "day"), COUNT),
        Column("Usual by now", usual(), COUNT),
        Column("Band from", usual("low"), COUNT),
        Column("Band to", usual("high"), COUNT),
        Column("Of the usual", f"{team('activities', 'day')} / ({usual()} > 0)", OF_USUAL),
        Column("Last hour", team("activities", "1h"), COUNT),
        Column("Usual in this hour", usual(kpi="activities_usual_hour"), COUNT),
        Column("Alerts", where_teams_work(alerts_of("below_usual", "team")), WARNING),
    ]
    words = f"{USUAL_IS} The hour is that of the clock; the last hour are the last sixty minutes."
    return Section("Teams now", [beside(9, by_team("Teams", columns, words))])


def _today() -> Section:
    courses = [
        Query(total("activities", "day"), "today"),
        Query(total("activities", "day", before="7d"), "a week ago, same time"),
        Query(f"sum({usual()})", "usual"),
        Query(f"sum({usual('low')})", "band from"),
        Query(f"sum({usual('high')})", "band to"),
    ]
    hours = [
        Query(total("activities", "1h"), "last hour"),
        Query(total("activities", "1h", before="7d"), "a week ago"),
        Query(f"sum({usual(kpi='activities_usual_hour')})", "usual in this hour"),
    ]
    panels: list[AnyPanel] = [
        curve("Today", courses, COUNT, f"{CHOSEN} Starts anew at each team's midnight. Bands of teams are added up."),
        curve("By the hour", hours, COUNT, f"{CHOSEN} The last sixty minutes, beside what the hour usually has."),
    ]
    return Section("Course of the day", [beside(10, *panels)])


def _by_team() -> Section:
    share = Query(f"{team('activities', 'day')} / ({usual()} > 0)", BY_TEAM)
    away = Query(f"({team('activities', 'day')} - {usual()}) / ({usual('high')} - {usual()} > 0)", BY_TEAM)
    panels: list[AnyPanel] = [
        curve("Of the usual", [share], OF_USUAL, "What each team has done today, of what is usual by now."),
        curve("Distance in bands", [away], COUNT, "0 is usual, 1 the upper end of the band, below -1 is below it."),
    ]
    return Section("By team", [beside(9, *panels)], collapsed=True)
