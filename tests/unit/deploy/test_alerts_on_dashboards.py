"""What dashboards say of alerts: a way to the runbook from whatever an alert watches, and its limit drawn."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.grafana.alert_rules import Limit, limits, runbooks, subjects
from deploy.grafana.build import DASHBOARDS
from tests.harness.dashboards import dashboard, panels

RULES = Path(__file__).parents[3] / "deploy" / "prometheus" / "rules"
every_dashboard = pytest.mark.parametrize("name", sorted(DASHBOARDS))

WATCHES = {
    "SalespulseWatchdog": "",
    "SalespulseWorkerDown": "",
    "SalespulseNoWorker": r"^count.*salespulse_build_info",
    "SalespulsePartitionsUnowned": "salespulse_partitions_held",
    "SalespulseFiguresStale": "salespulse_now_timestamp_seconds",
    "SalespulsePublicationLag": "salespulse_publication_lag_seconds",
    "SalespulseFreshnessBurnsFast": "salespulse_publication_lag_seconds",
    "SalespulseFreshnessBurnsSlowly": "salespulse_publication_lag_seconds",
    "SalespulseConsumerLag": "salespulse_consumer_lag_records",
    "SalespulseRedisSlow": "salespulse_redis_call_seconds",
    "SalespulseWorkerRestarts": r"changes\(process_start_time_seconds",
    "SalespulseSinkDown": "salespulse_sink_up",
    "SalespulseUnknownOwner": "salespulse_unknown_owners_total",
    "SalespulseDeadLettersRising": "salespulse_dead_letters_total",
    "SalespulseEventsLate": "salespulse_old_events_total",
    "SalespulseRedisFull": "salespulse_redis_memory_used_ratio",
    "SalespulseLoopSlow": "salespulse_loop_lag_seconds",
    "SalespulseDeposed": "salespulse_deposed_total",
    "SalespulseSeriesDropped": "salespulse_series_dropped_total",
    "SalespulseAuditDifferences": "salespulse_audit_differences",
    "SalespulseAuditOverdue": "salespulse_audit_last_success_timestamp_seconds",
    "SalespulseAuditComparesNothing": "salespulse_audit_compared_numbers",
    "SalespulseNotificationsFailing": "salespulse_notification_failing_seconds",
    "SalespulseNotificationsDead": "salespulse_notifications_total",
    "SalespulseNoBoard": "salespulse_board_redis_up",
    "SalespulseBoardBlind": "salespulse_board_redis_up",
    "SalespulseFeedSilent": r'salespulse_feed_missed|salespulse_last_event_timestamp_seconds|kind="feed_silent"',
    "SalespulseRepSilent": r'salespulse_alert_\w+\{[^}]*(kind="silent_rep"|\$namespace"\})',
    "SalespulseRepsSilent": r'salespulse_alert_\w+\{[^}]*(kind="silent_reps"|\$namespace"\})',
    "SalespulseTeamSilent": r'salespulse_alert_\w+\{[^}]*(kind="silent_team"|\$namespace"\})',
    "SalespulseLimitExceeded": (
        r'salespulse_alert_\w+\{[^}]*(kind=~?"[^"]*(_unknown|longest_wait)"|\$namespace"\})'
        r"|salespulse_kpi_(service_level_20s|abandon_rate|leads_waiting|stalled_deals|unknown_stages)\w*\{"
        r'|salespulse_longest_wait_since|scope="team:unassigned"'
    ),
    "SalespulseBelowOwnPast": r'salespulse_alert_\w+\{[^}]*\$namespace"\}',
    "SalespulseBelowUsual": r'salespulse_alert_\w+\{[^}]*(kind="below_usual"|\$namespace"\})',
    "SalespulseBelowPeers": r'salespulse_alert_\w+\{[^}]*\$namespace"\}',
    "SalespulseActivityDropped": r'salespulse_kpi_activities\{[^}]*scope=~"\$team",window="1h"',
}
"""Of each alert how a query looks that shows what it watches; empty where no panel does."""


def alerts() -> dict[str, str]:
    """The runbook of each alert, by its name."""
    groups = [group for file in RULES.glob("*.yaml") for group in yaml.safe_load(file.read_text())["groups"]]
    rules = [rule for group in groups for rule in group["rules"] if "alert" in rule]
    return {rule["alert"]: rule["annotations"]["runbook_url"] for rule in rules}


def asked(panel: Mapping[str, Any]) -> list[str]:
    """The queries of a panel."""
    return [target["expr"] for target in panel["targets"]]


@every_dashboard
def test_panels_lead_to_the_runbook_of_what_they_show(name: str) -> None:
    """A panel has a link for each alert that watches what it shows, to the section that the alert names; no other."""
    known = alerts()
    assert WATCHES.keys() == known.keys()

    for panel in panels(dashboard(name)):
        found = {link["title"].removeprefix("Runbook: "): link["url"] for link in panel.get("links", ())}
        expected = {
            alert: known[alert]
            for alert, looks in WATCHES.items()
            if looks and any(re.search(looks, query) for query in asked(panel))
        }
        assert found == expected, panel["title"]


def watching(query: str) -> list[Limit]:
    """The limits that alerts have on just what a query shows: the series in the same form."""
    return [
        limit
        for limit in limits()
        for shown in subjects(query)
        if limit.number is not None and limit.subject.form == shown.form and limit.subject.may_be(shown)
    ]


def settings(panel: Mapping[str, Any], number: int) -> dict[str, Any] | None:
    """How what a query of a panel finds is coloured; None where its numbers are not shown."""
    defaults: dict[str, Any] = panel["fieldConfig"]["defaults"]
    organized = [each["options"] for each in panel.get("transformations", ()) if each["id"] == "organize"]
    if not organized:
        return defaults
    value = "Value" if len(panel["targets"]) == 1 else f"Value #{panel['targets'][number]['refId']}"
    if organized[0]["excludeByName"].get(value):
        return None
    heading = organized[0]["renameByName"][value]
    column = next(each for each in panel["fieldConfig"]["overrides"] if each["matcher"]["options"] == heading)
    return {**defaults, **{each["id"]: each["value"] for each in column["properties"]}}


def changes_colour(shown: Mapping[str, Any], limit: Limit) -> bool:
    """Whether a number looks otherwise once the alert would fire: a count does from one on, a state by its word."""
    assert limit.number is not None
    if any("0" in mapping["options"] for mapping in shown["mappings"]) and limit.number == 0:
        return True
    steps = [step["value"] for step in shown["thresholds"]["steps"] if step["value"] is not None]
    return any(math.isclose(step, limit.number or 1) for step in steps)


@every_dashboard
def test_limits_of_alerts_are_drawn(name: str) -> None:
    """Wherever a panel shows what an alert compares with a number, colours change there, and a curve has a line."""
    for panel in panels(dashboard(name)):
        for number, query in enumerate(asked(panel)):
            shown = settings(panel, number)
            if shown is None or panel["type"] == "state-timeline":
                continue
            for limit in watching(query):
                assert changes_colour(shown, limit), (panel["title"], limit)
                lined = shown.get("custom", {}).get("thresholdsStyle", {}).get("mode")
                assert panel["type"] != "timeseries" or lined == "dashed", panel["title"]


def test_limits_are_drawn_of_most_of_what_is_shown() -> None:
    """The comparison finds what alerts watch: these and others have their limits on some panel."""
    queries = [query for name in DASHBOARDS for panel in panels(dashboard(name)) for query in asked(panel)]

    assert {limit.alert for query in queries for limit in watching(query)} >= {
        "SalespulseAuditOverdue",
        "SalespulseConsumerLag",
        "SalespulseDeadLettersRising",
        "SalespulseEventsLate",
        "SalespulseFeedSilent",
        "SalespulseFiguresStale",
        "SalespulseFreshnessBurnsFast",
        "SalespulseLoopSlow",
        "SalespulsePublicationLag",
        "SalespulseRedisFull",
        "SalespulseRedisSlow",
        "SalespulseSinkDown",
        "SalespulseTeamSilent",
    }


class TestRules:
    """What is read from the rules."""

    def test_every_alert_but_the_watchdog_watches_something(self) -> None:
        """Of all others it is known which series they watch."""
        assert {limit.alert for limit in limits()} == alerts().keys() - {"SalespulseWatchdog"}

    @pytest.mark.parametrize(
        ("alert", "expected"),
        [
            ("SalespulseFiguresStale", [("age", "salespulse_now_timestamp_seconds", ">", 60.0)]),
            ("SalespulseLoopSlow", [("", "salespulse_loop_lag_seconds", ">", 0.5)]),
            ("SalespulseDeadLettersRising", [("ratio", "salespulse_dead_letters_total", ">", 0.01)]),
            ("SalespulsePartitionsUnowned", [("", "salespulse_partitions_held", "<", None)]),
            (
                "SalespulseFeedSilent",
                [
                    ("", "salespulse_feed_missed", ">", 0.0),
                    ("age", "salespulse_last_event_timestamp_seconds", ">", 1800.0),
                ],
            ),
        ],
    )
    def test_limits_are_those_of_the_expression(self, alert: str, expected: list[Any]) -> None:
        """The series, in which form it is compared, and with what; conditions beside that are left out."""
        assert [
            (limit.subject.form, limit.subject.series, limit.comparison, limit.number)
            for limit in limits()
            if limit.alert == alert
        ] == expected

    @pytest.mark.parametrize(
        ("query", "form", "series"),
        [
            ('time() - max(a{namespace="$namespace"})', "age", "a"),
            ("sum by (x) (rate(a[$__rate_interval]))", "rate", "a"),
            ("sum(rate(a[1m])) / (sum(rate(b[1m])) > 0)", "ratio", "a"),
            ("histogram_quantile(0.5, sum by (le) (rate(a_bucket[1m])))", "quantile", "a_bucket"),
            ("0 * max(b) + on (x) group_left () (time() - a)", "age", "a"),
            ("max(a) * 1000", "", "a"),
            ("max by (x) (a * on (job) b)", "", "a"),
        ],
    )
    def test_a_query_is_about_what_it_shows(self, query: str, form: str, series: str) -> None:
        """What others give labels or a divisor is not what a query shows."""
        assert [(each.form, each.series) for each in subjects(query)] == [(form, series)]

    def test_labels_tell_alerts_of_one_series_apart(self) -> None:
        """A query of one kind of alert is not watched by those of other kinds."""
        assert list(runbooks(['salespulse_alert_open{kind="silent_team"}'])) == ["SalespulseTeamSilent"]
        assert list(runbooks(['salespulse_kpi_activities{window="day"}'])) == []

    def test_a_figure_with_a_limit_of_the_organisation_leads_to_that(self) -> None:
        """Prometheus knows no such limit: the pipeline's own rule says so, which is one kind of an alert."""
        assert list(runbooks(["salespulse_kpi_stalled_deals"])) == ["SalespulseLimitExceeded"]
        assert list(runbooks(["salespulse_kpi_abandon_rate_numerator"])) == ["SalespulseLimitExceeded"]
        assert list(runbooks(["salespulse_kpi_calls"])) == []
