"""Shutdown in time: processes that are told to stop, whatever they are doing."""

import signal
import subprocess
import sys
import textwrap

import pytest

from pipeline.engine.kafka.fail_stop import EXIT_CODE

BEGIN = """
    import logging, sys, threading, time
    from pipeline.engine.supervision.shutdown import Shutdown
    logging.basicConfig(format="%(message)s")
    shutdown = Shutdown(limit_seconds=1)
    shutdown.take_signals()
"""


def ended(then: str, sent: signal.Signals | None = signal.SIGTERM) -> tuple[int, str]:
    """Exit code and last words of a process that does `then`, says that it is ready, and gets a signal, if any."""
    script = textwrap.dedent(BEGIN) + textwrap.dedent(then)
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        if sent is not None:
            process.send_signal(sent)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    return process.returncode, errors


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_before_there_is_anything_to_stop_it_leaves_at_once(sent: signal.Signals) -> None:
    """A worker that is still checking its topics has nothing to put in order."""
    assert ended("print('ready', flush=True); time.sleep(60)", sent) == (0, "")


def test_what_stops_in_time_ends_as_it_wants() -> None:
    """The deadline says nothing when it is not needed."""
    code, errors = ended("""
        told = threading.Event()
        shutdown.on_signal(told.set)
        print("ready", flush=True)
        told.wait()
        sys.exit(3)
    """)

    assert (code, errors) == (3, "")


def test_what_hangs_is_ended_with_one_line() -> None:
    """A main thread that never comes back, and one that would be waited for at the end."""
    code, errors = ended("""
        shutdown.on_signal(lambda: None)
        threading.Thread(target=time.sleep, args=(60,)).start()
        print("ready", flush=True)
        time.sleep(60)
    """)

    assert code == EXIT_CODE
    assert errors == "worker stops: shutdown took longer than 1 s\n"


def test_what_ends_by_itself_has_the_same_deadline() -> None:
    """After `begin` no thread that is left over keeps the process."""
    code, errors = ended(
        """
        shutdown.begin()
        threading.Thread(target=time.sleep, args=(60,)).start()
        print("ready", flush=True)
    """,
        sent=None,
    )

    assert code == EXIT_CODE
    assert "shutdown took longer than 1 s" in errors
