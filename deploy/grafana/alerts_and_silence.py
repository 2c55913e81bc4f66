"""Alerts and silence: who is silent since when, what is kept back and by what, and which feeds are silent."""

from grafana_foundation_sdk.models import dashboard as model

from deploy.grafana.frame import framed
from deploy.grafana.grid import Line, Section, beside
from deploy.grafana.looks import (
    ALERT_STATES,
    BY_TEAM,
    COUNT,
    FIGURES_OLD,
    FRESH,
    NOTED,
    SINCE,
    WARNING,
    WORKING,
)
from deploy.grafana.panels import AnyPanel, Column, Query, by_team, curve, listing, number, rows, timeline
from deploy.grafana.queries import (
    alert_states,
    alerts,
    alerts_of,
    feed_age,
    missed_feeds,
    muted,
    muted_until,
    noted,
    opened,
    partition_age,
    team,
    team_age,
    where_teams_work,
    who_misses,
    working_hours,
)

ABOUT = {"kind": "What", "scope": "Who", "team": "Team"}


def build() -> model.Dashboard:
    """The dashboard, as Grafana's provisioning reads it."""
    words = "Open alerts of the floor since when, what is kept back and by what, and the sources."
    sections = [_now(), _open(), _kept_back(), _course()]
    return framed("Alerts and silence", "alerts-and-silence", words, sections, teams=True)


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
        number("Muted", Query(muted()), COUNT, "Alerts that would be open; they wake nobody while that holds."),
        number("Oldest feed", Query(f"max({feed_age()})"), FRESH, "Since the source that was silent longest sent."),
        number("Oldest figure", Query(f"max({partition_age()})"), FIGURES_OLD,
               "Of the slowest partition. Alerts of one that is a minute behind are kept back."),
    ]  # fmt: skip
    return Section("Now", [beside(4, *figures)])


def _open() -> Section:
    columns = [
        Column("Hours", working_hours(), WORKING),
        Column("Alerts", where_teams_work(alerts("team")), WARNING),
        Column("Activities 15m", team("activities", "15m"), COUNT),
        Column("Activities 1h", team("activities", "1h"), COUNT),
    ]
    labels = tuple(ABOUT)
    open_alerts = rows(
        "Open alerts",
        ABOUT,
        [Column("Since", opened(*labels), SINCE), Column("Noted", noted(*labels), NOTED)],
        "Since when, and whether somebody took note (salespulse alerts ack). Over when activity returns.",
    )
    teams = by_team("Teams", columns, "Working hours are the team's own.")
    course = timeline(
        "Alerts in time",
        Query(alert_states(), "{{kind}} {{scope}}"),
        ALERT_STATES,
        "Each alert from when it opened until it was resolved, and in between what people did about it.",
    )
    return Section("Who, and since when", [Line(9, [(14, open_alerts), (10, teams)]), beside(9, course)])


def _kept_back() -> Section:
    by_what = by_team(
        "Teams, and what keeps their alerts back",
        [
            Column("Feeds missed", where_teams_work(missed_feeds()), WARNING),
            Column("Age of figures", team_age(), FIGURES_OLD),
            Column("Muted", where_teams_work(muted("team")), COUNT),
        ],
        "While a feed that a team misses is silent, its reps are not. Of a team whose figures stand still nothing is "
        "told. A mute keeps back one alert.",
    )
    mutes = rows("Muted alerts", ABOUT, [Column("Until", muted_until(*ABOUT), SINCE)],
                 "Who muted one, salespulse alerts show says.")  # fmt: skip
    feeds = listing("Missed feeds", Query(who_misses()), {"source": "Source", "team": "By team"},
                    "Their teams' alerts wait until they are back.")  # fmt: skip
    partitions = rows(
        "Partitions",
        {"stage": "Stage", "partition": "Partition"},
        [Column("Age", partition_age(), FIGURES_OLD)],
        "How far figures lie behind the clock; up to 5 s is normal where nothing happens.",
    )
    return Section("Kept back, and by what", [Line(9, [(12, by_what), (12, mutes)]), beside(8, feeds, partitions)])


def _course() -> Section:
    panels: list[AnyPanel] = [
        curve("Open alerts", [Query(alerts("kind"), "{{kind}}")], WARNING, "By the rule that says so."),
        curve("Feed age", [Query(feed_age(), "{{source}}")], FRESH, "Since each source system last sent."),
        curve(
            "Activities, last 15 min", [Query(team("activities", "15m"), BY_TEAM)], COUNT, "Calls, emails, meetings."
        ),
    ]
    return Section("Course", [beside(9, *panels)], collapsed=True)
