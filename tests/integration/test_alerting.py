import json
import re
import shutil
import tomllib
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from tests.servers.process import wait_until
from tests.servers.prometheus import Alertmanager, amtool, promtool

ROOT = Path(__file__).parents[2]
RUNBOOKS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["Documentation"] + "/operations.md"
DEPLOY = ROOT / "deploy"
ALERTMANAGER = DEPLOY / "alertmanager" / "alertmanager.yml"
EXAMPLES = sorted((DEPLOY / "alertmanager" / "examples").glob("*.yml"))
RULES = sorted((DEPLOY / "prometheus" / "rules").glob("*.yaml"))
RULE_TESTS = sorted((DEPLOY / "prometheus" / "tests").glob("*.yaml"))
TEAMS = (0, 28)
"""The release of Alertmanager since which it knows the workflows of Teams."""


def alert_names() -> set[str]:
    """The names of all alerts in the rules."""
    groups = [group for file in RULES for group in yaml.safe_load(file.read_text())["groups"]]
    return {rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule}


class TestPrometheus:
    """What Prometheus scrapes, records and alerts on."""

    def test_configuration_is_valid(self) -> None:
        """Promtool takes the configuration with all its rules."""
        promtool("check", "config", DEPLOY / "prometheus" / "prometheus.yml")
        promtool("check", "rules", "--lint-fatal", *RULES)

    @pytest.mark.parametrize("file", RULE_TESTS, ids=lambda file: file.stem)
    def test_rules_do_what_their_tests_say(self, file: Path) -> None:
        """Every rule test of promtool passes, not by chance: each names the order of all groups, the recorded first."""
        groups = [group for rules in RULES for group in yaml.safe_load(rules.read_text())["groups"]]
        recorded_first = sorted(groups, key=lambda group: any("alert" in rule for rule in group["rules"]))
        assert yaml.safe_load(file.read_text())["group_eval_order"] == [group["name"] for group in recorded_first]

        promtool("test", "rules", file)

    def test_every_alert_is_tested_and_has_a_section_for_whoever_it_wakes(self) -> None:
        """No alert fires untested, and each links to its own section of the operations page."""
        tested = "\n".join(file.read_text() for file in RULE_TESTS)
        page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

        for name in sorted(alert_names()):
            assert f"alertname: {name}" in tested
            assert f"### {name}" in page
            assert f"{RUNBOOKS}#{name.lower()}" in tested
        rules = [
            rule for file in RULES for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]
        ]
        linked = {rule["alert"]: rule["annotations"].get("runbook_url") for rule in rules if "alert" in rule}
        assert linked == {name: f"{RUNBOOKS}#{name.lower()}" for name in alert_names()}


