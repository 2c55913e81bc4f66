"""Logs: one format for ours and for those of libraries, and never a secret in them."""

import ast
import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import pytest
import structlog

from pipeline.config.settings import load_settings
from pipeline.monitoring.logs import about, secrets_of, set_up_logs

LEVELS = ("debug", "info", "warning", "error", "exception", "critical")
ROOT = Path(__file__).parents[3]
SECRET = "s3cret-of-the-test"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """A stream for the logs, with logging as it was afterwards."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    quiet = {name: logging.getLogger(name).level for name in ("aiokafka", "kafka", "faust", "mode")}
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in quiet.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


def test_json_logs_are_one_object_a_line(stream: io.StringIO) -> None:
    """With the format `json` every entry is one JSON object, whoever wrote it."""
    set_up_logs("json", "INFO", stream=stream)
    structlog.get_logger("pipeline.test").info("recovered", seconds=1.5)
    logging.getLogger("some.library").warning("slow by %d ms", 7)

    ours, theirs = map(json.loads, stream.getvalue().splitlines())

    assert (ours["event"], ours["seconds"], ours["level"]) == ("recovered", 1.5, "info")
    assert (theirs["event"], theirs["logger"]) == ("slow by 7 ms", "some.library")


def test_lines_for_programs_say_whose_they_are_and_what_they_are_of(stream: io.StringIO) -> None:
    """Of our own lines the code and the place; of a library's, whose log it is."""
    set_up_logs("json", "INFO", stream=stream, about=about(load_settings({}, namespace="acme", worker_id="w1")))
    logging.getLogger("pipeline.test").warning("down", extra={"code": "sink_down", "stage": "rollup", "partition": 3})
    logging.getLogger("some.library").warning("slow")

    ours, theirs = map(json.loads, stream.getvalue().splitlines())

    told = {"namespace": "acme", "worker": "w1", "code": "sink_down", "stage": "rollup", "partition": 3}
    assert told.items() <= ours.items()
    assert (theirs["namespace"], theirs["worker"], theirs.get("code")) == ("acme", "w1", None)


def test_lines_for_people_do_not_repeat_what_the_words_say(stream: io.StringIO) -> None:
    """A code is for programs."""
    set_up_logs("console", "INFO", stream=stream, about={"namespace": "acme", "worker": "w1"})
    logging.getLogger("pipeline.test").warning("redis is down", extra={"code": "sink_down", "stage": "rollup"})

    assert "redis is down" in stream.getvalue()
    assert not any(word in stream.getvalue() for word in ("sink_down", "rollup", "acme"))


def test_every_line_of_our_own_has_a_code_that_is_documented() -> None:
    """A program that looks for a code finds it on the page for operations, and nothing else stands there."""
    calls, codes = [], set()
    for file in (ROOT / "pipeline").rglob("*.py"):
        text = file.read_text()
        codes |= set(re.findall(r'"code": "(\w+)"', text)) | set(re.findall(r'_told\("(\w+)"', text))
        calls += [(file.name, call) for call in ast.walk(ast.parse(text)) if _is_log(call)]

    assert calls
    assert [(name, call.lineno) for name, call in calls if "extra" not in {each.arg for each in call.keywords}] == []
    page = (ROOT / "docs" / "operations.md").read_text().partition("## Logs")[2].partition("\n## ")[0]
    assert codes == set(re.findall(r"^\| `(\w+)`", page, re.MULTILINE))


def _is_log(call: ast.AST) -> TypeGuard[ast.Call]:
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.func.attr not in LEVELS:
        return False
    return ast.unparse(call.func.value) in ("log", "self.log")


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_secrets_never_appear(stream: io.StringIO, log_format: str) -> None:
    """A secret is hidden wherever it stands: in the event, in arguments, nested, and in a traceback."""
    settings = load_settings({}, redis_url=f"redis://worker:{SECRET}@127.0.0.1:6379/0", log_format=log_format)
    set_up_logs(settings.log_format, "INFO", secrets_of(settings), stream)
    log = structlog.get_logger("pipeline.test")
    log.info(f"connected with {SECRET}", nested={"password": [SECRET]}, raw=SECRET.encode())
    logging.getLogger("some.library").info("url %s", settings.redis_url.get_secret_value())
    try:
        raise ValueError(SECRET)
    except ValueError:
        log.warning("failed", exc_info=True)

    written = stream.getvalue()

    assert "connected with" in written
    assert "ValueError" in written
    assert SECRET not in written


def test_the_user_part_of_any_url_is_hidden(stream: io.StringIO) -> None:
    """Credentials in a URL are hidden though nobody declared them."""
    set_up_logs("json", "INFO", stream=stream)
    logging.getLogger("some.library").info("via https://somebody:word@proxy.example:80/x")

    assert "somebody" not in stream.getvalue()
    assert "proxy.example" in stream.getvalue()


def test_secret_settings_are_known(stream: io.StringIO) -> None:
    """Passwords are scrubbed as such, and the Redis URL by its password alone."""
    settings = load_settings(
        {},
        kafka_security_protocol="SASL_SSL",
        kafka_sasl_username="worker",
        kafka_sasl_password=SECRET,
        redis_url="redis://:other@127.0.0.1:6379/0",
    )

    assert set(secrets_of(settings)) == {SECRET, "other"}
