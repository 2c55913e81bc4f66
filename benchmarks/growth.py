"""How the cost of an event grows with reps, with teams, with the windows that are touched, and with one hot team."""

from typing import Any

from benchmarks.cost import costs
from benchmarks.sizes import Sizes

REPS = (500, 5_000, 50_000)
TEAMS = (25, 500)
DAYS = (1, 28)
REPS_OF_THE_TEAMS = 5_000
HOT = 10


def run(sizes: Sizes) -> dict[str, Any]:
    """One property after the other; the other ones stay as they are in the whole job."""
    reps = {f"{reps} reps": {"reps": reps} for reps in REPS if reps <= sizes.most_reps}
    teams = {f"{teams} teams": {"teams": teams, "reps": REPS_OF_THE_TEAMS} for teams in TEAMS}
    days = {f"{days} days": {"stretch": max(1, days * 8_640_000 // sizes.growth_events)} for days in DAYS}
    return {
        "events": sizes.growth_events,
        "reps": costs(sizes, reps),
        "teams": costs(sizes, teams),
        "days": costs(sizes, {"minutes": {}, **days}),
        "hot_team": costs(sizes, {"even": {}, f"{HOT} times": {"hot": HOT}}),
    }
