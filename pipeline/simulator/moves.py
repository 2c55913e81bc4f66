"""What changes on the floor itself: reps who move to another team, and reps who are away for a while."""

from pipeline.organisation.days import MINUTE_MS
from pipeline.simulator.calls import set_phone
from pipeline.simulator.world import Rep, World
from schemas.events import iso

REASONS = ("coaching", "lunch", "meeting", "pause")
"""Why a rep is away, as the dialer has it."""


def move_rep(world: World, rep: Rep, now_ms: int) -> None:
    """A rep joins another team, from now on or, entered late, since some hours ago."""
    others = [team for team in world.floor.teams if team.reps and team.id != rep.team.id and not team.inbound]
    if rep.team.inbound or not others:
        return
    rep.team = world.random.choice(others)
    since_ms = now_ms - world.random.choice((0, world.random.randint(0, 240) * MINUTE_MS))
    data = {"rep_id": rep.id, "team_id": rep.team.id, "valid_from": iso(since_ms)}
    world.send(f"membership:{world.new_id()}", now_ms, data)


def go_quiet(world: World, rep: Rep, now_ms: int, until_ms: int) -> None:
    """A rep is away: nothing is heard of them until an instant."""
    rep.quiet_until_ms = until_ms
    set_phone(world, rep, now_ms, "break", reason=world.random.choice(REASONS))
    set_phone(world, rep, rep.quiet_until_ms, "available")
