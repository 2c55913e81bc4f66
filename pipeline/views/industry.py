"""An industry's figures beside those of a rep: which of them hold in a window, and how they read. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any, NamedTuple

from pipeline.measures import COMPANY
from pipeline.views.overview import absent, ramping
from pipeline.views.readings import Reading, WindowReading
from pipeline.views.wording import MISSING, say

HALF_A_MONTH = timedelta(days=15)


@dataclass(frozen=True, slots=True)
class IndustryFigure:
    """What is usual of reps elsewhere, by whose account, and since when that holds here; None where it is not told."""

    median: float
    lower_quartile: float | None
    upper_quartile: float | None
    source_name: str
    source_url: str | None
    effective_on: str | None

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


def industry_figure(
    told: Iterable[Mapping[str, Any]], kpi: str, kind: str, window: WindowReading | None
) -> IndustryFigure | None:
    """The figure of a KPI that holds in a window, None where none does; of those told the first one counts that may.

    A team's own are told before the company's, and of each the latest first (`Readings.industry`).
    """
    first_day = None if window is None else first_day_of(window)
    if first_day is None:
        return None
    for each in told:
        if (each["kpi"], each["period"]) == (kpi, kind) and each.get("effective_on", "") <= first_day.isoformat():
            return _figure(each)
    return None


class BesideIndustry(NamedTuple):
    """Reps here beside reps elsewhere, by one KPI: the middle one of those who have a value, and how many these are."""

    kpi: str
    here: float | None
    reps: int
    figure: IndustryFigure


def beside(figures: Mapping[str, Reading], told: Sequence[Mapping[str, Any]], kind: str) -> list[BesideIndustry]:
    """All KPIs of which the industry's figure holds in the company's current window of a kind; by KPI."""
    company = figures.get(COMPANY)
    window = None if company is None else company.windows.get(kind)
    found = []
    for kpi in sorted({each["kpi"] for each in told}):
        if (figure := industry_figure(told, kpi, kind, window)) is not None:
            values = [value for value in _of_reps(figures, kpi, kind) if value is not None]
            found.append(BesideIndustry(kpi, median(values) if values else None, len(values), figure))
    return found


def _of_reps(figures: Mapping[str, Reading], kpi: str, kind: str) -> Iterator[float | None]:
    """Of each rep over all teams who is neither absent nor in ramp."""
    away = absent(figures) | ramping(figures)
    for scope, reading in figures.items():
        if scope.startswith("rep:") and "@" not in scope and scope not in away:
            yield reading.value(kind, kpi)


def first_day_of(window: WindowReading) -> date | None:
    """The first local day of a calendar window; None for any other, or one that does not say when it began."""
    kind, _, name = window.id.partition(":")
    if kind == "day":
        return date.fromisoformat(name)
    if kind == "week":
        return date.fromisoformat(name)  # Both 2026-W48, which is its Monday, and 2026-11-29.
    if kind == "month":
        return date.fromisoformat(f"{name}-01")
    if kind not in ("quarter", "year") or window.start_ms is None:
        return None
    # It begins with a month, at a midnight less than a day from that of UTC.
    return (datetime.fromtimestamp(window.start_ms / 1000, UTC) + HALF_A_MONTH).date().replace(day=1)


def in_words(kpi: str, figure: IndustryFigure, currency: str) -> str:
    """The median, and between what the middle half of reps is where that is known."""
    middle = say(kpi, figure.median, currency)
    if figure.lower_quartile is None or figure.upper_quartile is None:
        return middle
    return f"{middle} ({say(kpi, figure.lower_quartile, currency)} to {say(kpi, figure.upper_quartile, currency)})"


def account(kpi: str, figure: IndustryFigure) -> str:
    """Whose account it is, from when on it holds, and where it can be read."""
    since = f", from {figure.effective_on}" if figure.effective_on else ""
    return f"industry, {kpi}: {figure.source_name}{since}" + (f", {figure.source_url}" if figure.source_url else "")


def beside_in_words(each: BesideIndustry, currency: str) -> str:
    """Both in a line: `dials: 31 here, 35 (20 to 52.5) elsewhere`."""
    here = MISSING if each.here is None else say(each.kpi, each.here, currency)
    return f"{each.kpi.replace('_', ' ')}: {here} here, {in_words(each.kpi, each.figure, currency)} elsewhere"


def beside_as_json(each: BesideIndustry, currency: str) -> dict[str, Any]:
    """For programs, with the line and whose account it is."""
    told = {"kpi": each.kpi, "median_of_reps": each.here, "reps": each.reps, **each.figure.as_json()}
    return {**told, "summary": beside_in_words(each, currency)}


def _figure(told: Mapping[str, Any]) -> IndustryFigure:
    median, lower, upper = (told.get(name) for name in ("median", "lower_quartile", "upper_quartile"))
    return IndustryFigure(
        float(median or 0), None if lower is None else float(lower), None if upper is None else float(upper),
        told["source_name"], told.get("source_url"), told.get("effective_on"),
    )  # fmt: skip
