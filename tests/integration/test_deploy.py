import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from redis import AuthenticationError, Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoPermissionError

from pipeline.config.settings import Settings, load_settings
from tests.servers.components import require_command
from tests.servers.kafka import require_jars
from tests.servers.process import ServerProcess, free_port

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose" / "compose.yaml"
VARIABLE = re.compile(r"\$\{(\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")


def tool(*command: str | Path) -> None:
    """Run a checker that is installed beside this Python; fails with what it says."""
    name, *arguments = map(str, command)
    found = Path(sys.executable).with_name(name)
    done = subprocess.run([found, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def compose() -> dict[str, Any]:
    """The compose file, with the defaults in place of its variables."""
    text = VARIABLE.sub(lambda found: found["rest"] if found["kind"] == "-" else "x", COMPOSE.read_text())
    result: dict[str, Any] = yaml.safe_load(text)
    return result


def compose_default(name: str) -> str:
    """The default of a variable in the compose file."""
    return next(found["rest"] for found in VARIABLE.finditer(COMPOSE.read_text()) if found[1] == name)


def written(path: Path, text: str) -> Path:
    """A file with this text."""
    path.write_text(text)
    return path


def redis_command(secrets: Path, namespace: str, port: int) -> tuple[str, ...]:
    """The command of the service, with its files where they are here."""
    require_command("redis-server", "redis-server")
    command = list(compose()["services"]["redis"]["command"])
    command[1:5] = [
        str(DEPLOY / "security" / "redis-with-users.sh"), str(DEPLOY / "security" / "redis-users.acl"),
        str(secrets), namespace,
    ]  # fmt: skip
    return (*command, "--port", str(port), "--bind", "127.0.0.1")


def answers(port: int) -> bool:
    """Whether a Redis listens there."""
    try:
        with Redis(port=port) as client:
            return bool(client.ping())
    except AuthenticationError:
        return True
    except RedisConnectionError:
        return False


SECRETS = {
    "SALESPULSE_WEBHOOK_URL_FILE": "https://hooks.example.com/alerts",
    "SALESPULSE_WEBHOOK_SECRET_FILE": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
}
"""What is no password like the others."""


class TestCompose:
    """Everything on one machine."""

    def test_follows_the_compose_specification(self) -> None:
        """The compose file is valid against the published schema."""
        tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)

    def test_has_every_part(self) -> None:
        """One command brings up the log, the store, the topics, a worker, the board and everything to watch it."""
        assert set(compose()["services"]) == {
            "kafka", "redis", "topics", "worker", "audit", "board", "notify", "prometheus", "alertmanager", "grafana",
        }  # fmt: skip

    def test_gives_settings_that_exist_with_values_that_are_allowed(self, tmp_path: Path) -> None:
        """Every SALESPULSE_ variable of a service is a setting, and its value passes."""
        for name, service in compose()["services"].items():
            given = {
                key: value for key, value in service.get("environment", {}).items() if key.startswith("SALESPULSE_")
            }
            for key in [key for key in given if key.endswith("_FILE")]:
                assert given[key].removeprefix("/run/secrets/") in service["secrets"], name
                given[key] = str(written(tmp_path / key, SECRETS.get(key, f"k1:{'x' * 32}")))
            if given:
                assert {key.removeprefix("SALESPULSE_").lower() for key in given} <= set(Settings.model_fields), name
                assert load_settings(given).brokers == "kafka:9092"

    def test_no_password_is_in_the_environment(self) -> None:
        """Each is a file, which only the services that log in with it have."""
        services = compose()["services"]
        assert not [
            (name, key)
            for name, service in services.items()
            for key in service.get("environment", {})
            if "PASSWORD" in key and not key.endswith("_FILE")
        ]
        assert set(compose()["secrets"]) == {
            each for service in services.values() for each in service.get("secrets", ())
        }
        assert services["worker"]["secrets"] == ["redis-worker", "control-keys"]
        assert services["board"]["secrets"] == ["redis-reader"]

    def test_redis_has_the_users_of_the_secrets_and_no_other(self, tmp_path: Path) -> None:
        """Started as the service starts it: each password is its user's, and without one nothing is answered."""
        folder, port = tmp_path / "secrets", free_port()
        folder.mkdir()
        for part in ("worker", "reader", "audit", "names"):
            written(folder / f"redis-{part}", f"pw-{part}\n")
        command = redis_command(folder, "north", port)
        there = ("sh", "-c", 'cd "$0" && exec "$@"', str(tmp_path))
        server = ServerProcess((*there, *command), tmp_path / "redis.log")
        server.start(lambda: answers(port))
        try:
            for part in ("worker", "reader", "audit", "names"):
                with Redis(port=port, username=f"salespulse-{part}", password=f"pw-{part}") as client:
                    with pytest.raises(NoPermissionError):
                        client.get("salespulse:x")
                    assert part in ("worker", "names") or client.get("north:x") is None
                    assert part != "names" or client.hset("north:names", "rep:7", "Robin Example") == 1
                with pytest.raises(AuthenticationError):
                    Redis(
                        port=port, username=f"salespulse-{part}", password=f"SHA256_OF_{part.upper()}_PASSWORD"
                    ).ping()
            with pytest.raises(AuthenticationError):
                Redis(port=port).ping()
        finally:
            server.stop()
        assert "pw-" not in (tmp_path / "users.acl").read_text()

    def test_redis_does_not_start_without_passwords(self, tmp_path: Path) -> None:
        """Neither with an empty file, nor with the placeholders of the list of users."""
        for part in ("worker", "reader", "audit", "names"):
            written(tmp_path / f"redis-{part}", "")
        without = subprocess.run(
            redis_command(tmp_path, "x", free_port()), cwd=tmp_path, capture_output=True, check=False
        )
        assert without.returncode == 1
        assert b"holds no password" in without.stderr
        acl = ("--aclfile", str(DEPLOY / "security" / "redis-users.acl"), "--port", str(free_port()))
        server = require_command("redis-server", "redis-server")
        placeholders = subprocess.run((server, *acl), cwd=tmp_path, capture_output=True, timeout=30, check=False)
        assert placeholders.returncode == 1
        assert b"ACL" in placeholders.stdout

    def test_mounts_files_that_exist(self) -> None:
        """What a service mounts from the repository is there."""
        mounts = [
            mount.split(":")[0]
            for service in compose()["services"].values()
            for mount in service.get("volumes", [])
            if mount.startswith("..")  # what begins with one dot, secrets, is made on the machine
        ]

        assert mounts
        assert all((COMPOSE.parent / mount).exists() for mount in mounts)

    def test_example_environment_names_every_variable(self) -> None:
        """`.env.example` has the variables of the compose file, with the same defaults."""
        lines = (COMPOSE.parent / ".env.example").read_text().splitlines()
        example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
        used = {
            found[1]: found["rest"] if found["kind"] == "-" else "" for found in VARIABLE.finditer(COMPOSE.read_text())
        }

        assert {name: default for name, default in used.items() if name != "KAFKA_CLUSTER_ID"} == example

    def test_opens_ports_to_this_machine_only(self) -> None:
        """Nothing listens on an outside address unless somebody changes it."""
        ports = [port for service in compose()["services"].values() for port in service.get("ports", [])]

        assert ports
        assert all(port.startswith("127.0.0.1:") for port in ports)

    def test_services_have_no_more_rights_than_they_need(self) -> None:
        """Every service gives up its capabilities, and ours have a read-only root."""
        for name, service in compose()["services"].items():
            assert service["cap_drop"] == ["ALL"], name
            if service["image"].startswith("salespulse:"):
                assert service["read_only"] is True

    def test_one_service_builds_the_image_and_the_others_wait_for_it(self) -> None:
        """Several that built one tag at the same time would race; what only uses the image never pulls it either."""
        ours = {
            name: service
            for name, service in compose()["services"].items()
            if service["image"].startswith("salespulse:")
        }
        builders = [name for name, service in ours.items() if "build" in service]

        assert len(ours) > 1
        assert len(builders) == 1
        assert all(builders[0] in service["depends_on"] for name, service in ours.items() if name not in builders)
        assert all(service["pull_policy"] == "never" for name, service in ours.items() if name not in builders)

    @pytest.mark.kafka
    def test_kafka_takes_its_settings(self, tmp_path: Path) -> None:
        """The broker of the tests, which is of the same version, formats its storage with the settings of ours."""
        service = compose()["services"]["kafka"]
        settings = {
            name.removeprefix("KAFKA_").lower().replace("_", "."): value
            for name, value in service["environment"].items()
            if name.startswith("KAFKA_")
        }
        properties = tmp_path / "server.properties"
        lines = (settings | {"log.dirs": str(tmp_path / "data")}).items()
        properties.write_text("\n".join(f"{name}={value}" for name, value in lines))
        storage = ("java", "-cp", f"{require_jars()}/*", "kafka.tools.StorageTool", "format", "--config", properties)
        done = subprocess.run(
            [*storage, "--cluster-id", compose_default("KAFKA_CLUSTER_ID")], capture_output=True, text=True, check=False
        )

        assert done.returncode == 0, done.stdout + done.stderr
        assert (tmp_path / "data" / "meta.properties").exists()
        assert service["image"].partition(":")[2] in (ROOT / "tests" / "servers" / "pom.xml").read_text()

    def test_prometheus_asks_the_services_that_there_are(self) -> None:
        """The targets of the Prometheus configuration are services of the compose file, on their ports."""
        config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
        services = compose()["services"]
        worker = next(job for job in config["scrape_configs"] if job["job_name"] == "salespulse")["dns_sd_configs"][0]

        audit = next(job for job in config["scrape_configs"] if job["job_name"] == "salespulse-audit")
        assert [audit["dns_sd_configs"][0][name] for name in ("names", "port")] == [["audit"], 9101]
        assert str(audit["dns_sd_configs"][0]["port"]) in services["audit"]["command"]
        for name in ("notify", "board"):
            (found,) = (job["dns_sd_configs"][0] for job in config["scrape_configs"] if job["job_name"].endswith(name))
            assert (found["names"], str(found["port"]) in services[name]["command"]) == ([name], True)
        assert worker["names"] == ["worker"]
        assert services["worker"]["environment"]["SALESPULSE_HEALTH_PORT"] == str(worker["port"])
        assert config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] == ["alertmanager:9093"]


