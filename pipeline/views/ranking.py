"""Reps in the order of a KPI. Pure.

Equal values share a place, and the next place is as many further on: 1, 1, 3. Who has too small a sample of a quotient,
or no value, or is in ramp, has no place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.measures import COMPANY
from pipeline.scores.chosen import Chosen
from pipeline.scores.kpi import QUANTILES
from pipeline.scores.kpis import BY_NAME, KPIS
from pipeline.views.asked import AskedError
from pipeline.views.least_sample import LEAST_SAMPLE
from pipeline.views.past import money
from pipeline.views.readings import Reading

_SAMPLED = ("ratio", "mean", *QUANTILES)
_RANKED = ("count", "score", *_SAMPLED)
RANKED = tuple(kpi.name for kpi in KPIS if kpi.reps and kpi.better != "neither" and kpi.formula in _RANKED)
"""The KPIs of reps of which more, or less, is better."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A rep on a board. `place` is None without a value, where the sample `n` is smaller than asked for, or in ramp."""

    rep: str
    place: int | None
    value: float | None
    n: int | None = None
    ramping: bool = False


def ranked_kpi(name: str) -> str:
    """The KPI that somebody asks to be ranked by; AskedError for one by which nobody is."""
    if name in RANKED:
        return name
    why = "reps are not ranked by it" if name in BY_NAME else "no such KPI"
    raise AskedError("kpi", f"{name}: {why}; allowed are those of reps of which more or less is better, such as won")


def ranked_home(home: str) -> str:
    """The home whose reps somebody asks for; AskedError for one that has no board."""
    if home != COMPANY and not home.startswith("team:"):
        raise AskedError("home", f"{home} has no ranks; allowed: company, or a team, such as team:north")
    return home


def board_window(home: str, kind: str, chosen: Chosen) -> str:
    """The current window in which reps of a home are ranked; AskedError for one that is not published of them."""
    windows = (chosen.reps if home == COMPANY else chosen.members).current
    if kind not in windows:
        raise AskedError("window", f"{kind} is not published of reps of {home}; allowed: {', '.join(windows)}")
    return kind


def ranked(readings: Mapping[str, Reading], kind: str, kpi: str, least: int = LEAST_SAMPLE) -> list[Ranked]:
    """Reps, by id, in the order of a KPI in their current window of a kind; those without a place last, by id."""
    down, sampled = BY_NAME[kpi].better == "down", BY_NAME[kpi].formula in _SAMPLED
    found, rest = [], []
    for rep, reading in sorted(readings.items()):
        window = reading.windows.get(kind)
        told = {} if window is None else window.kpis.get(kpi, {})
        value, n = told.get("value"), told.get("n") if sampled else None
        if reading.in_ramp or value is None or (sampled and (n or 0) < least):
            rest.append(Ranked(rep, None, value, n, reading.in_ramp))
        else:
            found.append((-value if not down else value, Ranked(rep, None, value, n)))
    found.sort(key=lambda each: (each[0], each[1].rep))
    placed: list[Ranked] = []
    for number, (_, one) in enumerate(found, 1):
        before = placed[-1] if placed else None
        place = before.place if before is not None and before.value == one.value else number
        placed.append(Ranked(one.rep, place, one.value, one.n))
    return placed + rest


def as_json(board: Sequence[Ranked], home: str, window: str, kpi: str, currency: str) -> dict[str, Any]:
    """For programs; money is in minor units of `currency`."""
    rows = [_row(each) for each in board]
    return {"home": home, "window": window, "kpi": kpi, **money(currency), "ranks": rows}


def _row(row: Ranked) -> dict[str, Any]:
    sample, ramping = {} if row.n is None else {"n": row.n}, {"ramping": True} if row.ramping else {}
    return {"rep": row.rep, "place": row.place, "value": row.value, **sample, **ramping}
