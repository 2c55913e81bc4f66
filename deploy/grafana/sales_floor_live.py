"""Sales floor live: what operations watch all day. Who is active, what is stuck, and whether figures are fresh."""

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import dashboard as model

from deploy.grafana.grid import Line, Section, beside, place
from deploy.grafana.panels import PROMETHEUS, AnyPanel, Column, Look, Query, bars, by_team, curve, listing, number
from deploy.grafana.queries import (
    HERE,
    alerts,
    feed_age,
    figure_age,
    pooled,
    quantile,
    rate,
    stage,
    team,
    total,
    working_hours,
)

COUNT = Look(decimals=0)
SHARE = Look("percentunit", 0, bounds=(0, 1))
CONNECT = Look("percentunit", 0, ((None, "red"), (0.1, "yellow"), (0.2, "green")), (0, 1))
SERVICE = Look("percentunit", 0, ((None, "red"), (0.7, "yellow"), (0.8, "green")), (0, 1))
TALK = Look("s", 0)
WAIT = Look("s", 0, ((None, "green"), (20, "yellow"), (60, "red")))
MONEY = Look("short", 1)
WARNING = Look(decimals=0, steps=((None, "green"), (1, "red")))
FRESH = Look("s", 0, ((None, "green"), (300, "yellow"), (1800, "red")))
AGE = Look("s", 0)
LAG = Look("s", 2)
PER_SECOND = Look("ops", 2)
WORKING = Look(words={"0": ("off", "text"), "1": ("working", "green")})
BY_TEAM, STAGE = "{{team}}", "{{process}} {{stage}}"
CHOSEN, POOLED = "Chosen teams together.", "The whole company, pooled over its teams."


def build() -> model.Dashboard:
    """The dashboard, as Grafana's provisioning reads it."""
    board = (
        dashboard.Dashboard("Sales floor live")
        .uid("sales-floor-live")
        .description("Activity, deals and freshness of the sales floor, second by second.")
        .tags(["salespulse"])
        .refresh("5s")
        .time("now-8h", "now")
        .timezone("browser")
        .readonly()
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .with_variable(_variable("namespace", "Deployment", "salespulse_build_info", "namespace"))
        .with_variable(
            _variable("team", "Team", f'salespulse_kpi_activities{{{HERE},scope=~"team:.+",window="day"}}', "scope")
            .multi(True)
            .include_all(True)
            .all_value("team:.+")
            .current(model.VariableOption(text=["All"], value=["$__all"]))
        )
    ).build()
    board.panels = place([_now(), _teams(), _activity(), _inbound(), _deals(), _health()])
    return board


def _variable(name: str, label: str, series: str, of: str) -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable(name)
        .label(label)
        .datasource(PROMETHEUS)
        .query({"qryType": 1, "query": f"label_values({series}, {of})", "refId": name})
        .definition(f"label_values({series}, {of})")
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.ALPHABETICAL_ASC)
    )


def _now() -> Section:
    figures = [
        number("Calls, 15 min", Query(total("calls", "15m")), COUNT, CHOSEN),
        number("Emails, 1 h", Query(total("emails", "1h")), COUNT, CHOSEN),
        number("Meetings held today", Query(total("meetings_held", "day")), COUNT, CHOSEN),
        number("Connect rate, 1 h", Query(pooled("connect_rate", "1h")), CONNECT, CHOSEN),
        number("Talk time, 1 h", Query(total("talk_time", "1h")), TALK, CHOSEN),
        number("Service level 20 s, 1 h", Query(pooled("service_level_20s", "1h")), SERVICE, CHOSEN),
        number(
            "Open alerts",
            Query(f"sum({alerts('team')}) or vector(0)"),
            WARNING,
            "Silent reps, teams and feeds of the whole deployment.",
        ),
        number("Oldest feed", Query(f"max({feed_age()})"), FRESH, "Since the source that was silent longest sent."),
    ]
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
        Column("Alerts", f"{alerts('team')} and {working_hours()} or 0 * {working_hours()}", WARNING),
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
        curve(
            "Connect rate, last hour",
            [Query(team("connect_rate", "1h"), BY_TEAM)],
            SHARE,
            "Answered by a person, of dials.",
        ),
        curve(
            "Talk time, last hour",
            [Query(team("talk_time", "1h"), BY_TEAM)],
            TALK,
            "Of calls that ended in it, without hold.",
        ),
    ]
    return Section("Activity", [beside(9, *panels)])


