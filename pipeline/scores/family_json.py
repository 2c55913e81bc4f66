"""Families of KPIs as JSON, each written by a function of its own that is made from its rows once.

It reads each measure once and writes all numbers in one piece, in little more than half the time that a call for each
KPI takes. It is made as the standard library makes the methods of a dataclass: as source, from the names and formulas
of the table alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pipeline.scores.kpi import Amounts, Kpi
from pipeline.scores.named import Named
from schemas.integers import LEAST, MOST

Measures = Mapping[str, int]
Write = Callable[[Measures, Measures, Named], str]
"""Writes one KPI, `"calls":{"value":3}`, or several, from the measures of a window, the standing ones and those with a
name."""
NUMBERS = ("count", "age", "ratio", "mean")
"""The formulas that are written in place."""


def family_writer(kpis: Sequence[Kpi], one_by_one: Sequence[Write]) -> Write:
    """Writes the KPIs of a family, separated by commas, exactly as writing them `one_by_one` does.

    That is also what happens where a sum leaves 64 bits.
    """
    source = _Source()
    names: dict[str, Any] = {"least": LEAST, "most": MOST, "null": "null"}
    texts = []
    for number, kpi in enumerate(kpis):
        if kpi.formula in NUMBERS:
            texts.append(source.text(kpi))
        else:
            names[f"write{number}"] = one_by_one[number]
            texts.append(f"{{write{number}(measures, standing, named)}}")

    def slowly(measures: Measures, standing: Measures, named: Named) -> str:
        return ",".join([write(measures, standing, named) for write in one_by_one])

    found: dict[str, Write] = {}
    exec(source.function(",".join(texts)), names | {"slowly": slowly}, found)
    return found["write"]


class _Source:
    """The source of one function: which measures it reads, what it adds up, and which sums it checks."""

    def __init__(self) -> None:
        self._measures: dict[str, str] = {}
        self._sums: dict[str, str] = {}
        self._divided: dict[str, str] = {}
        self._ages: dict[str, str] = {}
        self._checked: dict[str, None] = {}

    def function(self, text: str) -> str:
        """All of it, returning `text`, which has expressions in braces."""
        read = [f"{local} = get({name!r}, 0)" for name, local in self._measures.items()]
        read += [f"{local} = get({name!r}, null)" for name, local in self._ages.items()]
        added = [f"{local} = {sum_}" for sum_, local in self._sums.items()]
        divided = [f"    {local} = {quotient}" for quotient, local in self._divided.items()]
        fits = " and ".join(f"least <= {each} <= most" for each in self._checked) or "True"
        body = (
            "get = measures.get",
            *read,
            *added,
            f"if {fits}:",
            *divided,
            f"    return f'{text}'",
            "return slowly(measures, standing, named)",
        )
        return "\n    ".join(("def write(measures, standing, named):", *body))

    def text(self, kpi: Kpi) -> str:
        """One number, with what stands beside it."""
        if kpi.formula == "age":
            (name,) = kpi.numerator
            value = _shown(self._ages.setdefault(name, f"age{len(self._ages)}"))
            return _told(kpi.name, [("value", value)])
        above = self._checked_sum(kpi.numerator)
        shown = above if kpi.divisor == 1 else f"{above} / {kpi.divisor}"
        beside = self._beside(kpi.amounts)
        if kpi.formula == "count":
            deals = [("n", _shown(self._deals(kpi.amounts)))] if kpi.amounts else []
            return _told(kpi.name, [("value", _shown(shown)), *deals, *beside])
        below = self._checked_sum(kpi.denominator, kpi.left_out)
        over = above if kpi.divisor == 1 else self._divided.setdefault(shown, f"d{len(self._divided)}")
        n = self._deals(kpi.amounts) if kpi.amounts and kpi.formula == "ratio" else below
        value = _shown(f"{over} / {below} if {below} > 0 else null")
        told = [("value", value), ("numerator", _shown(over)), ("denominator", _shown(below)), ("n", _shown(n))]
        return _told(kpi.name, [*told, *beside])

    def _beside(self, amounts: Iterable[Amounts]) -> list[tuple[str, str]]:
        """Of how many deals behind money there is no amount, or none that was converted."""
        if not amounts:
            return []
        without = self._sum([each.without_amount for each in amounts])
        unconverted = self._sum([each.unconverted for each in amounts])
        return [("without_amount", _shown(without)), ("unconverted", _shown(unconverted))]

    def _deals(self, amounts: Iterable[Amounts]) -> str:
        """How many deals have an amount that is known and converted."""
        left_out = [name for each in amounts for name in (each.without_amount, each.unconverted)]
        return self._sum([each.deals for each in amounts], left_out)

    def _checked_sum(self, names: Sequence[str], left_out: Sequence[str] = ()) -> str:
        found = self._sum(names, left_out)
        self._checked[found] = None
        return found

    def _sum(self, names: Sequence[str], left_out: Sequence[str] = ()) -> str:
        """What adds up measures, or leaves some out; of one it is the measure."""
        terms = [*(f"+ {self._measure(name)}" for name in names), *(f"- {self._measure(name)}" for name in left_out)]
        if len(terms) == 1:
            return self._measure(names[0])
        return self._sums.setdefault(" ".join(terms), f"s{len(self._sums)}")

    def _measure(self, name: str) -> str:
        return self._measures.setdefault(name, f"m{len(self._measures)}")


def _told(name: str, fields: Iterable[tuple[str, str]]) -> str:
    """A KPI with its fields, as it stands in an f-string."""
    inside = ",".join(f'"{field}":{value}' for field, value in fields)
    return f'"{name}":{{{{{inside}}}}}'


def _shown(expression: str) -> str:
    """What an f-string writes the value of."""
    return f"{{{expression}}}"
