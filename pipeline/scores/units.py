"""The units of KPIs, for readers: in words, and of the two numbers that a quotient is of."""

from collections.abc import Mapping

from pipeline.scores.kpi import Kpi, Unit

UNITS: Mapping[Unit, str] = {
    "count": "a count",
    "ratio": "a ratio: 1 is 100 %",
    "milliseconds": "milliseconds",
    "seconds": "seconds",
    "days": "days",
    "minor": "money, in minor units of the company's currency",
    "minor_per_day": "money a day, in minor units of the company's currency",
    "points": "points, -100 to 100",
    "deviations": "median absolute deviations",
}
MONEY: frozenset[Unit] = frozenset({"minor", "minor_per_day"})


def parts_of(kpi: Kpi) -> Mapping[str, Unit]:
    """The units of `numerator` and `denominator`, of the KPI or of its stages; none of what is no quotient."""
    a_sum: Mapping[str, Unit] = {"numerator": kpi.unit, "denominator": "count"}
    match kpi.formula:
        case "ratio" | "score":
            return _both("minor" if kpi.amounts else "milliseconds" if _is_time(kpi) else "count")
        case "velocity" | "per_rep":
            return {"numerator": "minor", "denominator": "count" if kpi.where == "now" else "days"}
        case "goals" if kpi.amounts:
            return _both("minor")
        case "stages" if kpi.unit == "ratio":
            return _both("minor" if kpi.numerator[0].endswith("_minor:") else "count")
        case "mean" | "categories" | "stages" if kpi.formula != "stages" or _is_mean(kpi):
            return a_sum
    return {}


def _is_time(kpi: Kpi) -> bool:
    return all(name.endswith("_ms") for name in kpi.numerator)


def _is_mean(kpi: Kpi) -> bool:
    return any(name.endswith("_ms:") for name in kpi.numerator)


def _both(unit: Unit) -> Mapping[str, Unit]:
    return {"numerator": unit, "denominator": unit}
