"""From a worker's port to somebody's inbox: real Prometheus, real Alertmanager, the rules and routes that are deployed.

Worker ports are stood in for, so that a feed can die when the test says so; what workers show there is tested
elsewhere. Waiting times of the rules and routes are a thirtieth of what is deployed.
"""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness.local_server import Answer, Asked, LocalServer
from tests.integration.test_alerting import ALERTMANAGER, RULES
from tests.servers.process import wait_until
from tests.servers.prometheus import Alertmanager, Prometheus

pytestmark = pytest.mark.slow

FASTER = 30
SECONDS = {"s": 1, "m": 60, "h": 3600}
LIMIT_SECONDS = 90
WAITS = ("for", "keep_firing_for", "group_wait", "group_interval")


class Port:
    """A web server of one page, and of what was posted to it."""

    def __init__(self) -> None:
        self.page = ""
        self.posted: list[dict[str, Any]] = []
        self._server = LocalServer(self._answer)
        self.address = self._server.address

    def _answer(self, asked: Asked) -> Answer:
        if asked.method == "POST":
            self.posted.append(json.loads(asked.body))
            return Answer()
        return Answer(body=self.page.encode(), headers={"content-type": "text/plain; version=0.0.4"})

    def kill(self) -> None:
        """Answer nobody any more."""
        self._server.close()

    def messages(self, receiver: str) -> list[tuple[str, str]]:
        """What a receiver was told: status and name of the group, in order; repetitions in a row are one."""
        told = [
            (each["status"], each["groupLabels"]["alertname"]) for each in self.posted if each["receiver"] == receiver
        ]
        return [each for number, each in enumerate(told) if number == 0 or told[number - 1] != each]


def worker(partitions: int, *more: str) -> str:
    """What a worker shows, as far as the rules ask."""
    held = [
        f'salespulse_partitions_held{{namespace="live",topic="{topic}"}} {partitions}' for topic in ("facts", "parts")
    ]
    return "\n".join(['salespulse_build_info{namespace="live",version="0.1.0"} 1', *held, *more, ""])


def missed(*, silent: bool) -> tuple[str, ...]:
    """A feed of the team, whether it is missed, and a rep of it who is silent as long as it is."""
    return (
        f'salespulse_feed_missed{{namespace="live",source="dialer",team="team:north"}} {int(silent)}',
        *(
            ['salespulse_alert_open{namespace="live",kind="silent_rep",team="team:north",scope="rep:7@north"} 1']
            * silent
        ),
    )


def hurried(document: Any) -> Any:
    """The same rules or routes with shorter waits."""
    if isinstance(document, dict):
        return {key: _shorter(value) if key in WAITS else hurried(value) for key, value in document.items()}
    return [hurried(each) for each in document] if isinstance(document, list) else document


def _shorter(wait: str) -> str:
    read = re.fullmatch(r"(\d+)([smh])", wait)
    assert read is not None
    return f"{int(read[1]) * SECONDS[read[2]] * 1000 // FASTER}ms"


@pytest.fixture
def ports() -> Iterator[tuple[Port, Port, Port]]:
    """Two workers, and the inbox of all receivers."""
    made = Port(), Port(), Port()
    yield made
    for each in made:
        each.kill()


@pytest.fixture
def inbox(ports: tuple[Port, Port, Port], tmp_path: Path) -> Iterator[Port]:
    """Prometheus and Alertmanager over both workers; receivers post to the inbox, all else is as deployed."""
    first, second, inbox = ports
    first.page = second.page = worker(2, *missed(silent=False))
    routes = hurried(yaml.safe_load(ALERTMANAGER.read_text()))
    for receiver in routes["receivers"]:
        receiver["webhook_configs"] = [{"url": f"http://{inbox.address}/", "send_resolved": True}]
    shutil.copytree(ALERTMANAGER.parent / "templates", tmp_path / "templates")
    alerting, rules = tmp_path / "alertmanager.yml", tmp_path / "rules"
    alerting.write_text(yaml.safe_dump(routes))
    rules.mkdir()
    for file in RULES:
        (rules / file.name).write_text(yaml.safe_dump(hurried(yaml.safe_load(file.read_text()))))
    alertmanager = Alertmanager(tmp_path, alerting)
    config = tmp_path / "prometheus.yml"
    config.write_text(
        yaml.safe_dump(
            {
                "global": {"scrape_interval": "500ms", "scrape_timeout": "400ms", "evaluation_interval": "500ms"},
                "rule_files": [str(rules / "*.yaml")],
                "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{alertmanager.port}"]}]}]},
                "scrape_configs": [
                    {
                        "job_name": "salespulse",
                        "honor_labels": True,
                        "static_configs": [{"targets": [first.address, second.address]}],
                    }
                ],
            }
        )
    )
    prometheus = Prometheus(tmp_path, config)
    alertmanager.start()
    prometheus.start()
    try:
        prometheus.until_scraped("salespulse", targets=2)
        wait_until(lambda: bool(inbox.messages("watchdog")), "the dead man's switch", LIMIT_SECONDS)
        yield inbox
    finally:
        prometheus.stop()
        alertmanager.stop()


def test_a_feed_that_dies_is_told_once_and_so_is_its_return(ports: tuple[Port, Port, Port], inbox: Port) -> None:
    """Its team's reps are not idle, they are not heard of: nobody is told of them."""
    for each in ports[:2]:
        each.page = worker(2, *missed(silent=True))
    wait_until(lambda: bool(inbox.messages("ops")), "somebody to be told of the feed", LIMIT_SECONDS)
    for each in ports[:2]:
        each.page = worker(2, *missed(silent=False))
    wait_until(lambda: len(inbox.messages("ops")) == 2, "somebody to be told that it is back", LIMIT_SECONDS)

    assert inbox.messages("ops") == [("firing", "SalespulseFeedSilent"), ("resolved", "SalespulseFeedSilent")]
    assert inbox.messages("floor") == []
    [alert] = next(each for each in inbox.posted if each["receiver"] == "ops")["alerts"]
    assert alert["annotations"]["runbook_url"].endswith("/operations.md#salespulsefeedsilent")


def test_a_worker_that_is_killed_beside_another_is_no_matter_of_the_floor(
    ports: tuple[Port, Port, Port], inbox: Port
) -> None:
    """Operations hear of it once; the other one takes its partitions over."""
    first, second, _ = ports
    first.kill()
    second.page = worker(4, *missed(silent=False))
    wait_until(lambda: bool(inbox.messages("ops")), "somebody to be told of the worker", LIMIT_SECONDS)

    assert inbox.messages("ops") == [("firing", "SalespulseWorkerDown")]
    assert inbox.messages("floor") == []