class TestFiles:
    """The files themselves."""

    def test_yaml_is_tidy(self) -> None:
        """Yamllint has nothing to say about deploy/."""
        forms = [ROOT / ".github", ROOT / ".pre-commit-config.yaml"]
        tool("yamllint", "--strict", "--config-file", DEPLOY / ".yamllint", DEPLOY, *forms)

    def test_the_workflow_runs_everything_on_every_supported_python(self) -> None:
        """It is valid, calls .ci/run, and its Pythons are those that the package says it runs on."""
        workflow = ROOT / ".github" / "workflows" / "tests.yaml"
        tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", workflow)
        everything = yaml.safe_load(workflow.read_text())["jobs"]["all"]
        listed = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text())

        assert everything["strategy"]["matrix"]["python"] == listed
        assert ".ci/run" in [step.get("run") for step in everything["steps"]]

    def test_checks_before_a_commit_are_those_that_are_installed(self) -> None:
        """Each hook runs a program of the developers' environment, so nothing is fetched and no version differs."""
        hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
        programs = [Path(hook["entry"].split()[0]) for hook in hooks]

        assert {program.name for program in programs} == {"ruff", "mypy", "yamllint"}
        assert all(program.parent == Path(".venv/bin") for program in programs)
        assert all(Path(sys.executable).with_name(program.name).exists() for program in programs)

    def test_the_image_has_the_version_of_the_package(self) -> None:
        """The compose file builds under the version that pyproject.toml has."""
        version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)

        assert version is not None
        assert compose_default("SALESPULSE_VERSION") == version[1]

    def test_image_file_is_sound(self) -> None:
        """Hadolint has nothing to say about the Dockerfile."""
        tool("hadolint", DEPLOY / "Dockerfile")

    def test_image_has_every_package_and_no_rights(self) -> None:
        """The image takes in the three packages, installs by hash only, and runs as a user of its own."""
        text = (DEPLOY / "Dockerfile").read_text()
        ignored = (DEPLOY / "Dockerfile.dockerignore").read_text()

        for package in ("agents", "pipeline", "schemas"):
            assert f"COPY {package} {package}" in text
            assert f"!{package}" in ignored.splitlines()
        assert "RUN requirements/install /opt/salespulse/bin/python audit" in text
        for needed in ("requirements/install", "requirements/build.txt", "requirements/audit.txt"):
            assert needed in text
            assert f"!{needed}" in ignored.splitlines()
        assert "USER 10001:10001" in text

    def test_image_has_every_file_of_the_packages(self, tmp_path: Path) -> None:
        """What the image installs, as it installs it, holds every page, script and schema beside the code."""
        ignored = (DEPLOY / "Dockerfile.dockerignore").read_text()
        copied = [line.removeprefix("!") for line in ignored.splitlines() if line.startswith("!")]
        for path in sorted(file for name in copied for file in files(ROOT / name)):
            to = tmp_path / "build" / path.relative_to(ROOT)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to)
        options = ("--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path)
        tool("pip", "wheel", *options, tmp_path / "build")

        with zipfile.ZipFile(next(tmp_path.glob("salespulse-*.whl"))) as wheel:
            installed = set(wheel.namelist())
        assert {
            path.relative_to(ROOT).as_posix()
            for package in ("agents", "pipeline", "schemas")
            for path in files(ROOT / package)
        } <= installed


def files(path: Path) -> list[Path]:
    """The file, or all files under the folder but those of caches."""
    if path.is_file():
        return [path]
    return [file for file in path.rglob("*") if file.is_file() and not re.search(r"__pycache__|/\.", file.as_posix())]
