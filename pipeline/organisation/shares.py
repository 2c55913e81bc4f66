"""Shares: how an amount is parted so that the parts add up to it."""

from collections.abc import Sequence


def parted(minor: int, shares: Sequence[int]) -> list[int]:
    """The parts of an amount in the ratio of shares, in their order; whole units that add up to the amount.

    What rounding down leaves goes to the largest remainders, a unit each, of equal ones to the first. An amount below
    nothing has the parts of the same above, negated: so what is taken back is what was given.
    """
    total, amount = sum(shares), abs(minor)
    parts = [amount * share // total for share in shares]
    left = amount - sum(parts)
    by_remainder = sorted(range(len(shares)), key=lambda number: -(amount * shares[number] % total))
    for number in by_remainder[:left]:
        parts[number] += 1
    return parts if minor >= 0 else [-part for part in parts]