class TestAlertmanager:
    """Who hears of an alert, and which are kept back."""

    def test_configuration_is_valid(self) -> None:
        """Amtool takes the configuration."""
        amtool("check-config", ALERTMANAGER)

    @pytest.mark.parametrize(
        ("area", "receiver"), [("pipeline", "ops"), ("feed", "ops"), ("floor", "floor"), ("watchdog", "watchdog")]
    )
    def test_alerts_go_to_those_they_concern(self, area: str, receiver: str) -> None:
        """Sales teams hear of their own silence, operations of everything else."""
        amtool(
            "config",
            "routes",
            "test",
            f"--config.file={ALERTMANAGER}",
            f"--verify.receivers={receiver}",
            f"area={area}",
        )

    @pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.stem)
    def test_examples_need_only_an_address(self, example: Path, tmp_path: Path) -> None:
        """Each has every receiver of the routes, and Alertmanager takes it in their place."""
        text, receivers = ALERTMANAGER.read_text(), yaml.safe_load(example.read_text())["receivers"]
        assert {each["name"] for each in receivers} == {each["name"] for each in yaml.safe_load(text)["receivers"]}
        if any("msteamsv2_configs" in each for each in receivers) and release() < TEAMS:
            pytest.skip("this amtool is older than 0.28")
        shutil.copytree(ALERTMANAGER.parent / "templates", tmp_path / "templates")
        file = tmp_path / "alertmanager.yml"
        file.write_text(yaml.safe_dump({**yaml.safe_load(text), "receivers": receivers}))

        amtool("check-config", file)

    def test_our_own_outage_and_feed_silence_keep_floor_alerts_back(self, tmp_path: Path) -> None:
        """While none of its workers is left, alerts on the reps of a deployment are inhibited, and while a feed is
        silent, those of the teams that it serves. One worker that does not answer hides nothing.
        """
        server = Alertmanager(tmp_path, ALERTMANAGER)
        server.start()
        feed = {"alertname": "SalespulseFeedSilent", "area": "feed", "source": "dialer"}
        try:
            fire(
                server,
                {"alertname": "SalespulseNoWorker", "area": "pipeline", "hides": "floor", "namespace": "down"},
                {**feed, "namespace": "unfed", "team": "team:north"},
                {**feed, "namespace": "fine"},
                {"alertname": "SalespulseWorkerDown", "area": "pipeline", "namespace": "fine", "instance": "w1"},
                {**feed, "namespace": "down", "team": "team:north"},
                rep_silent("unfed", "team:south"),
                *(rep_silent(namespace) for namespace in ("down", "fine", "unfed")),
            )
            wait_until(lambda: len(server.alerts()) == 9, "all alerts to be held")

            settled(
                lambda: {
                    (alert["labels"]["alertname"], alert["labels"]["namespace"], alert["labels"]["team"])
                    for alert in server.alerts()
                    if alert["status"]["inhibitedBy"]
                },
                {
                    ("SalespulseFeedSilent", "down", "team:north"),
                    ("SalespulseRepSilent", "down", "team:north"),
                    ("SalespulseRepSilent", "unfed", "team:north"),
                },
            )
        finally:
            server.stop()

    def test_figures_that_stand_still_keep_back_what_their_partition_says(self, tmp_path: Path) -> None:
        """Alerts on the teams of one partition, its feeds, and feeds by age; not those of others, nor late events.

        Figures of larger scopes that stand still keep nothing back: no alert is decided there.
        """
        server = Alertmanager(tmp_path, ALERTMANAGER)
        server.start()
        stale = {"alertname": "SalespulseFiguresStale", "area": "pipeline", "hides": "floor"}
        feed = {"alertname": "SalespulseFeedSilent", "area": "feed", "source": "dialer"}
        try:
            fire(
                server,
                {**stale, "namespace": "live", "stage": "scoreboard", "partition": "0"},
                {**rep_silent("live", "team:north"), "partition": "0"},
                {**rep_silent("live", "team:south"), "partition": "1"},
                {**feed, "namespace": "live", "team": "team:east", "partition": "0"},
                {**feed, "namespace": "live", "team": "team:west", "partition": "1"},
                {**feed, "namespace": "live"},
                {"alertname": "SalespulseEventsLate", "area": "feed", "source": "dialer", "namespace": "live"},
                {**stale, "namespace": "wide", "stage": "rollup", "partition": "0"},
                {**rep_silent("wide", "team:north"), "partition": "0"},
                {**feed, "namespace": "wide"},
            )
            wait_until(lambda: len(server.alerts()) == 10, "all alerts to be held")

            settled(
                lambda: {
                    (labels["alertname"], labels["namespace"], labels.get("team", ""))
                    for labels in (alert["labels"] for alert in server.alerts() if alert["status"]["inhibitedBy"])
                },
                {
                    ("SalespulseRepSilent", "live", "team:north"),
                    ("SalespulseFeedSilent", "live", "team:east"),
                    ("SalespulseFeedSilent", "live", ""),
                },
            )
        finally:
            server.stop()

    def test_a_silent_team_speaks_for_its_reps(self, tmp_path: Path) -> None:
        """While a team is silent, alerts on its reps, also on many at once, and on its dropped activity are inhibited,
        those of others not.
        """
        server = Alertmanager(tmp_path, ALERTMANAGER)
        server.start()
        try:
            team = {"area": "floor", "namespace": "live", "team": "team:north"}
            fire(
                server,
                {"alertname": "SalespulseTeamSilent", **team},
                {"alertname": "SalespulseActivityDropped", **team},
                {"alertname": "SalespulseRepsSilent", **team},
                {"alertname": "SalespulseRepsSilent", **team, "team": "team:south"},
                rep_silent("live", "team:north"),
                rep_silent("live", "team:south"),
            )
            wait_until(lambda: len(server.alerts()) == 6, "all alerts to be held")

            settled(
                lambda: {
                    (alert["labels"]["alertname"], alert["labels"]["team"])
                    for alert in server.alerts()
                    if not alert["status"]["inhibitedBy"]
                },
                {
                    ("SalespulseTeamSilent", "team:north"),
                    ("SalespulseRepSilent", "team:south"),
                    ("SalespulseRepsSilent", "team:south"),
                },
            )
        finally:
            server.stop()

    def test_inhibition_names_alerts_and_labels_that_the_rules_have(self) -> None:
        """An alert that an inhibition names is one of the rules; `area` and `hides` have the values that rules give."""
        text = ALERTMANAGER.read_text()
        rules = "\n".join(file.read_text() for file in RULES)

        named = re.findall(r'alertname =~? "([\w|]+)"', text)
        assert named
        assert {name for names in named for name in names.split("|")} <= alert_names()
        assert _hiding() == {"SalespulseNoWorker", "SalespulsePartitionsUnowned", "SalespulseFiguresStale"}
        assert {area for area in ("pipeline", "feed", "floor") if f"area: {area}" in rules} == {
            "pipeline",
            "feed",
            "floor",
        }


def release() -> tuple[int, int]:
    """The release of Alertmanager that is installed."""
    found = re.search(r"version (\d+)\.(\d+)", amtool("--version"))
    return (0, 0) if found is None else (int(found[1]), int(found[2]))


def _hiding() -> set[str]:
    """The names of the alerts that keep those of the floor back."""
    groups = [group for file in RULES for group in yaml.safe_load(file.read_text())["groups"]]
    return {rule["alert"] for group in groups for rule in group["rules"] if "hides" in rule.get("labels", {})}


def rep_silent(namespace: str, team: str = "team:north") -> dict[str, str]:
    """The labels of an alert on a silent rep."""
    return {"alertname": "SalespulseRepSilent", "area": "floor", "namespace": namespace, "team": team, "rep": "rep-01"}


def settled(found: Callable[[], set[tuple[str, ...]]], expected: set[tuple[str, ...]]) -> None:
    """It comes to that: Alertmanager holds alerts a moment before it knows which of them inhibit others."""
    wait_until(lambda: found() == expected, f"alerts to be kept back, so that there are {sorted(expected)}")
    assert found() == expected


def fire(server: Alertmanager, *labels: dict[str, str]) -> None:
    """Post alerts that fire from now on, as Prometheus does."""
    now = datetime.now(UTC)
    alerts = [
        {"labels": given, "startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat()}
        for given in labels
    ]
    request = urllib.request.Request(
        f"{server.url}/api/v2/alerts", json.dumps(alerts).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.status == 200
