"""Cells in the making: where something counts, and how much of what."""

from typing import NamedTuple

from pipeline.measures import COMPANY, UNASSIGNED
from pipeline.organisation import money
from pipeline.organisation.days import MINUTE_MS
from pipeline.organisation.organisation import Organisation

Place = tuple[str, str, int | None, int | None]
"""(team, rep, local day, minute); see docs/architecture.md."""
Cells = dict[Place, dict[str, int]]


class Amount(NamedTuple):
    """Money as it was told; without a currency it is in the company's."""

    minor: int
    currency: str | None


class Money(NamedTuple):
    """The measures that an amount adds to, those that count that there is none, and that no rate converts it."""

    sums: tuple[str, ...]
    without_amount: tuple[str, ...]
    unconverted: tuple[str, ...]


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


def summed(sums: dict[str, int], more: dict[str, int]) -> dict[str, int]:
    """Both together, as a new dict."""
    return {**sums, **{measure: sums.get(measure, 0) + amount for measure, amount in more.items()}}


def known_team(organisation: Organisation, team: str | None, at_ms: int | None = None) -> str:
    """The team that was told, if it exists, at an instant if one is given; else that of what is nobody's."""
    return team if team is not None and organisation.knows_team(team, at_ms) else UNASSIGNED


def at_team(organisation: Organisation, team: str, at_ms: int) -> Place:
    """The cell of what happened to a team at an instant without any rep."""
    return team, "", organisation.local_day(team, at_ms), at_ms // MINUTE_MS


def by_day(place: Place) -> Place:
    """The cell of the same day without its minute: for measures that only KPIs of whole days are about."""
    team, rep, day, _ = place
    return team, rep, day, None


def standing(organisation: Organisation, rep: str | None) -> Place:
    """The cell of what stands now."""
    team, known = organisation.place_now(rep)
    return team, known, None, None


def add_money(
    sums: dict[str, int], money_of: Money, amount: Amount | None, at_ms: int | None, organisation: Organisation
) -> int | None:
    """Add an amount to a cell's sums, in the company's currency at the rate of an instant, of now for None.

    Returns it; None where there is no amount, or no rate for it, which is counted instead.
    """
    converted = None if amount is None else in_company_currency(amount, at_ms, organisation)
    add_converted(sums, money_of, amount, converted)
    return converted


def add_converted(sums: dict[str, int], money_of: Money, amount: Amount | None, converted: int | None) -> None:
    """Add an amount that was converted to a cell's sums; where there is none, or no rate for it, that is counted."""
    if converted is None:
        for measure in money_of.without_amount if amount is None else money_of.unconverted:
            sums[measure] = sums.get(measure, 0) + 1
    else:
        for measure in money_of.sums:
            sums[measure] = sums.get(measure, 0) + converted


def in_company_currency(amount: Amount, at_ms: int | None, organisation: Organisation) -> int | None:
    """An amount at the rate of the company's local day of an instant, of now for None; None without a usable rate."""
    minor, currency = amount
    if currency is None or currency == organisation.currency:
        return minor
    if at_ms is None:
        rate = organisation.newest_rate(currency)
    else:
        rate = organisation.rate(currency, organisation.local_day(COMPANY, at_ms))
    return money.convert(minor, currency, organisation.currency, rate)


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
        elif before is after or before == after:
            continue
        else:
            delta = {m: n for m in before.keys() | after.keys() if (n := after.get(m, 0) - before.get(m, 0))}
        if delta:
            changed[place] = delta
    for place, before in old.items():
        if place not in new and (delta := {measure: -amount for measure, amount in before.items() if amount}):
            changed[place] = delta
    return changed
