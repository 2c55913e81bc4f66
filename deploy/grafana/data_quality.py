"""Data quality and audit: do the figures equal the logs, what comes in that cannot count, and what is silent?"""

from grafana_foundation_sdk.models import dashboard as model

from deploy.grafana.frame import framed
from deploy.grafana.grid import Section, beside
from deploy.grafana.looks import (
    AUDIT_OLD,
    COMPARED,
    COUNT,
    DAYS,
    FRESH,
    LAG,
    LATE_SHARE,
    PER_SECOND,
    REFUSED_SHARE,
    SHARE,
    WARNING,
    YES,
)
from deploy.grafana.panels import AnyPanel, Query, bars, curve, number
from deploy.grafana.queries import HERE, alerts_of, company, feed_age, most, rate, refused_share, unassigned

NEWEST = "salespulse_audit_last_success_timestamp_seconds"


def build() -> model.Dashboard:
    """The dashboard, as Grafana's provisioning reads it. Where no `salespulse audit --watch` runs the top is empty."""
    sections = [_audit(), _refused(), _unknown(), _heard()]
    words = "Whether figures equal the logs, what is refused or unknown, and which sources are silent."
    return framed("Data quality and audit", "data-quality", words, sections, teams=False)


def _audit() -> Section:
    figures = [
        number("Differences", Query(most("salespulse_audit_differences")), WARNING,
               "Of the last audit that came to its end. Any is one too many: salespulse audit prints them."),
        number("Last audit", Query(f"time() - {most(NEWEST)}"), AUDIT_OLD, "Since one came to its end."),
        number("Least compared", Query(f"min({most('salespulse_audit_compared_numbers', 'place')})"), COMPARED,
               "Numbers in the place that has fewest: 0 proves nothing."),
        number("Not compared", Query(most("salespulse_audit_not_compared")), COUNT,
               "Things that could not be: the audit's last lines say which."),
        number("At rest", Query(most("salespulse_audit_quiet")), YES,
               "Whether nothing was under way, so that the last event was compared too."),
        number("Duration", Query(most("salespulse_audit_duration_seconds")), LAG, "Of that audit."),
    ]  # fmt: skip
    since = f"(time() - {most('salespulse_audit_covered_since_timestamp_seconds', 'family')}) / 86400"
    panels: list[AnyPanel] = [
        curve("Compared", [Query(most("salespulse_audit_compared_numbers", "place"), "{{place}}")], COMPARED,
              "Numbers, by place."),
        curve("Reach", [Query(since, "{{family}}")], DAYS,
              "How far back windows are compared, by family: as far as the logs and what is remembered allow."),
    ]  # fmt: skip
    return Section("Audit", [beside(4, *figures), beside(8, *panels)])


def _refused() -> Section:
    letters, late = "salespulse_dead_letters_total", "salespulse_late_events_total"
    today = f"sum by (reason) (increase({letters}{{{HERE}}}[1d]))"
    share = f"sum(rate({late}{{{HERE}}}[1h])) / (sum(rate(salespulse_events_total{{{HERE}}}[1h])) > 0)"
    upper: list[AnyPanel] = [
        bars("Refused in a day", [Query(today, "{{reason}}")], COUNT,
             "Dead letters by reason; salespulse dead-letters list shows them by cause."),
        curve("Refused", [Query(rate(letters, "reason"), "{{reason}}")], PER_SECOND, "Dead letters, by reason."),
        curve("Share refused", [Query(refused_share(), "of what arrives")], REFUSED_SHARE, "In five minutes."),
    ]  # fmt: skip
    lower: list[AnyPanel] = [
        curve("Late", [Query(share, "share of events")], SHARE,
              "Events older than what is remembered, of all that are accepted, over an hour."),
        curve("Without a value", [Query(rate("salespulse_tombstones_total"), "tombstones")], PER_SECOND,
              "Records with a key and no value: connectors send one after each deletion."),
    ]  # fmt: skip
    return Section("Refused", [beside(8, *upper), beside(8, *lower)])


def _unknown() -> Section:
    stages, activities = company("unknown_stages", "now"), unassigned("activities", "1h")
    figures = [
        number("Deals in unknown stages", Query(stages), WARNING,
               "In stages that no process declares: salespulse org unmapped names them."),
        number("Unassigned activities, 1 h", Query(activities), WARNING,
               "Of reps whom the organisation does not have, or who have no team in it; of no team's figures."),
        number("Unassigned activities, day", Query(unassigned("activities", "day")), COUNT, "The same, today."),
        number("Of unknown reps, alerts", Query(alerts_of("reps_unknown")), WARNING, "Beyond the limit that is set."),
        number("Of unknown teams, alerts", Query(alerts_of("teams_unknown")), WARNING, "Beyond the limit that is set."),
        number("In unknown stages, alerts", Query(alerts_of("stages_unknown")), WARNING, "Teams beyond their limit."),
    ]  # fmt: skip
    panels: list[AnyPanel] = [
        curve("Deals in unknown stages", [Query(stages, "deals")], COUNT, "Open or closed, of the whole company."),
        curve("Unassigned activities, last hour", [Query(activities, "activities")], COUNT,
              "A step upwards is a source with users that the organisation lacks."),
    ]  # fmt: skip
    return Section("Unknown to the organisation", [beside(4, *figures), beside(8, *panels)])


def _heard() -> Section:
    old, every = (rate(f"salespulse_{events}_total", "source") for events in ("old_events", "events"))
    panels: list[AnyPanel] = [
        curve("Since a source was heard", [Query(feed_age(), "{{source}}")], FRESH, "Seconds since anything came."),
        curve("Accepted", [Query(rate("salespulse_events_total", "source"), "{{source}}")], PER_SECOND, "By source."),
        curve(
            "Come late",
            [Query(f"{old} / ({every} > 0)", "{{source}}")],
            LATE_SHARE,
            "Of what each source sends, what happened over an hour before.",
        ),
    ]
    return Section("Sources", [beside(8, *panels)], collapsed=True)
