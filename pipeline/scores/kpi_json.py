"""KPIs as they are published: JSON, one text for each family, written straight from the measures.

A family none of whose measures is there has one text for ever, and each row of the table is made into a function once.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from pipeline.kernel.sketch import quantile_of
from pipeline.measures import NEW_CUSTOMERS
from pipeline.organisation.proration import WHOLE
from pipeline.scores.activity_score import NO_SCORE
from pipeline.scores.agent_states import agent_states
from pipeline.scores.cost_categories import by_category
from pipeline.scores.goals import NO_PERIOD, GoalPeriod, attainment, coverage, pace
from pipeline.scores.kpi import QUANTILES, Kpi
from pipeline.scores.kpi_table import APART, KpiTable
from pipeline.scores.named import Named
from pipeline.scores.reps_at_work import per_rep
from pipeline.scores.stage_kpis import STAGE_KPIS
from pipeline.scores.stall import NO_STALL
from pipeline.scores.timeline import NO_TIMELINE
from pipeline.scores.usual import NO_USUAL, Usual, usual_of
from pipeline.scores.velocity import velocity
from pipeline.scores.waiting import SINCE
from schemas.integers import LEAST, MOST, fits

Measures = Mapping[str, int]
NO_PLACES: Measures = {}
_json = msgspec.json.Encoder().encode
Write = Callable[[Measures, Measures, Named], str]
"""Writes one KPI, `"calls":{"value":3}`, from the measures of a window, the standing ones and those with a name."""

_GOALS: dict[str, Callable[[Measures, Measures, GoalPeriod], dict[str, Any]]] = {
    "goal_attainment": attainment,
    "goal_pace": pace,
    "pipeline_coverage": coverage,
}

_USUAL: dict[str, Callable[[Usual], Sequence[int]]] = {
    "activities_usual": lambda usual: usual.by_now,
    "activities_usual_hour": lambda usual: usual.in_hour,
}
_BY_NAME: dict[str, Callable[[Measures, Named], Mapping[str, Any]]] = {
    "states": lambda _measures, named: agent_states(named.stages),
    "stall": lambda _measures, named: named.stall,
    "score": lambda _measures, named: named.score,
    "timeline": lambda _measures, named: named.timeline,
    "categories": lambda measures, named: by_category(named.stages, measures.get(NEW_CUSTOMERS, 0)),
}
"""By formula: what is told of measures that stand for something by their name, or was worked out before."""


class FamilyJson:
    """How one family is written in the kinds of windows that have the same KPIs of it."""

    __slots__ = ("_writes", "apart", "bit", "by_name", "family", "nothing", "placed")

    def __init__(self, family: str, bit: int, kpis: tuple[Kpi, ...]) -> None:
        self.family = family
        self.bit = bit
        self.by_name = any(kpi.formula in (*QUANTILES, "stages", "states", "categories") for kpi in kpis)
        self.placed = any(kpi.name == "stage_open" for kpi in kpis)
        """Whether it tells the places of stages, of which none may be there."""
        self.apart = family in APART
        self._writes = [kpi_writer(kpi) for kpi in kpis]
        self.nothing = self.write({}, {}, _NONE)

    def write(self, measures: Measures, standing: Measures, named: Named) -> str:
        """The family's KPIs, separated by commas and without braces around them."""
        return ",".join([write(measures, standing, named) for write in self._writes])


_NONE = Named({}, {})
Held = dict[FamilyJson, str]
"""Families as they were written from the same measures."""