def _inbound() -> Section:
    callers = [Query(total(kpi, "1h"), kpi) for kpi in ("offered", "answered", "abandoned")]
    panels = [
        curve("Service level 20 s, last hour", [Query(team("service_level_20s", "1h"), BY_TEAM)], SHARE,
              "Answered within 20 s, of offered."),
        curve("Average speed of answer, last hour", [Query(team("answer_speed", "1h"), BY_TEAM)], TALK,
              "Wait of answered inbound calls."),
        curve("Inbound calls, last hour", callers, COUNT, CHOSEN),
    ]  # fmt: skip
    return Section("Inbound", [beside(8, *panels)])


def _deals() -> Section:
    bookings = [
        Query(total("bookings", "day"), "today"),
        Query(total("bookings", "day", before="1d"), "yesterday, same time"),
    ]
    conversion = Query(stage("stage_conversion", "month"), STAGE)
    upper: list[AnyPanel] = [
        curve(
            "Bookings of the day",
            bookings,
            MONEY,
            "Amount won, in the deployment's currency; starts anew at each team's midnight.",
        ),
        bars("Funnel: entered this month", [Query(stage("stage_entries", "month"), STAGE)], COUNT, POOLED),
        bars("Funnel: moved on, of entered this month", [conversion], SHARE, f"{POOLED} Those still pending may yet."),
    ]
    lower: list[AnyPanel] = [
        bars("Win rate, 90 days", [Query(team("win_rate", "90d"), BY_TEAM)], SHARE, "Won, of won and lost."),
        bars("Pipeline velocity a day", [Query(team("pipeline_velocity", "90d"), BY_TEAM)], MONEY,
             "Open qualified deals x win rate x mean deal / cycle; win rate, deal and cycle of 90 days."),
        bars("Open pipeline", [Query(team("open_pipeline", "now"), BY_TEAM)], MONEY, "Amount of the deals open now."),
    ]  # fmt: skip
    return Section("Deals", [beside(8, *upper), beside(8, *lower)])


def _health() -> Section:
    lag = "salespulse_publication_lag_seconds"
    upper: list[AnyPanel] = [
        curve("Feed age", [Query(feed_age(), "{{source}}")], AGE, "Since each source system last sent."),
        curve("Events", [Query(rate("salespulse_events_total", "source"), "{{source}}")], PER_SECOND, "Accepted."),
        curve("Publication lag",
              [Query(quantile(q, lag, "sink"), f"{{{{sink}}}} p{q * 100:.0f}") for q in (0.5, 0.99)], LAG,
              "From a figure's now to its place in the sink."),
    ]  # fmt: skip
    refused = [
        Query(rate("salespulse_dead_letters_total", "reason"), "{{reason}}"),
        Query(rate("salespulse_late_events_total"), "late, of those"),
    ]
    held = [Query(f"sum by (topic) (salespulse_partitions_held{{{HERE}}})", "{{topic}}")]
    behind = [
        Query(figure_age("stage"), "figures of {{stage}}"),
        Query(f"max by (instance) (salespulse_loop_lag_seconds{{{HERE}}})", "loop of {{instance}}"),
        Query(f"max by (stage) (salespulse_recovery_seconds{{{HERE}}})", "last take-over of {{stage}}"),
    ]
    lower: list[AnyPanel] = [
        curve(
            "Refused events", refused, PER_SECOND, "Dead letters, by reason; late ones are older than the retention."
        ),
        curve("Partitions held", held, COUNT, "A line that falls has lost a worker nobody stands in for."),
        curve("Behind", behind, LAG, "How old figures are (up to 5 s is normal where nothing happens), and why."),
    ]
    return Section("Is it us?", [beside(8, *upper), beside(8, *lower)])
