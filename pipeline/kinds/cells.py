"""Cells in the making: where something counts, and how much of what."""

from collections.abc import Iterable

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
    sums: dict[str, int],
    measures: Iterable[str],
    amount_minor: int,
    currency: str | None,
    day: int | None,
    organisation: Organisation,
) -> int | None:
    """Add an amount to a cell's sums, in the company's currency at the rate of a day, of now for None.

    Returns it; None, and one more `unconverted`, where no rate is known. Without a currency it is in the company's.
    """
    converted: int | None = amount_minor
    if currency is not None and currency != organisation.currency:
        rate = organisation.newest_rate(currency) if day is None else organisation.rate(currency, day)
        converted = money.convert(amount_minor, currency, organisation.currency, rate)
    if converted is None:
        sums[UNCONVERTED] = sums.get(UNCONVERTED, 0) + 1
    else:
        for measure in measures:
            sums[measure] = sums.get(measure, 0) + converted
    return converted


def difference(old: Cells, new: Cells) -> Cells:
    """`new - old`, cell by cell; what comes to zero is left out. Neither is changed, and parts of them are given on."""
    if not old:
        for amounts in new.values():
            if not amounts or 0 in amounts.values():
                break
        else:
            return new
    changed: Cells = {}
    for place, after in new.items():
        before = old.get(place)
        if before is None:
            delta = {measure: amount for measure, amount in after.items() if amount}
        elif before == after:
            continue
        else:
            delta = {m: n for m in before.keys() | after.keys() if (n := after.get(m, 0) - before.get(m, 0))}
        if delta:
            changed[place] = delta
    for place, before in old.items():
        if place not in new and (delta := {measure: -amount for measure, amount in before.items() if amount}):
            changed[place] = delta
    return changed