class KpiJson:
    """Writes the KPIs of one table; what is written the same in several windows is one `FamilyJson` for all of them."""

    def __init__(self, table: KpiTable) -> None:
        self._table = table
        self._chosen = lru_cache(maxsize=4096)(self._choose)
        self._all = lru_cache(maxsize=64)(self._all_of)
        self._text = lru_cache(maxsize=1024)(self._text_of)
        self._nothing = lru_cache(maxsize=64)(self._all_nothing)

    def of(
        self, measures: Measures, standing: Measures, families: int, kind: str, *, rep: bool, held: Held | None = None,
        places: Measures = NO_PLACES, goals: GoalPeriod = NO_PERIOD, stall: Mapping[str, Any] = NO_STALL,
        usual: Usual = NO_USUAL, score: Mapping[str, Any] = NO_SCORE, timeline: Mapping[str, Any] = NO_TIMELINE,
    ) -> dict[str, str]:  # fmt: skip
        """By family: its KPIs in one window, for those of `families` (bits) that have any in such a window.

        `measures` are the window's (for `now` the standing ones), `standing` the standing ones. `kind` is the kind of
        the window. What is `held` is not written again, what is written is held from then on. `places` are those of
        stages, by `<process>:<stage>`, `goals` those of the window, `stall` says where prospects stall, and `usual`
        what the scope usually does by now; `score` is its activity score in the window, `timeline` that of a day.
        """
        held = {} if held is None else held
        found, missing = {}, []
        for each in self._chosen(families, kind, rep):
            if each.apart:
                apart = Named({}, places, goals, stall, usual, score, timeline)
                found[each.family] = each.write(measures, standing, apart)
            elif (text := held.get(each)) is None:
                missing.append(each)
            else:
                found[each.family] = text
        present: int | None = None
        named: Named | None = None
        for each in missing:
            if not each.by_name:
                text = each.write(measures, standing, _NONE)
            else:
                if present is None:
                    present = self._table.concerned(measures)
                if not present & each.bit and not (each.placed and places):
                    text = each.nothing
                else:
                    named = named or Named(measures, places)
                    text = each.write(measures, standing, named)
            found[each.family] = held[each] = each.nothing if text == each.nothing else text
        return found

    def nothing(self, kind: str, *, rep: bool) -> Mapping[str, str]:
        """By family: how its KPIs are written in a window of that kind in which nothing happened."""
        return self._nothing(kind, rep)

    def _all_nothing(self, kind: str, rep: bool) -> Mapping[str, str]:
        return {each.family: each.nothing for each in self._all(kind, rep)}

    def _choose(self, families: int, kind: str, rep: bool) -> tuple[FamilyJson, ...]:
        return tuple(each for each in self._all(kind, rep) if each.bit & families)

    def _all_of(self, kind: str, rep: bool) -> tuple[FamilyJson, ...]:
        by_family: dict[str, list[Kpi]] = {}
        for kpi in self._table.given_in(kind, rep=rep):
            by_family.setdefault(kpi.family, []).append(kpi)
        return tuple(self._text(family, tuple(kpis)) for family, kpis in by_family.items())

    def _text_of(self, family: str, kpis: tuple[Kpi, ...]) -> FamilyJson:
        return FamilyJson(family, self._table.bits(frozenset({family})), kpis)


def kpi_writer(kpi: Kpi) -> Write:
    """Writes one KPI by itself, by its row."""
    head = f'"{kpi.name}":'
    if (plain := _PLAIN.get(kpi.formula)) is not None:
        return plain(head, kpi)
    structured = _structured(kpi)
    return lambda measures, standing, named: head + _json(structured(measures, standing, named)).decode()


def _structured(kpi: Kpi) -> Callable[[Measures, Measures, Named], Mapping[str, Any]]:
    """A KPI that is more than a number, as it is written."""
    if kpi.formula == "velocity":
        return lambda measures, standing, _: velocity(measures, standing)
    if kpi.formula == "goals":
        goal = _GOALS[kpi.name]
        return lambda measures, standing, named: goal(measures, standing, named.goals)
    if kpi.formula == "usual":
        counts = _USUAL[kpi.name]
        return lambda _measures, _standing, named: usual_of(counts(named.usual))
    if (told := _BY_NAME.get(kpi.formula)) is not None:
        return lambda measures, _standing, named: told(measures, named)
    stages = STAGE_KPIS[kpi.name]
    return lambda _measures, _standing, named: stages(named)


def _count(head: str, kpi: Kpi) -> Write:
    (name, *more), divisor, about = kpi.numerator, kpi.divisor, _about(kpi)
    zero = f'{head}{{"value":{0 if divisor == 1 else 0.0}}}'

    def write(measures: Measures, _standing: Measures, _named: Named) -> str:
        value = measures.get(name, 0)
        for each in more:
            value += measures.get(each, 0)
        if about is None:
            if not value:
                return zero
            beside = ""
        else:
            n, left_out = about(measures)
            beside = f',"n":{n}{left_out}'
        if not LEAST <= value <= MOST:
            return f'{head}{{"value":null,"overflow":true{beside}}}'
        return f'{head}{{"value":{value if divisor == 1 else _decimal(value / divisor)}{beside}}}'

    return write


def _age(head: str, kpi: Kpi) -> Write:
    """Null where there is nothing that has one."""
    (name,) = kpi.numerator

    def write(measures: Measures, _standing: Measures, _named: Named) -> str:
        return f'{head}{{"value":{measures.get(name, "null")}}}'

    return write


def _wait(head: str, kpi: Kpi) -> Write:
    """How many wait, and since when the first of them."""
    (name,) = kpi.numerator

    def write(measures: Measures, _standing: Measures, _named: Named) -> str:
        since = measures.get(SINCE, "null")
        return f'{head}{{"value":{measures.get(name, 0)},"since_ms":{since}}}'

    return write


