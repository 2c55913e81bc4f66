"""A rep beside the team, beside the rep's own past and beside the industry, KPI by KPI. Pure.

Peers are the other present reps of the team who have a value and are not in ramp. With fewer than `LEAST_PEERS` of them
there is neither a median nor a percentile: two or three people are no yardstick, and would be told by name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from pipeline.measures import COMPANY
from pipeline.scores.chosen import Chosen
from pipeline.scores.kpis import BY_NAME
from pipeline.views.asked import USUAL, Asked, AskedError, number_of
from pipeline.views.industry import IndustryFigure, industry_figure
from pipeline.views.past import money
from pipeline.views.ranking import RANKED, board_window
from pipeline.views.readings import Kpis, Reading
from schemas.windows import CALENDAR

LEAST_PEERS = 5
BEFORE = 6
"""So many windows before the current one make the trend."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One KPI of a rep in a current window.

    `before` are the values of the windows before it, oldest first, since the rep was first heard of: of one in which
    nothing was told a count is 0, and None stands where there was nothing to divide by. `peers` is how many others have
    a value, `team_median` that of the team, and `percentile` how many of a hundred peers the rep is better than, those
    who are equal counted half. Both are None for fewer than five peers; a rep in ramp has no percentile and is no part
    of the median. `industry` is what somebody says of reps elsewhere, where the organisation was told that.
    """

    kpi: str
    value: float | None
    before: Sequence[float | None]
    peers: int
    team_median: float | None
    percentile: float | None
    industry: IndustryFigure | None = None


def benchmarked_kpis(names: Sequence[str]) -> list[str]:
    """The KPIs that somebody asks for, the usual ones where none is named. AskedError for one that has no better."""
    for name in names:
        if name not in RANKED:
            why = "of reps neither more nor less of it is better" if name in BY_NAME else "no such KPI"
            raise AskedError("kpi", f"{name}: {why}; allowed are such as {', '.join(USUAL)}")
    return list(names) or list(USUAL)


def benchmarks(
    rep: str, team: Mapping[str, Reading], past: Reading, kind: str, kpis: Iterable[str],
    told: Sequence[Mapping[str, Any]] = (),
) -> list[Benchmark]:  # fmt: skip
    """Each KPI of a rep of a team, whose present reps are given by id; `past` holds the rep's windows of that kind.

    `told` are an industry's figures as `Readings.industry` gives them.
    """
    window = team[rep].windows.get(kind)
    before = _before(past, team[rep].window_id(kind))
    return [
        replace(_benchmark(kpi, rep, team, kind, before), industry=industry_figure(told, kpi, kind, window))
        for kpi in kpis
    ]


def place_of(scope: str) -> tuple[str, str]:
    """The rep whom a scope names, by id as it is kept, and the home of the peers; AskedError where it names no rep."""
    kind, _, name = scope.partition(":")
    if kind != "rep" or not name:
        raise AskedError("scope", f"{scope} is no rep; allowed: rep:7@north, or rep:7 beside the reps of all teams")
    rep, _, team = name.partition("@")
    return rep, f"team:{team}" if team else COMPANY


def asked_window(home: str, kind: str, chosen: Chosen) -> Asked:
    """The question for a rep's own windows of a kind; AskedError for a kind in which reps of a home have no board."""
    if kind not in CALENDAR:
        raise AskedError("window", f"{kind!r} is no kind of calendar window; allowed: {', '.join(CALENDAR)}")
    return Asked(kind=board_window(home, kind, chosen))


def as_json(found: Iterable[Benchmark], scope: str, window: str, currency: str) -> dict[str, Any]:
    """For programs; money is in minor units of `currency`."""
    rows = {
        each.kpi: {
            "value": each.value, "before": list(each.before), "peers": each.peers, "team_median": each.team_median,
            "percentile": each.percentile, "industry": None if each.industry is None else each.industry.as_json(),
        }
        for each in found
    }  # fmt: skip
    return {"scope": scope, "window": window, **money(currency), "kpis": rows}


def _before(past: Reading, current: str) -> list[Kpis | None]:
    """The windows before the current one, from the first that is kept on; None for one in which nothing was told."""
    kept = {number: window.kpis for id_, window in past.windows.items() if (number := number_of(id_)) is not None}
    now = number_of(current)
    return [] if now is None else [kept.get(each) for each in range(max(min(kept, default=now), now - BEFORE), now)]


def _benchmark(kpi: str, rep: str, team: Mapping[str, Reading], kind: str, before: Sequence[Kpis | None]) -> Benchmark:
    own = team[rep].value(kind, kpi)
    peers = (each for name, each in team.items() if name != rep and not each.in_ramp)
    others = [value for each in peers if (value := each.value(kind, kpi)) is not None]
    nothing = 0 if own is not None and BY_NAME[kpi].formula == "count" else None
    trend = [nothing if each is None else each.get(kpi, {}).get("value") for each in before]
    if len(others) < LEAST_PEERS:
        return Benchmark(kpi, own, trend, len(others), None, None)
    compared = None if team[rep].in_ramp else own
    everybody = others if compared is None else [*others, compared]
    return Benchmark(kpi, own, trend, len(others), median(everybody), _percentile(kpi, compared, others))


def _percentile(kpi: str, own: float | None, others: Sequence[float]) -> float | None:
    if own is None:
        return None
    worse = sum(other > own if BY_NAME[kpi].better == "down" else other < own for other in others)
    return 100 * (worse + sum(other == own for other in others) / 2) / len(others)
