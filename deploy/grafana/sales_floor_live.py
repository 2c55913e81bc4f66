"""Sales floor live: what operations watch all day. Who is active, what is stuck, and whether figures are fresh."""

from grafana_foundation_sdk.models import dashboard as model

from deploy.grafana.frame import framed
from deploy.grafana.grid import Line, Section, beside
from deploy.grafana.looks import (
    BY_TEAM,
    CHOSEN,
    CONNECT,
    COUNT,
    FIGURES_OLD,
    FRESH,
    MONEY,
    SERVICE,
    SHARE,
    STATE,
    TALK,
    WARNING,
    WORKING,
)
from deploy.grafana.panels import AnyPanel, Column, Query, bars, by_team, curve, listing, number
from deploy.grafana.queries import (
    against_yesterday,
    alerts,
    feed_age,
    figure_age,
    phones,
    pooled,
    team,
    total,
    where_teams_work,
    working_hours,
)


def build() -> model.Dashboard:
    """The dashboard, as Grafana's provisioning reads it."""
    words = "Activity, deals and freshness of the sales floor, second by second."
    sections = [_now(), _teams(), _activity(), _details()]
    return framed("Sales floor live", "sales-floor-live", words, sections, teams=True)


def _now() -> Section:
    figures = [
        number("Calls, 15 min", Query(total("calls", "15m")), COUNT, CHOSEN),
        number("Emails, 1 h", Query(total("emails", "1h")), COUNT, CHOSEN),
        number("Meetings held today", Query(total("meetings_held", "day")), COUNT, CHOSEN),
        number("Connect rate, 1 h", Query(pooled("connect_rate", "1h")), CONNECT, CHOSEN),
        number("Service level 20 s, 1 h", Query(pooled("service_level_20s", "1h")), SERVICE, CHOSEN),
        number(
            "Open alerts",
            Query(f"sum({alerts('team')}) or vector(0)"),
            WARNING,
            "Silent reps, teams and feeds of the whole deployment.",
        ),
        number("Oldest feed", Query(f"max({feed_age()})"), FRESH, "Since the source that was silent longest sent."),
        number("Oldest figure", Query(f"max({figure_age('stage')})"), FIGURES_OLD,
               "Of the slowest partition; up to 5 s is normal where nothing happens."),
    ]  # fmt: skip
    return Section("Now", [beside(4, *figures)])


def _teams() -> Section:
    activity = [
        Column(f"{name} {window}", team(kpi, window), COUNT)
        for name, kpi in (("Calls", "calls"), ("Emails", "emails"), ("Meetings", "meetings_held"))
        for window in ("15m", "1h", "day")
    ]
    columns = [
        Column("Hours", working_hours(), WORKING),
        *activity,
        Column("Connect rate 1h", team("connect_rate", "1h"), CONNECT),
        Column("Talk time day", team("talk_time", "day"), TALK),
        Column("Alerts", where_teams_work(alerts("team")), WARNING),
    ]
    table = by_team(
        "Teams", columns, "Rolling windows are the last full minutes and the running one; days are the team's own."
    )
    open_alerts = listing(
        "Open alerts",
        Query(alerts("kind", "scope")),
        {"kind": "What", "scope": "Who"},
        "Silence in working hours; empty is good. Over when activity returns. While a feed is silent, reps are not.",
    )
    return Section("Teams now", [Line(9, [(18, table), (6, open_alerts)])])


def _activity() -> Section:
    panels = [
        curve("Calls, last 15 min", [Query(team("calls", "15m"), BY_TEAM)], COUNT, "In and out, each once."),
        curve("Connect rate, last hour", [Query(team("connect_rate", "1h"), BY_TEAM)], SHARE,
              "Answered by a person, of dials."),
        curve("Bookings of the day", against_yesterday("bookings"), MONEY,
              "Amount won, in the deployment's currency; starts anew at each team's midnight."),
    ]  # fmt: skip
    return Section("Activity", [beside(9, *panels)])


def _details() -> Section:
    upper: list[AnyPanel] = [
        curve("Emails, last hour", [Query(team("emails", "1h"), BY_TEAM)], COUNT, "To one person each."),
        curve("Meetings held today", [Query(team("meetings_held", "day"), BY_TEAM)], COUNT,
              "Starts anew at each team's midnight."),
        curve("Talk time, last hour", [Query(team("talk_time", "1h"), BY_TEAM)], TALK,
              "Of calls that ended in it, without hold."),
    ]  # fmt: skip
    lower: list[AnyPanel] = [
        curve("Service level 20 s, last hour", [Query(team("service_level_20s", "1h"), BY_TEAM)], SERVICE,
              "Answered within 20 s, of offered."),
        bars("Phones", [Query(phones(), STATE)], COUNT, f"{CHOSEN} Reps by what their phone is set to."),
        curve("Feed age", [Query(feed_age(), "{{source}}")], FRESH, "Since each source system last sent."),
    ]  # fmt: skip
    return Section("Details", [beside(8, *upper), beside(8, *lower)], collapsed=True)
