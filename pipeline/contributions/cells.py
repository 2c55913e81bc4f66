"""Cells in the making: where something counts, and how much of what."""

from pipeline.measures import UNCONVERTED
from pipeline.organisation import money
from pipeline.organisation.days import MINUTE_MS
from pipeline.organisation.organisation import Organisation

Place = tuple[str, str, int | None, int | None]
"""(team, rep, local day, minute); see docs/architecture.md."""
Cells = dict[Place, dict[str, int]]


def add(cells: Cells, place: Place, measure: str, amount: int = 1) -> None:
    """Add to one measure of one cell."""
    measures = cells.setdefault(place, {})
    measures[measure] = measures.get(measure, 0) + amount


def merge(cells: Cells, place: Place, sums: dict[str, int]) -> None:
    """Add several measures of one cell; `sums` is given away."""
    measures = cells.get(place)
    if measures is None:
        cells[place] = sums
        return
    for measure, amount in sums.items():
        measures[measure] = measures.get(measure, 0) + amount


def at_team(organisation: Organisation, team: str, at_ms: int) -> Place:
    """The cell of what happened to a team at an instant without any rep."""
    return team, "", organisation.local_day(team, at_ms), at_ms // MINUTE_MS


def standing(organisation: Organisation, rep: str | None) -> Place:
    """The cell of what stands now."""
    team, known = organisation.place_now(rep)
    return team, known, None, None


def add_money(
    cells: Cells, place: Place, measures: tuple[str, ...], amount_minor: int, currency: str, organisation: Organisation
) -> int | None:
    """Add an amount in the company's currency, at the rate of the cell's day, of now for a standing one.

    Returns it; None, and one more `unconverted`, where no rate is known.
    """
    if currency == organisation.currency:
        for measure in measures:
            add(cells, place, measure, amount_minor)
        return amount_minor
    day = place[2]
    rate = organisation.newest_rate(currency) if day is None else organisation.rate(currency, day)
    converted = money.convert(amount_minor, currency, organisation.currency, rate)
    if converted is None:
        add(cells, place, UNCONVERTED)
        return None
    for measure in measures:
        add(cells, place, measure, converted)
    return converted
