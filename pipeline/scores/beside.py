"""What stands beside the figures of a home, and follows from the organisation alone."""

from typing import NamedTuple

NOBODY: frozenset[str] = frozenset()


class Beside(NamedTuple):
    """As it stands now. Texts are JSON as readers get it, and empty where there is nothing.

    `ranked` are the reps whom ranks show, `ramping` those who are in ramp and so in no ranks, `absent` those who are
    absent. `industry` are the figures of an industry, `special_day` is the special day that a team has today, `limits`
    are those that rules hold the team's figures against.
    """

    ranked: frozenset[str] = NOBODY
    ramping: frozenset[str] = NOBODY
    absent: frozenset[str] = NOBODY
    industry: str = ""
    special_day: str = ""
    limits: str = ""


NOTHING = Beside()
