"""Whether a share fell: how likely so few of one sample are, if it were drawn from the same as another one.

It is formed with products and quotients alone, which every machine rounds alike: so a replay decides the same.
"""

from typing import NamedTuple

NEGLIGIBLE = 1e-15


class Sample(NamedTuple):
    """So many of so many."""

    some: int
    all: int

    @property
    def share(self) -> float:
        """What part of all they are."""
        return self.some / self.all


def is_lower(recent: Sample, before: Sample, chance: float) -> bool:
    """Whether so few of the recent ones, or fewer, would come with no more than a chance: Fisher's exact test.

    Of all that are in both samples as many have the quality as there are, and any is as likely to be among the recent.
    """
    if recent.all <= 0 or before.all <= 0 or recent.some * before.all >= before.some * recent.all:
        return False
    with_it, without = recent.some + before.some, recent.all + before.all - recent.some - before.some
    least, most = max(0, recent.all - without), min(recent.all, with_it)
    weight, below = 1.0, 1.0
    for count in range(recent.some, least, -1):
        weight *= count * (without - recent.all + count) / ((with_it - count + 1) * (recent.all - count + 1))
        if weight < NEGLIGIBLE * below:
            break
        below += weight
    weight, total = 1.0, below
    for count in range(recent.some, most):
        weight *= (with_it - count) * (recent.all - count) / ((count + 1) * (without - recent.all + count + 1))
        total += weight
        if below <= chance * total:
            return True
        if weight < NEGLIGIBLE * total:
            break
    return below <= chance * total
