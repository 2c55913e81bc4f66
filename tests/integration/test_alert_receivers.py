"""The example receivers as the compose file has them: an address in a file is all that they need."""

import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from tests.harness.local_server import Answer, Asked, LocalServer
from tests.integration.test_alerting import ALERTMANAGER, EXAMPLES, TEAMS, fire, release, rep_silent
from tests.integration.test_deploy import DEPLOY, ROOT, compose
from tests.servers.process import wait_until
from tests.servers.prometheus import Alertmanager, amtool

IN_FILES = re.compile(r"_file: (\S+)")
SWITCHED_OFF = re.compile(r"^  #(  .+)$", re.MULTILINE)
"""Lines of a receiver that wait for an address."""


def mounts() -> dict[PurePosixPath, str]:
    """What Alertmanager sees of this machine in the compose file: the source by the place where it is."""
    parts = [volume.split(":") for volume in compose()["services"]["alertmanager"]["volumes"]]
    assert all(mode == ["ro"] for source, _, *mode in parts if source.startswith("."))
    return {PurePosixPath(place): source for source, place, *_ in parts}


class Channel:
    """What stands for Slack: it takes every message, by the path it was sent to."""

    def __init__(self) -> None:
        self.took: list[tuple[str, dict[str, Any]]] = []
        self.server = LocalServer(self._answer)

    def _answer(self, asked: Asked) -> Answer:
        self.took.append((asked.path, json.loads(asked.body)))
        return Answer()

    def address(self, path: str) -> str:
        """Where it is found."""
        return f"http://{self.server.address}{path}"


@pytest.fixture
def channel() -> Iterator[Channel]:
    """A channel that takes messages."""
    running = Channel()
    yield running
    running.server.close()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.stem)
def test_files_of_examples_are_where_compose_mounts_them(example: Path) -> None:
    """Alertmanager takes no path relative to its configuration: each is a file in a folder that is mounted for them."""
    named = [PurePosixPath(found) for found in IN_FILES.findall(example.read_text())]

    assert named
    assert {mounts().get(file.parent) for file in named} == {"./secrets/alertmanager"}


def test_no_password_of_another_service_is_beside_them() -> None:
    """Of the secrets Alertmanager sees its own folder, which the operations page makes."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

    assert [source for source in mounts().values() if "secrets" in source] == ["./secrets/alertmanager"]
    assert "secrets" not in compose()["services"]["alertmanager"]
    assert "mkdir -m 755 secrets/alertmanager" in page


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.stem)
def test_the_watchdog_goes_nowhere_until_it_has_an_address(example: Path) -> None:
    """As shipped it tells nobody; its lines need nothing but to be switched on."""
    (shipped,) = (each for each in yaml.safe_load(example.read_text())["receivers"] if each["name"] == "watchdog")
    switched_on = yaml.safe_load(SWITCHED_OFF.sub(r"  \1", example.read_text()))["receivers"]

    assert shipped == {"name": "watchdog"}
    assert switched_on[-1] == {
        "name": "watchdog",
        "webhook_configs": [{"url_file": "/etc/alertmanager/secrets/watchdog", "send_resolved": False}],
    }


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.stem)
def test_alertmanager_takes_the_watchdog_switched_on(example: Path, tmp_path: Path) -> None:
    """With its lines switched on an example is valid too; 0.25 knows no webhook whose address is in a file."""
    if release() < TEAMS:
        pytest.skip("this amtool is older than 0.28")
    text = ALERTMANAGER.read_text()
    switched_on = yaml.safe_load(SWITCHED_OFF.sub(r"  \1", example.read_text()))
    file = tmp_path / "alertmanager.yml"
    file.write_text(yaml.safe_dump({**yaml.safe_load(text), **switched_on, "templates": []}))

    amtool("check-config", file)


def test_slack_needs_an_address_and_nothing_else(channel: Channel, tmp_path: Path) -> None:
    """With the addresses in their files, operations hear of a worker and sales teams of a rep, each in its channel."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for name in ("ops", "floor"):
        (secrets / f"slack-{name}").write_text(channel.address(f"/{name}") + "\n")
    server = Alertmanager(tmp_path, _at_once(tmp_path, DEPLOY / "alertmanager" / "examples" / "slack.yml", secrets))
    server.start()
    try:
        worker = {"alertname": "SalespulseWorkerDown", "area": "pipeline", "namespace": "live", "instance": "w1"}
        fire(server, worker, rep_silent("live"), {"alertname": "SalespulseWatchdog", "area": "watchdog"})
        wait_until(lambda: len(channel.took) == 2, "a message in each channel", 30)
    finally:
        server.stop()

    assert {path: message["attachments"][0]["title"] for path, message in channel.took} == {
        "/ops": "[1 open] SalespulseWorkerDown in live",
        "/floor": "[1 open] SalespulseRepSilent in live, team:north",
    }


def _at_once(directory: Path, example: Path, secrets: Path) -> Path:
    """The shipped configuration with these receivers and the folder of secrets here; it waits for nobody."""
    mounted = next(str(place) for place, source in mounts().items() if source == "./secrets/alertmanager")
    receivers = yaml.safe_load(example.read_text().replace(mounted, str(secrets)))
    config = yaml.safe_load(ALERTMANAGER.read_text()) | receivers
    config["templates"] = [str(ALERTMANAGER.parent / "templates" / "*.tmpl")]
    for route in (config["route"], *config["route"]["routes"]):
        route["group_wait"] = "0s"
    file = directory / "alertmanager.yml"
    file.write_text(yaml.safe_dump(config))
    return file
