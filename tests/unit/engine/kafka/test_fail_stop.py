"""The end of a process: one line that says why."""

import subprocess
import sys
import textwrap

import pytest
from aiokafka.errors import TopicAuthorizationFailedError

from pipeline.engine.changelog.log_reader import LogBrokenError
from pipeline.engine.changelog.state_log import DeposedError, RefusedError
from pipeline.engine.kafka.fail_stop import EXIT_CODE, said
from pipeline.kernel.stage import Halt


@pytest.mark.parametrize("kind", [DeposedError, Halt, LogBrokenError, RefusedError])
def test_a_diagnosis_is_said_as_it_is(kind: type[Exception]) -> None:
    """Nothing of the code's names is in the line."""
    assert said(kind("state.crm-1: it is cut off")) == "state.crm-1: it is cut off"


def test_what_a_broker_says_is_named() -> None:
    """The kind of its error, and what it is about; any other error is shown as the code has it."""
    assert said(TopicAuthorizationFailedError("facts")) == "TopicAuthorizationFailedError facts"
    assert said(ValueError("poison")) == "ValueError('poison')"


@pytest.mark.parametrize(("error", "traceback"), [("DeposedError('claimed')", False), ("ValueError('poison')", True)])
def test_a_traceback_comes_only_with_what_is_not_understood(error: str, *, traceback: bool) -> None:
    """The process ends with the exit code of a stop, and nothing is cleaned up."""
    script = f"""
        import logging
        from pipeline.engine.kafka.fail_stop import end_process
        from pipeline.engine.changelog.state_log import DeposedError
        logging.basicConfig(format="%(message)s")
        try:
            raise {error}
        except Exception:
            end_process("the reason")
        finally:
            print("cleaned up")
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (EXIT_CODE, "")
    assert done.stderr.splitlines()[0] == "worker stops: the reason"
    assert (len(done.stderr.splitlines()) > 1) == traceback
