"""Alerts and silence: who is silent since when, which feeds are, and whether that is the floor or its sources."""

from grafana_foundation_sdk.models import dashboard as model

from deploy.grafana.frame import framed
from deploy.grafana.grid import Line, Section, beside
from deploy.grafana.looks import AGE, BY_TEAM, COUNT, FRESH, WARNING, WORKING
from deploy.grafana.panels import AnyPanel, Column, Query, by_team, curve, listing, number
from deploy.grafana.queries import alerts, alerts_of, feed_age, missed_feeds, team, where_teams_work, working_hours


def build() -> model.Dashboard:
    """The dashboard, as Grafana's provisioning reads it."""
    words = "Open alerts of the floor, their course, and the sources whose silence would explain them."
    return framed("Alerts and silence", "alerts-and-silence", words, [_now(), _teams(), _course()], teams=True)


def _now() -> Section:
    figures = [
        number(
            "Silent reps",
            Query(alerts_of("silent_rep")),
            WARNING,
            "Without activity for their team's limit of working time.",
        ),
        number("Silent teams", Query(alerts_of("silent_team")), WARNING, "Whole teams without activity."),
        number(
            "Silent feeds", Query(alerts_of("feed_silent")), WARNING, "Sources that send nothing where they usually do."
        ),
        number("Oldest feed", Query(f"max({feed_age()})"), FRESH, "Since the source that was silent longest sent."),
    ]
    return Section("Now", [beside(4, *figures)])


def _teams() -> Section:
    columns = [
        Column("Hours", working_hours(), WORKING),
        Column("Alerts", where_teams_work(alerts("team")), WARNING),
        Column("Feeds missed", where_teams_work(missed_feeds()), WARNING),
        Column("Activities 15m", team("activities", "15m"), COUNT),
        Column("Activities 1h", team("activities", "1h"), COUNT),
    ]
    open_alerts = listing(
        "Open alerts",
        Query(alerts("kind", "scope", "team")),
        {"kind": "What", "scope": "Who", "team": "Team"},
        "Over when activity returns. While a feed that a team misses is silent, its reps are not.",
    )
    return Section("Teams now", [Line(9, [(14, by_team("Teams", columns, "Working hours are the team's own.")),
                                          (10, open_alerts)])])  # fmt: skip


def _course() -> Section:
    panels: list[AnyPanel] = [
        curve("Open alerts", [Query(alerts("kind"), "{{kind}}")], COUNT, "By what is silent."),
        curve("Feed age", [Query(feed_age(), "{{source}}")], AGE, "Since each source system last sent."),
        curve(
            "Activities, last 15 min", [Query(team("activities", "15m"), BY_TEAM)], COUNT, "Calls, emails, meetings."
        ),
    ]
    return Section("Course", [beside(9, *panels)])
