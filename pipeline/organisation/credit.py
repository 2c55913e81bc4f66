"""Credit for money: among which places an amount is parted that reps share, or teams a rep."""

from collections.abc import Sequence

from pipeline.measures import UNASSIGNED
from pipeline.organisation.organisation import Organisation
from pipeline.organisation.shares import parted

Shares = Sequence[tuple[str, int]]
"""Who has which share, by id as it was told: of equal remainders the first one gets the unit."""
Credited = list[tuple[tuple[str, str], int]]
"""(team, rep) and a part of an amount."""


def credited(minor: int, shares: Shares, at_ms: int, organisation: Organisation) -> Credited:
    """The parts of an amount by the shares of reps, and of the teams of each at an instant; they add up to it."""
    found: Credited = []
    for (named, _), part in zip(shares, parted(minor, [share for _, share in shares]), strict=True):
        rep = organisation.rep_of(named, at_ms)
        teams = organisation.shares_of(rep, at_ms) if rep in organisation.sharing else ()
        if not teams:
            found.append((organisation.place(named, at_ms), part))
            continue
        pieces = parted(part, [share for _, share in teams])
        for (team, _), piece in zip(teams, pieces, strict=True):
            known = team if organisation.knows_team(team, at_ms) else UNASSIGNED
            found.append(((known, rep), piece))
    return found


def next_move_ms(named: str, at_ms: int, organisation: Organisation) -> int | None:
    """When credit of an id may go elsewhere next, after an instant up to `now_ms`; None: not up to `now_ms`."""
    _, moved_ms = organisation.place_until(named, at_ms)
    ends = [] if moved_ms is None else [moved_ms]
    rep = organisation.rep_of(named, at_ms)
    if rep in organisation.sharing:
        told = (organisation.get(f"team:{team}") or {} for team in organisation.teams_ever(rep))
        ended = (record.get("ended_at") for record in told)
        ends += [end_ms for end_ms in ended if end_ms is not None and at_ms < end_ms <= organisation.now_ms]
    return min(ends, default=None)