def _quotient(head: str, kpi: Kpi) -> Write:
    """The value is null where nothing is divided by, or by or of more than 64 bits hold."""
    (over, *more_over), (under, *more_under), divisor = kpi.numerator, kpi.denominator, kpi.divisor
    left_out, about, of_deals = kpi.left_out, _about(kpi), kpi.formula == "ratio"
    nothing = f'{head}{{"value":null,"numerator":{0 if divisor == 1 else 0.0},"denominator":0,"n":0}}'

    def write(measures: Measures, _standing: Measures, _named: Named) -> str:
        numerator: float = measures.get(over, 0)
        below = measures.get(under, 0)
        for name in more_over:
            numerator += measures.get(name, 0)
        for name in more_under:
            below += measures.get(name, 0)
        for name in left_out:
            below -= measures.get(name, 0)
        n, beside = below, ""
        if about is not None:
            deals, beside = about(measures)
            n = deals if of_deals else below
        elif not numerator and not below:
            return nothing
        if not (LEAST <= numerator <= MOST and LEAST <= below <= MOST):
            return head + _beyond(numerator, below, n, divisor) + beside + "}"
        told: float | str = numerator
        if divisor != 1:
            numerator /= divisor
            told = _decimal(numerator)
        value = _decimal(numerator / below) if below > 0 else "null"
        return f'{head}{{"value":{value},"numerator":{told},"denominator":{below},"n":{n}{beside}}}'

    return write


def _per_rep(head: str, kpi: Kpi) -> Write:
    """An amount by the reps at work, who are told as whole ones."""
    amounts, (reps,), about = kpi.numerator, kpi.denominator, _about(kpi)
    assert about is not None, f"{kpi.name} is of no amounts"

    def write(measures: Measures, _standing: Measures, _named: Named) -> str:
        amount, reps_bp = sum(measures.get(name, 0) for name in amounts), measures.get(reps, 0)
        value = {"value": per_rep(amount, reps_bp), "numerator": amount}
        if not fits(amount):
            value = {"value": None, "numerator": None, "overflow": True}
        deals, beside = about(measures)
        told = value | {"denominator": reps_bp / WHOLE, "n": deals}
        return f"{head}{_json(told).decode()[:-1]}{beside}}}"

    return write


def _quantile(head: str, kpi: Kpi) -> Write:
    """Null of an empty sketch."""
    sketch, share, divisor = kpi.numerator[0], QUANTILES[kpi.formula], kpi.divisor
    about = _about(kpi)

    def write(measures: Measures, _standing: Measures, named: Named) -> str:
        buckets = named.sketches.get(sketch)
        n, value = 0, None
        if buckets:
            n, value = sum(buckets.values()), quantile_of(named.ordered(sketch), share)
        told = "null" if value is None else _decimal(value / divisor)
        beside = "" if about is None else about(measures)[1]
        return f'{head}{{"value":{told},"n":{n}{beside}}}'

    return write


def _decimal(value: float) -> str:
    """As JSON has it: the encoder does it in a fifth of the time that an f-string takes."""
    return _json(value).decode()


_PLAIN: Mapping[str, Callable[[str, Kpi], Write]] = {
    "count": _count, "age": _age, "wait": _wait, "ratio": _quotient, "mean": _quotient, "per_rep": _per_rep,
    **dict.fromkeys(QUANTILES, _quantile),
}  # fmt: skip
"""By formula: what writes a KPI that is one number."""


def _about(kpi: Kpi) -> Callable[[Measures], tuple[int, str]] | None:
    """Of an amount: how many deals it is of, and what is told of those that it leaves out."""
    if not kpi.amounts:
        return None
    first, *of_others = kpi.amounts
    adjustments = [each.adjustments for each in kpi.amounts if each.adjustments is not None]
    nothing = ',"without_amount":0,"unconverted":0'

    def count(measures: Measures) -> tuple[int, str]:
        get = measures.get
        deals, without, unconverted = get(first.deals, 0), get(first.without_amount, 0), get(first.unconverted, 0)
        for of in of_others:
            deals += get(of.deals, 0)
            without += get(of.without_amount, 0)
            unconverted += get(of.unconverted, 0)
        for name in adjustments:
            deals -= get(name, 0)
        if not without and not unconverted:
            return deals, nothing
        return deals - without - unconverted, f',"without_amount":{without},"unconverted":{unconverted}'

    return count


def _beyond(numerator: float, below: float, n: float, divisor: int) -> str:
    """A quotient of sums of which one leaves 64 bits, the brace still open: the other one is told."""
    told = numerator / divisor if divisor != 1 else numerator
    found = {
        "value": None,
        "numerator": told if fits(int(numerator)) else None,
        "denominator": below if fits(int(below)) else None,
        "n": n if fits(int(n)) else None,
        "overflow": True,
    }
    return _json(found).decode()[:-1]
