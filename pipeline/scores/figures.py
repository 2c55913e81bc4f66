"""A figure: all KPIs of one scope in one window, with what a reader needs to judge them."""

from typing import Any, Literal

import msgspec

from pipeline.scores.kpis import Values

State = Literal["provisional", "final", "restated"]


class Figure(msgspec.Struct, frozen=True, gc=False):
    """What is published, absolute: KPIs of `scope` in the window `window` (its id) of kind `kind`.

    `start_ms` is the first instant of the window and `end_ms` the first one after it; `as_of_ms` is now at the
    position taken. `version` is `(generation, offset)`: that position in the facts or parts partition, so of two
    figures of one scope and window the higher version is the later one. `current` tells that now lies in the window.
    `gone` figures have no KPIs: readers forget the scope's window. Money is in minor units of `currency`.
    """

    home: str
    scope: str
    kind: str
    window: str
    start_ms: int
    end_ms: int
    state: State
    current: bool
    as_of_ms: int
    version: tuple[int, int]
    currency: str
    kpis: Values
    gone: bool = False


def record(figure: Figure) -> dict[str, Any]:
    """The figure as it is published (schemas/kpis.py describes it); instants are epoch milliseconds UTC."""
    return {
        "scope": figure.scope,
        "home": figure.home,
        "window": {
            "id": figure.window,
            "kind": figure.kind,
            "start_ms": figure.start_ms,
            "end_ms": figure.end_ms,
        },
        "state": figure.state,
        "current": figure.current,
        "as_of_ms": figure.as_of_ms,
        "version": list(figure.version),
        "currency": figure.currency,
        "kpis": figure.kpis,
    }
