"""How much work something is, counted rather than timed: the calls that the interpreter makes meanwhile."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def calls(of: Callable[[], object]) -> int:
    """The calls of functions, in Python and in C, that one call of `of` leads to."""
    return _counted(of, lambda _, event: event in {"call", "c_call"})


def calls_of(function: Callable[..., object], of: Callable[[], object]) -> int:
    """The calls of one function that one call of `of` leads to."""
    return _counted(of, lambda frame, event: event == "call" and frame.f_code is function.__code__)


def _counted(of: Callable[[], object], counts: Callable[[FrameType, str], bool]) -> int:
    counted = 0

    def count(frame: FrameType, event: str, _arg: Any) -> None:
        nonlocal counted
        counted += counts(frame, event)

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        of()
    finally:
        sys.setprofile(before)
    return counted
