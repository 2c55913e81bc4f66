"""Coaching, ratings and pulse surveys of the last weeks."""

from pipeline.organisation.days import DAY_MS
from pipeline.simulator.world import World
from schemas.events import iso

WEEKS = 6
RATINGS = 8


def write_observed(world: World, start_ms: int) -> None:
    """Each week a survey of each team and a talk with every other rep; ratings of calls, and by customers."""
    teams = [team for team in world.floor.teams if team.reps]
    for week in range(WEEKS):
        for team in teams:
            _survey(world, team.id, team.reps, start_ms - (7 * week + 1) * DAY_MS)
        for number, rep in enumerate(world.reps):
            if (number + week) % 2 == 0:
                name = world.random.choice(("one_to_one", "one_to_one", "coaching_session"))
                _observed(world, rep.id, name, start_ms - (7 * week + number % 5 + 1) * DAY_MS)
    for rep in world.reps:
        for _ in range(RATINGS):
            at_ms = start_ms - world.random.randint(1, 7 * WEEKS) * DAY_MS
            if rep.team.inbound:
                stars = {"value": world.random.choices((2, 3, 4, 5), (1, 2, 5, 6))[0], "scale": 5}
                _observed(world, rep.id, "customer_satisfaction", at_ms, **stars)
            else:
                _observed(world, rep.id, "call_quality", at_ms, value=world.random.randint(60, 98), scale=100)


def _survey(world: World, team: str, reps: int, ends_ms: int) -> None:
    answered = world.random.randint(max(1, reps - 2), reps)
    promoters = world.random.randint(0, answered)
    detractors = world.random.randint(0, min(2, answered - promoters))
    data = {"team_id": team, "ends_at": iso(ends_ms), "invited": reps, "promoters": promoters}
    data |= {"detractors": detractors, "passives": answered - promoters - detractors}
    world.send(f"survey:{world.new_id()}", ends_ms, data)


def _observed(world: World, rep: str, name: str, at_ms: int, **told: int) -> None:
    data = {"name": name, "rep_id": rep, "observed_at": iso(at_ms), **told}
    world.send(f"observation:{world.new_id()}", at_ms, data)
