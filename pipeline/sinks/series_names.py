"""What the series of KPIs are called in Prometheus: the unit stands in the name, as its conventions ask."""

from collections.abc import Mapping

from pipeline.scores.kpi import Unit
from pipeline.scores.readings import Read
from pipeline.scores.units import MONEY, parts_of

PREFIX = "salespulse_kpi_"
SUFFIXES: Mapping[Unit, str] = {
    "count": "",
    "ratio": "_ratio",
    "milliseconds": "_milliseconds",
    "seconds": "_seconds",
    "days": "_days",
    "deviations": "_deviations",
    "minor": "",
    "minor_per_day": "_per_day",
    "points": "",
}


def series_name(read: Read) -> str:
    """Of a KPI `salespulse_kpi_connect_rate_ratio`, of what it is the quotient of `…_connect_rate_numerator`."""
    kpi, part = read
    name = f"{PREFIX}{kpi.name}_{part}" if part else f"{PREFIX}{kpi.name}"
    return name + SUFFIXES["count" if part == "denominator" or (part and kpi.unit == "ratio") else kpi.unit]


def is_money(read: Read) -> bool:
    """Whether it is shown in the main unit of the currency, which is a label."""
    kpi, part = read
    return (parts_of(kpi)[part] if part else kpi.unit) in MONEY
