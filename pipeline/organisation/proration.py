"""How much of a target's pace is due from a rep, from when on: by employment, absences and ramp. Pure."""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from pipeline.organisation.attendance import EVER, NEVER, away, employed
from pipeline.organisation.organisation import Organisation, Record

WHOLE = 10_000
"""All of a target, in basis points."""
Shares = tuple[tuple[int, int], ...]
"""From when on, first `EVER`, how many basis points are due; no two neighbours are equal."""


class ProrationRules(NamedTuple):
    """What lowers a target; `ramp` by month since the rep was hired, in basis points."""

    by_employment: bool = True
    by_absence: bool = False
    ramp: tuple[int, ...] = ()


class RulesOfTeam:
    """What is told of a team's targets: its own word before the company's, and what began last."""

    def __init__(self, organisation: Organisation, team: str) -> None:
        told = (
            (record.get("team_id") is not None, record.get("effective_on") or 0, name, record)
            for name, record in organisation.records("proration")
            if record.get("team_id") in (None, team)
        )
        self._told: Sequence[tuple[bool, int, str, Record]] = sorted(told, key=lambda each: each[:3], reverse=True)

    @property
    def days(self) -> set[int]:
        """The local days from which other rules may hold."""
        return {since for _, since, _, _ in self._told}

    def on(self, day: int) -> ProrationRules:
        """The rules of a period that begins on a local day."""
        if not self._told:
            return ProrationRules()
        holding = [record for _, since, _, record in self._told if since <= day]

        def said(name: str, default: object) -> object:
            return next((record[name] for record in holding if record.get(name) is not None), default)

        ramp = said("ramp", ())
        return ProrationRules(
            bool(said("prorate_employment", True)),
            bool(said("prorate_absence", False)),
            tuple(ramp) if isinstance(ramp, list) else (),
        )


def shares(organisation: Organisation, rep: str, team: str, rules: ProrationRules) -> Shares:
    """How much is due from a rep, in the days of a team: nothing while not employed, or absent where that counts."""
    hired_ms, left_ms = employed(organisation, rep, team)
    absences = away(organisation, rep, team) if rules.by_absence else ()
    ramp = tuple(_ramp(organisation, rep, team, rules.ramp))
    # Absences are in order and apart from each other: after an odd number of turns the rep is away.
    turns = [at_ms for span in absences for at_ms in span]
    bounds = {EVER, hired_ms, left_ms, *(at_ms for at_ms, _ in ramp), *turns}

    def due(at_ms: int) -> int:
        if rules.by_employment and not hired_ms <= at_ms < left_ms:
            return 0
        if bisect_right(turns, at_ms) % 2:
            return 0
        return next((share for since, share in reversed(ramp) if since <= at_ms), WHOLE)

    found: list[tuple[int, int]] = []
    for at_ms in sorted(bounds - {NEVER}):
        share = due(at_ms)
        if not found or share != found[-1][1]:
            found.append((at_ms, share))
    return tuple(found)


def _ramp(organisation: Organisation, rep: str, team: str, ramp: Sequence[int]) -> Iterator[tuple[int, int]]:
    """From when on which share of the ramp holds, and all of it after that; of whom nobody says when hired, nothing."""
    hired_on = (organisation.get(f"rep:{rep}") or {}).get("hired_on")
    if hired_on is not None and ramp:
        for month, share in enumerate((*ramp, WHOLE)):
            yield organisation.day_start_ms(team, months_after(hired_on, month)), share


def months_after(day: int, months: int) -> int:
    """The same day of a later month, or the last of that month where it has no such day."""
    at = date.fromordinal(day)
    years, month = divmod(at.month - 1 + months, 12)
    year = at.year + years
    return date(year, month + 1, min(at.day, monthrange(year, month + 1)[1])).toordinal()
