"""Deals and funnel: what was won and lost, what is open, and where it moves on."""

from grafana_foundation_sdk.models import dashboard as model

from deploy.grafana.frame import framed
from deploy.grafana.grid import Section, beside
from deploy.grafana.looks import BY_CURRENCY, BY_TEAM, CHOSEN, COUNT, DAYS, MONEY, POOLED, SHARE, STAGE
from deploy.grafana.panels import AnyPanel, Column, Query, bars, by_team, curve, number
from deploy.grafana.queries import against_yesterday, pooled, stage, team, team_money, total

BOTH = f"{BY_TEAM} {BY_CURRENCY}"


def build() -> model.Dashboard:
    """The dashboard, as Grafana's provisioning reads it."""
    words = "Deals won, lost and open of the chosen teams, and the funnel of the company."
    sections = [_now(), _teams(), _funnel(), _course(), _details()]
    return framed("Deals and funnel", "deals-and-funnel", words, sections, teams=True)


def _now() -> Section:
    figures = [
        number("Won this month", Query(total("won", "month")), COUNT, CHOSEN),
        number(
            "Bookings this month",
            Query(total("bookings", "month"), BY_CURRENCY),
            MONEY,
            f"{CHOSEN} In the company's currency.",
        ),
        number("Win rate, 90 days", Query(pooled("win_rate", "90d")), SHARE, f"{CHOSEN} Won, of won and lost."),
        number(
            "Mean deal, 90 days", Query(pooled("avg_deal_size", "90d"), BY_CURRENCY), MONEY, f"{CHOSEN} Of won deals."
        ),
        number("Sales cycle, 90 days", Query(pooled("sales_cycle", "90d")), DAYS, f"{CHOSEN} From creation to won."),
        number(
            "Open pipeline", Query(total("open_pipeline", "now"), BY_CURRENCY), MONEY, f"{CHOSEN} At the rates of now."
        ),
    ]
    return Section("Now", [beside(4, *figures)])


def _teams() -> Section:
    columns = [
        Column("Created month", team("deals_created", "month"), COUNT),
        Column("Won month", team("won", "month"), COUNT),
        Column("Lost month", team("lost", "month"), COUNT),
        Column("Bookings month", team_money("bookings", "month"), MONEY),
        Column("Win rate 90d", team("win_rate", "90d"), SHARE),
        Column("Cycle 90d", team("sales_cycle", "90d"), DAYS),
        Column("Open deals", team("open_deals", "now"), COUNT),
        Column("Open pipeline", team_money("open_pipeline", "now"), MONEY),
        Column("Velocity a day", team_money("pipeline_velocity", "90d"), MONEY),
    ]
    words = "Months are the team's own; velocity is open qualified deals x win rate x mean deal / cycle."
    return Section("Teams now", [beside(9, by_team("Teams", columns, words))])


def _funnel() -> Section:
    conversion = Query(stage("stage_conversion", "month"), STAGE)
    panels: list[AnyPanel] = [
        bars("Entered this month", [Query(stage("stage_entries", "month"), STAGE)], COUNT, POOLED),
        bars("Moved on, of entered this month", [conversion], SHARE, f"{POOLED} Those still pending may yet."),
        bars("Open in each stage now", [Query(stage("stage_open", "now"), STAGE)], COUNT, POOLED),
    ]
    return Section("Funnel", [beside(9, *panels)])


def _course() -> Section:
    panels: list[AnyPanel] = [
        curve("Bookings of the day", against_yesterday("bookings"), MONEY, "Starts anew at each team's midnight."),
        curve("Open pipeline", [Query(team_money("open_pipeline", "now"), BOTH)], MONEY, "Of the deals open now."),
        curve("Pipeline velocity a day", [Query(team_money("pipeline_velocity", "90d"), BOTH)], MONEY,
              "Win rate, mean deal and cycle of 90 days."),
    ]  # fmt: skip
    return Section("Course", [beside(8, *panels)])


def _details() -> Section:
    moved = ("new", "won", "lost", "increased", "decreased")
    movements = [Query(total(f"pipeline_{each}", "month"), f"{each} {BY_CURRENCY}") for each in moved]
    day = [Query(total(kpi, "day"), kpi.replace("_", " ")) for kpi in ("deals_created", "won", "lost")]
    upper: list[AnyPanel] = [
        bars("What moved the open pipeline this month", movements, MONEY, f"{CHOSEN} What takes away is below 0."),
        curve("Deals of the day", day, COUNT, f"{CHOSEN} Starts anew at each team's midnight."),
        curve("Win rate, 90 days", [Query(team("win_rate", "90d"), BY_TEAM)], SHARE, "Won, of won and lost."),
    ]
    lower: list[AnyPanel] = [
        bars("Days in a stage, 90 days", [Query(stage("stage_time_median", "90d"), STAGE)], DAYS,
             f"{POOLED} Half of the deals that left the stage had been in it for less."),
        curve("Stalled deals", [Query(team("stalled_deals", "now"), BY_TEAM)], COUNT, "Open, and nobody was in touch."),
        curve("Stalled pipeline", [Query(team_money("stalled_pipeline", "now"), BOTH)], MONEY, "The amount of them."),
    ]  # fmt: skip
    return Section("Details", [beside(8, *upper), beside(8, *lower)], collapsed=True)
