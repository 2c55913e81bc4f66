"""Call queue: what callers meet. Who waits, who gave up, how soon somebody answers, and who talks."""

from grafana_foundation_sdk.models import dashboard as model

from deploy.grafana.frame import framed
from deploy.grafana.grid import Section, beside
from deploy.grafana.looks import BY_TEAM, CHOSEN, COUNT, SERVICE, SHARE, STATE, TALK, WAIT, WARNING
from deploy.grafana.panels import AnyPanel, Column, Query, bars, by_team, curve, number
from deploy.grafana.queries import alerts_of, phones, pooled, team, total, waits, where_teams_work

KINDS = ("service_level", "abandoned_calls", "longest_wait")
"""Alerts on what callers meet."""


def build() -> model.Dashboard:
    """The dashboard, as Grafana's provisioning reads it."""
    words = "Inbound calls of the chosen teams: offered, answered, abandoned, and how long callers wait."
    return framed("Call queue", "call-queue", words, [_now(), _phones(), _teams(), *_course()], teams=True)


def _now() -> Section:
    figures = [
        number(
            "Waiting", Query(total("callers_waiting", "now")), COUNT, f"{CHOSEN} Callers whom nobody has answered yet."
        ),
        number("Longest wait", Query(f"max({waits()}) or vector(0)"), WAIT, f"{CHOSEN} Of those who wait now."),
        number("Offered, 1 h", Query(total("offered", "1h")), COUNT, CHOSEN),
        number("Answered, 1 h", Query(total("answered", "1h")), COUNT, CHOSEN),
        number("Abandoned, 1 h", Query(total("abandoned", "1h")), COUNT, f"{CHOSEN} Callers who gave up waiting."),
        number("Abandon rate, 1 h", Query(pooled("abandon_rate", "1h")), SHARE, CHOSEN),
        number("Service level 20 s, 1 h", Query(pooled("service_level_20s", "1h")), SERVICE, CHOSEN),
        number("Speed of answer, 1 h", Query(pooled("answer_speed", "1h")), WAIT, f"{CHOSEN} Of answered calls."),
    ]
    return Section("Now", [beside(4, *figures)])


def _phones() -> Section:
    states = bars(
        "Phones",
        [Query(phones(), STATE)],
        COUNT,
        f"{CHOSEN} Reps by what their phone is set to, and why they are away; those that are off are left out.",
    )
    share = number(
        "Occupancy, day",
        Query(pooled("occupancy", "day")),
        SHARE,
        f"{CHOSEN} Time on contact, of all time on contact or available.",
    )
    course = curve("Occupancy, day", [Query(team("occupancy", "day"), BY_TEAM)], SHARE, "Of the team's day so far.")
    return Section("Phones", [beside(8, states, share, course)])


def _teams() -> Section:
    columns = [
        Column("Waiting", team("callers_waiting", "now"), COUNT),
        Column("Longest wait", waits(), WAIT),
        Column("Alerts", where_teams_work(alerts_of(KINDS, "team")), WARNING),
        Column("Offered 1h", team("offered", "1h"), COUNT),
        Column("Abandoned 1h", team("abandoned", "1h"), COUNT),
        Column("Service level 1h", team("service_level_20s", "1h"), SERVICE),
        Column("Speed of answer 1h", team("answer_speed", "1h"), WAIT),
        Column("Offered day", team("offered", "day"), COUNT),
        Column("Abandoned day", team("abandoned", "day"), COUNT),
        Column("Service level day", team("service_level_20s", "day"), SERVICE),
        Column("Talk time day", team("talk_time", "day"), TALK),
        Column("Occupancy day", team("occupancy", "day"), SHARE),
    ]
    return Section("Teams now", [beside(9, by_team("Teams", columns, "Now, the last hour, and the team's own day."))])


def _course() -> list[Section]:
    callers = [Query(total(kpi, "1h"), kpi) for kpi in ("offered", "answered", "abandoned")]
    panels: list[AnyPanel] = [
        curve("Service level 20 s, last hour", [Query(team("service_level_20s", "1h"), BY_TEAM)], SERVICE,
              "Answered within 20 s, of offered."),
        curve("Average speed of answer, last hour", [Query(team("answer_speed", "1h"), BY_TEAM)], WAIT,
              "Wait of answered inbound calls."),
        curve("Inbound calls, last hour", callers, COUNT, CHOSEN),
    ]  # fmt: skip
    waiting: list[AnyPanel] = [
        curve("Callers who wait", [Query(team("callers_waiting", "now"), BY_TEAM)], COUNT,
              "Whom nobody has answered yet; whoever called more than an hour ago waits no longer."),
        curve("Longest wait", [Query(waits(), BY_TEAM)], WAIT, "Of the caller who has waited longest by then."),
    ]  # fmt: skip
    talk: list[AnyPanel] = [
        curve("Talk time, last hour", [Query(team("talk_time", "1h"), BY_TEAM)], TALK,
              "Of calls that ended in it, without hold."),
        curve("Mean talk time, last hour", [Query(team("avg_talk_time", "1h"), BY_TEAM)], TALK,
              "Of the legs of calls whose talk time is known."),
    ]  # fmt: skip
    return [
        Section("Course", [beside(8, *waiting), beside(8, *panels)]),
        Section("Talk", [beside(8, *talk)], collapsed=True),
    ]
