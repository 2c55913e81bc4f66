"""Failpoints: read from a text, silent unless told."""

import subprocess
import sys

import pytest

from pipeline.kernel.failpoints import EXIT_CODE, POINTS, Failpoints


def test_without_a_text_no_point_ends_the_process() -> None:
    """The default passes every point."""
    for point in POINTS:
        Failpoints().reached(point)


@pytest.mark.parametrize("text", ["fold", "fold.done", "fold.done=2", "fold.done#0", "nowhere#1"])
def test_a_bad_term_is_named(text: str) -> None:
    """An unknown point, or a chance or count that makes no sense, is refused."""
    with pytest.raises(ValueError, match=f"failpoint '{text}'"):
        Failpoints.parse(text)


@pytest.mark.parametrize("text", ["delta.sent#3", "trimmed#9, delta.sent=1"])
def test_a_point_ends_the_process_when_it_is_due(text: str) -> None:
    """The process ends at once with its own exit code, as a kill would end it."""
    program = (
        "from pipeline.kernel.failpoints import Failpoints\n"
        f"points = Failpoints.parse({text!r})\n"
        "for _ in range(3):\n    points.reached('delta.sent')\n"
        "print('survived')"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (ended.returncode, ended.stdout) == (EXIT_CODE, b"")
