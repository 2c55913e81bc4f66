"""From events to an inbox: a worker opens an alert, somebody acknowledges it, and `salespulse notify` tells of each."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline import clock
from pipeline.cli import app
from pipeline.config.settings import Settings
from pipeline.sending.event import Outgoing
from tests.harness.audited import rests
from tests.harness.busy_floor import Appended, organisation
from tests.harness.eventful_floor import append
from tests.harness.inbox import Inbox, has_position, notifying
from tests.harness.told_time import tell_time
from tests.harness.worker import WorkerProcess
from tests.servers.process import free_port, wait_until
from tests.unit.ledger.world import MINUTE, event

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
SILENT = "silent_rep:rep:01@north"


def _told(given: dict[str, Any], at_ms: int) -> Appended:
    outgoing = Outgoing(given)
    return Appended(outgoing.topic, outgoing.key, outgoing.value, at_ms)


def _call(settings: Settings, rep: str, at_ms: int) -> None:
    """Somebody calls, and time is told."""
    data: dict[str, Any] = {"direction": "outbound", "outcome": "no_answer", "started_at": at_ms, "ended_at": at_ms}
    call = event("call", f"{rep}-{at_ms}", at_ms, source="dialer-1", rep_id=rep, **data)
    append(settings, [_told(call, at_ms)])
    tell_time(settings, at_ms)


@contextmanager
def _notifying(settings: Settings, env: dict[str, str], log: Path) -> Iterator[None]:
    """`salespulse notify`, from where it has a position on; it ends well once it is interrupted."""
    command = [sys.executable, "-m", "pipeline.cli", "notify"]
    with log.open("wb") as out, subprocess.Popen(command, env=os.environ | env, stdout=out, stderr=out) as running:
        try:
            wait_until(lambda: has_position(settings), "a position in the log of alerts", 60)
            yield
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(30)
    assert running.returncode == 0, log.read_text()


def _until(inbox: Inbox, found: Callable[[list[dict[str, Any]]], bool], what: str) -> None:
    wait_until(lambda: found([each for each in inbox.took if each["data"]["id"] == SILENT]), what, 60)


def test_a_silent_rep_is_told_of_from_event_to_inbox(embedded_settings: Settings, inbox: Inbox, tmp_path: Path) -> None:
    """Once when he is silent, once when somebody takes note, once when he calls again; of his colleague nothing."""
    settings = embedded_settings
    env = notifying(settings, inbox, FEED_KNOWN_DAYS="0")
    told_ms = clock.now_ms()
    append(settings, organisation(told_ms))
    append(settings, [_told(event("team", "north", told_ms, silence_minutes=3), told_ms)])
    _call(settings, "02", told_ms)
    with WorkerProcess(env, tmp_path / "worker.log", free_port()) as worker:
        worker.until_ready()
        assert rests(settings)
        with _notifying(settings, env, tmp_path / "notify.log"):
            # Nobody is missed from before a worker heard of the team first, however long it took to start.
            now_ms = clock.now_ms()
            for rep in ("01", "02"):
                _call(settings, rep, now_ms)
            for minutes in (1, 2, 3, 4):
                _call(settings, "02", now_ms + minutes * MINUTE)
            _until(inbox, lambda took: len(took) == 1, "the opening")
            said = CliRunner().invoke(app, ["alerts", "ack", SILENT, "--by", "lead-1"], env=env)
            assert said.exit_code == 0, said.output
            _until(inbox, lambda took: len(took) == 2, "that somebody took note")
            _call(settings, "01", now_ms + 5 * MINUTE)
            _until(inbox, lambda took: len(took) == 3, "the end")
            assert rests(settings)

    assert [(each["type"], each["data"]["id"]) for each in inbox.took] == [
        (f"alert.{what}", SILENT) for what in ("opened", "acknowledged", "resolved")
    ]
    first, second, third = (each["data"] for each in inbox.took)
    assert first["opened_ms"] == second["opened_ms"] == third["opened_ms"]
    assert 3 * MINUTE < first["opened_ms"] - now_ms <= 4 * MINUTE
    assert second["acknowledged_by"] == "lead-1"
    assert third["ending"] == "activity"
